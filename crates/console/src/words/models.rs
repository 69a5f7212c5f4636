use super::words;

words! {
    /// The models.
    ModelsWords {
        title: "Models", "模型";
        about: "Models that were asked for in the last 30 days, and how their quota stands today.", "最近 30 天请求过的模型，以及今日的配额情况。";
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
        out_of_quota: "Out of quota", "配额用尽";
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
