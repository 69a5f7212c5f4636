use super::words;

words! {
    /// What requests came to.
    TrafficWords {
        title: "Traffic", "流量";
        range: "How far back", "时间范围";
        requests: "Requests", "请求";
        success: "Success", "成功率";
        rescued_of: "{} rescued by another attempt, {} failed", "{} 次经重试成功，{} 次失败";
        tokens: "Tokens", "Token 数";
        tokens_of: "{} read, {} written, {} thought", "读取 {}，写出 {}，思考 {}";
        cached_of: "{} of those read from cache", "其中 {} 来自缓存";
        value: "List-price value", "按标价计的价值";
        prices_of: "What the same would have cost at Google's published prices of {}", "相同用量按 Google {} 公布的价格计算";
        than_before: "{} in the period before", "上一周期为 {}";
        first_byte: "First byte", "首字节";
        duration: "Whole answer", "完整回答";
        half: "Half within", "50% 在";
        most_of: "95% within", "95% 在";
        nearly_all: "99% within", "99% 在";
        at_once: "Served at once", "一次成功";
        rescued: "Rescued by another attempt", "经重试成功";
        failed: "Failed", "失败";
        most: "at most {} in a step", "单格最多 {}";
        chart: "Requests step by step, at most {} in one", "按时间分格的请求数，单格最多 {}";
        step: "{} requests, {} rescued, {} failed", "{} 次请求，{} 次经重试成功，{} 次失败";
        drag: "Drag over it for its requests", "拖动选择以查看请求";
        as_table: "View as table", "以表格查看";
        since: "Since", "起始";
        busiest_models: "Busiest models", "请求最多的模型";
        busiest_clients: "Busiest clients", "请求最多的令牌";
        name: "Name", "名称";
        share: "Share", "占比";
        busiest_errors: "Most frequent errors", "最常见的错误";
        error: "Error", "错误";
        times: "Times", "次数";
        no_errors: "No attempt failed in this time.", "此时间段内没有失败的尝试。";
        marks: "Configuration or version changed", "配置或版本变更";
        mark_settings: "{} changed {}", "{} 修改了 {}";
        mark_version: "Version {} began", "版本 {} 启动";
        mark_import: "{} brought data in", "{} 导入了数据";
        nothing: "No requests in this time.", "此时间段内没有请求。";
        last_month: "Last 30 days", "最近 30 天";
    }
}
