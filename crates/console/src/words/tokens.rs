use super::words;

words! {
    /// The clients' tokens.
    TokensWords {
        about: "Whoever holds a token may use the gateway. Only its digest is stored, so it is shown once.", "持有令牌即可使用此网关。仅保存摘要，因此只显示一次。";
        create: "Create token", "创建令牌";
        name: "Name", "名称";
        name_hint: "Who or what uses it.", "由谁或什么使用。";
        tags: "Only keys with one of these labels", "仅使用带有这些标签的密钥";
        tags_hint: "Empty: all keys.", "留空则使用全部密钥。";
        token: "Token", "令牌";
        created: "Created", "创建时间";
        last_used: "Last used", "最近使用";
        state: "State", "状态";
        in_use: "in use", "使用中";
        revoked: "revoked", "已吊销";
        revoke: "Revoke", "吊销";
        sure: "Revoke this token? Its clients are refused at once, for good.", "吊销此令牌？其客户端将立即且永久被拒绝。";
        none: "No tokens yet", "还没有令牌";
        none_about: "Create your first one: every client needs one.", "创建第一个令牌：每个客户端都需要。";
        created_title: "Copy it now: it is not shown again", "请立即复制，之后不再显示";
        connect: "Connect a client", "连接客户端";
        done: "To the tokens", "返回令牌列表";
        all_keys: "all keys", "全部密钥";
        requests: "Requests", "请求";
    }
}
