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
        limits: "Used of its limits", "限额使用情况";
        no_limits: "no limits", "不限";
        expires_at: "Expires", "到期时间";
        note: "Note", "备注";
        state: "State", "状态";
        in_use: "in use", "使用中";
        revoked: "revoked", "已吊销";
        revoke: "Revoke", "吊销";
        sure: "Revoke this token? Its clients are refused at once, for good.", "吊销此令牌？其客户端将立即且永久被拒绝。";
        duplicate: "Another like it", "创建相同的令牌";
        choose: "Choose {}", "选择 {}";
        revoke_chosen: "Revoke the chosen", "吊销所选";
        revoke_sure: "Revoke all chosen tokens? Their clients are refused at once, for good.", "吊销所有所选令牌？其客户端将立即且永久被拒绝。";
        find: "Name, label or end of the token", "名称、标签或令牌结尾";
        nothing: "No token matches", "没有匹配的令牌";
        clear: "Clear the filter", "清除筛选";
        none: "No tokens yet", "还没有令牌";
        none_about: "Create your first one: every client needs one.", "创建第一个令牌：每个客户端都需要。";
        connect: "Connect", "连接";
        all_keys: "all keys", "全部密钥";
        requests: "Requests", "请求";
        expired: "expired", "已过期";
        edit: "What it may use", "使用限制";
        edit_hint: "What is empty is not limited.", "留空表示不限制。";
        save: "Save", "保存";
        models: "Only these models", "仅限这些模型";
        models_hint: "Separated by commas; * stands for anything.", "以逗号分隔；* 代表任意内容。";
        expires: "Expires with the day (UTC)", "于当日结束时过期（UTC）";
        requests_per_minute: "Requests a minute", "每分钟请求数";
        requests_per_day: "Requests a day", "每日请求数";
        tokens_per_minute: "Tokens a minute", "每分钟 Token 数";
        tokens_per_day: "Tokens a day", "每日 Token 数";
        budget_per_day: "Dollars a day, by list price", "每日预算（美元，按标价）";
        budget_per_month: "Dollars a month, by list price", "每月预算（美元，按标价）";
        concurrency: "Requests at the same time", "并发请求数";
        used: "What it has used", "已使用";
        used_of: "{} of {}", "{} / {}";
        not_used: "It lets nobody in.", "此令牌无法使用。";
        in_flight: "At the same time", "并发";
        minute_requests: "Requests, last minute", "最近一分钟请求";
        minute_tokens: "Tokens, last minute", "最近一分钟 Token";
        day_requests: "Requests today", "今日请求";
        day_tokens: "Tokens today", "今日 Token";
        day_cost: "List price today", "今日标价费用";
        month_cost: "List price this month", "本月标价费用";
        rotate: "Another secret", "更换密钥";
        rotate_about: "The token gets a new secret, which is shown once. The one before goes on for a while, so that clients can be moved.", "令牌将获得新的密钥（仅显示一次）。旧密钥在一段时间内仍然有效，便于客户端切换。";
        overlap: "Hours for which the old one opens still", "旧密钥继续有效的小时数";
        former: "A former secret opens until", "旧密钥有效至";
    }
}
