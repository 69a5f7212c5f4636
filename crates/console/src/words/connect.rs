use super::words;

words! {
    /// Connecting clients.
    ConnectWords {
        token: "Token", "令牌";
        connect: "Connect", "连接";
        once: "Copy it now: it is not shown again", "请立即复制，之后不再显示";
        for_phones: "As a QR code, for phones", "二维码（供手机扫描）";
        picture_of: "QR code with the token", "含令牌的二维码";
        your_token: "Your token", "你的令牌";
        your_token_about: "Only its digest is stored. Paste it here to see it in the settings below and to use links: it stays in this browser until you follow a link.", "此处仅保存摘要。粘贴令牌后，下方配置会自动填入，并可使用链接；在点击链接之前它只留在浏览器中。";
        lost: "Lost? Give it another secret", "遗失了？更换密钥";
        not_in_use: "This token lets nobody in.", "此令牌无法使用。";
        which: "Client", "客户端";
        settings_of: "Settings of {}", "{} 的配置";
        open_in: "Open in {}", "在 {} 中打开";
        site_warning: "This opens a web site of somebody else, and hands it the token.", "这会打开第三方网站，并把令牌交给它。";
        needs_token: "Paste the token first.", "请先粘贴令牌。";
        addresses: "Any other client", "其他客户端";
        addresses_about: "Needs one of these addresses, and the token as its key. Some add /v1 themselves: if you see 404, add or remove it. In a container, localhost is the container itself.", "需要以下地址之一，并以令牌作为密钥。部分客户端会自动添加 /v1：若出现 404，请添加或去掉它。在容器中，localhost 指容器自身。";
        try_it: "Send a test message", "发送测试消息";
        try_about: "Goes through the public address as this token's clients do: with its limits, and into the log.", "与该令牌的客户端一样经由公开接口：受其限制约束，并记入日志。";
        model: "Model", "模型";
        send: "Send", "发送";
        in_the_log: "in the log", "查看日志";
        to_tokens: "To the tokens", "返回令牌列表";
        helps_400: "The message says what was refused; often the model does not do this.", "消息说明了被拒绝的原因，通常是该模型不支持。";
        helps_401: "The token has expired or was revoked. Make another one.", "令牌已过期或被吊销，请创建新的令牌。";
        helps_403: "This token may not use this model, or the keys may not: look at its limits, and check the keys.", "令牌或密钥无权使用该模型：请查看令牌限制并检测密钥。";
        helps_404: "There is no such model for these keys. Choose another one.", "这些密钥没有该模型，请选择其他模型。";
        helps_429: "A limit was reached: of this token, or the quota of all keys. Wait, or add keys.", "达到了令牌限制或所有密钥的配额。请稍候，或添加密钥。";
        helps_503: "No key can serve: add keys, or check those that are there.", "没有可用的密钥：请添加密钥或检测现有密钥。";
        helps_otherwise: "The request's page in the log shows each attempt.", "日志中的请求页面会显示每次尝试。";
        habit_claude_code: "Adds /v1/messages itself. Without the two models it asks for Claude's, and CLAUDE_MODELS says which answer.", "会自动添加 /v1/messages。若不设置这两个模型，它会请求 Claude 的模型，由 CLAUDE_MODELS 决定实际模型。";
        habit_codex: "Speaks the Responses API only: wire_api must be \"responses\".", "仅支持 Responses API：wire_api 必须为 \"responses\"。";
        habit_gemini_cli: "The file is needed: without it the address is taken for a sign-in of another kind. Versions before April 2026 ignored the address in some modes.", "需要该文件，否则地址会被当作其他登录方式。2026 年 4 月之前的版本在某些模式下会忽略该地址。";
        habit_adds_version: "Adds /v1 itself: give the address without it.", "会自动添加 /v1，请填写不含 /v1 的地址。";
        habit_chatbox: "Adds /v1/chat/completions itself.", "会自动添加 /v1/chat/completions。";
        habit_bare: "Give the address as it is shown; menus change their names.", "请按所示填写地址；菜单名称可能变化。";
        habit_wants_version: "Wants the /v1.", "地址需要包含 /v1。";
        habit_container: "Wants the /v1. From its container, localhost is not this gateway: use its name, or host.docker.internal.", "地址需要包含 /v1。在其容器中 localhost 不是此网关：请使用网关的名称或 host.docker.internal。";
        habit_langchain: "OpenAI's class wants the /v1, Google's does not.", "OpenAI 的类需要 /v1，Google 的类不需要。";
        habit_adds_own: "Adds its own path: give the address without one.", "会自动添加自己的路径，请填写不含路径的地址。";
        habit_curl: "The least that can work: good for finding out where a fault lies.", "最简单的方式，适合排查问题。";
    }
}
