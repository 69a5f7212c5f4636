use super::words;

words! {
    /// The models.
    ModelsWords {
        title: "Models", "模型";
        about: "Models that Google lists or that were asked for in the last 30 days, and how their quota stands today.", "Google 列出的模型和最近 30 天请求过的模型，以及今日的配额情况。";
        looked: "Google's list was looked at", "Google 列表更新于";
        never_looked: "Google's list has not been looked at yet.", "尚未读取 Google 的列表。";
        refresh: "Look at Google's list", "刷新 Google 列表";
        no_key: "No key is valid yet", "还没有有效的密钥";
        no_key_about: "Google lists its models to those who have a valid key. Add one, or see why those that are there are out.", "只有有效的密钥才能读取 Google 的模型列表。请添加密钥，或查看现有密钥失效的原因。";
        keys: "Keys", "密钥";
        choose: "Choose", "选择";
        choose_all: "Choose all models", "选择全部模型";
        chosen: "{} selected", "已选 {} 个";
        new: "new", "新";
        retires_on: "shut down on {}", "将于 {} 停用";
        retired_on: "was to be shut down on {}", "原定 {} 停用";
        retiring_about: "Of models without a date of shutdown, none was known when this version was made, and Google's list names none.", "未标注停用日期的模型：本版本发布时尚无公布日期，Google 列表中也未给出。";
        about_it: "About this model", "关于此模型";
        family: "Family", "系列";
        context: "Reads at most", "最大输入";
        max_output: "Writes at most", "最大输出";
        tokens: "{} tokens", "{} 个词元";
        first_seen: "In Google's list since", "首次出现于 Google 列表";
        not_listed: "Not in Google's list", "不在 Google 列表中";
        retires: "Shutdown", "停用日期";
        no_date: "No date is known.", "尚无已知日期。";
        instead: "Use {} instead.", "请改用 {}。";
        methods: "Methods", "方法";
        variants: "Also offered as", "也提供为";
        unknown: "not known", "未知";
        limits: "Limits of a project", "单个项目的限额";
        no_limits: "No limit is known: Google names one when it refuses something, and QUOTA_LIMITS may declare some.", "尚无已知限额：Google 会在拒绝请求时告知，也可在 QUOTA_LIMITS 中声明。";
        tier: "Tier", "层级";
        window: "Window", "窗口";
        limit: "Limit", "限额";
        source: "Whose word", "来源";
        declared: "declared in QUOTA_LIMITS", "在 QUOTA_LIMITS 中声明";
        learned: "learned from Google's refusals ({} projects)", "从 Google 的拒绝中得知（{} 个项目）";
        published: "seen for one free project, not guaranteed", "取自某个免费项目，不保证准确";
        free: "free", "免费";
        rpm: "requests a minute", "每分钟请求";
        tpm: "tokens a minute", "每分钟词元";
        rpd: "requests a day", "每日请求";
        tpd: "tokens a day", "每日词元";
        other_window: "other", "其他";
        test: "Test on 3 random keys", "随机用 3 个密钥测试";
        tested: "The last test", "最近一次测试";
        test_running: "The test goes on.", "测试进行中。";
        open_results: "Open the results", "查看结果";
        up: "Move {} up", "上移 {}";
        down: "Move {} down", "下移 {}";
        take_away: "Take {} away", "移除 {}";
        order_hint: "They are asked in this order; Alt+↑ and Alt+↓ move one.", "按此顺序请求；Alt+↑ / Alt+↓ 可移动。";
        add_fallback: "Add a stand-in", "添加替补";
        all_at_once: "All at once", "整体编辑";
        none: "No model was asked for yet", "尚未请求任何模型";
        none_about: "Send a first request, and its model appears here.", "发送第一个请求后，其模型会显示在这里。";
        last_day: "Requests, 24 h", "24 小时请求";
        last_month: "30 days", "30 天";
        success: "Success", "成功率";
        first_byte: "First byte, half within", "首字节（50% 在）";
        price: "Per million tokens", "每百万 Token";
        price_of: "${} read, ${} written", "读 ${}，写 ${}";
        requests: "Its requests", "相关请求";
        try_it: "Try it", "试用";
        hidden: "hidden", "已隐藏";
        hide: "Hide", "隐藏";
        show: "Offer it again", "重新提供";
        who_serves: "Who can serve it now", "当前可服务的密钥";
        not_asked: "Nobody has asked for it today.", "今天尚未被请求。";
        numbers: "What came", "请求情况";
        today: "Requests today", "今日请求";
        minute_requests: "This minute", "本分钟";
        minute_tokens: "Tokens this minute", "本分钟词元";
        used_of: "{} / {}", "{} / {}";
        open_in: "Open again in", "恢复剩余";
        open: "open", "可用";
        names: "Names and stand-ins", "名称与替补";
        no_aliases: "No other name leads to it.", "没有其他名称指向它。";
        answers_for: "It answers in place of {} when those cannot.", "当 {} 无法应答时由它代替。";
        alias: "Another name for it", "添加别名";
        alias_hint: "Clients that ask for this name get this model (MODEL_ALIASES).", "请求此名称的客户端将得到该模型（MODEL_ALIASES）。";
        add_alias: "Add the name", "添加别名";
        unalias: "Take away", "移除";
        fallbacks: "Models that answer when it cannot", "无法应答时的替补模型";
        fallbacks_hint: "In this order, separated by commas (MODEL_FALLBACKS). Empty: none.", "按顺序以逗号分隔（MODEL_FALLBACKS）。留空则没有。";
        save: "Save", "保存";
        prices_as_of: "Prices are Google's of {}, or yours of MODEL_PRICES.", "价格为 Google {} 的标价，或您在 MODEL_PRICES 中的设定。";
    }
}

impl ModelsWords {
    /// A window of a quota, for people.
    pub(crate) fn window(&self, window: keypool::Window) -> &'static str {
        match window {
            keypool::Window::MinuteRequests => self.rpm,
            keypool::Window::MinuteTokens => self.tpm,
            keypool::Window::DayRequests => self.rpd,
            keypool::Window::DayTokens => self.tpd,
            _ => self.other_window,
        }
    }
}
