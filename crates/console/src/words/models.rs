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
        prices_as_of: "Prices are Google's of {}, or yours of MODEL_PRICES.", "价格为 Google {} 的标价，或您在 MODEL_PRICES 中的设定。";
    }
}
