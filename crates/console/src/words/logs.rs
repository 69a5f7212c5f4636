use super::words;

words! {
    /// The requests.
    LogsWords {
        request: "Request", "请求";
        model: "Model", "模型";
        id: "Request id", "请求 ID";
        failed_only: "Failed only", "仅失败";
        everything: "Everything", "全部";
        outcome: "Outcome", "结果";
        range: "Range", "时间范围";
        all_time: "All time", "全部时间";
        filter: "Filter", "筛选";
        nothing: "No request matches", "没有匹配的请求";
        nothing_about: "Requests appear here a moment after they are answered.", "请求完成后即会出现在这里。";
        clear: "Clear the filter", "清除筛选";
        older: "Older requests", "更早的请求";
        facts: "What happened", "经过";
        key: "Key", "密钥";
        error: "Error", "错误";
        prompt: "Prompt tokens", "输入词元";
        completion: "Answer tokens", "输出词元";
        thoughts: "Thought tokens", "思考词元";
        cached: "Cached tokens", "缓存词元";
        trail: "Why this key, and what became of each attempt", "为何选此密钥，以及每次尝试的结果";
        attempts: "Attempts", "尝试";
        number: "No.", "序号";
        course: "When", "时间轴";
        chosen_for: "Chosen", "选中原因";
        took: "Took", "耗时";
        hedge: "beside the one before", "与上一次并行";
        after: "after {}", "{} 后";
        waited: "waited {} in turn", "排队等待 {}";
        census: "{} of {} keys could serve", "{} / {} 个密钥可用";
        skipped: "{}: {} keys, such as", "{}：{} 个密钥，例如";
        frees: "free again", "恢复于";
        passed_over: "Models asked in vain", "请求失败的模型";
        raw: "As it is kept, in JSON", "原始 JSON 记录";
        key_id: "Key id", "密钥 ID";
        token_id: "Token id", "令牌 ID";
        code: "Status: 429, 5xx", "状态码：429、5xx";
        min_ms: "At least ms", "最少毫秒";
        any_dialect: "Any API", "所有协议";
        earlier: "Earlier", "更早";
        later: "Later", "更晚";
        hold: "Hold", "暂停";
        held: "{} new", "{} 条新请求";
        live: "Live", "实时";
        live_off: "Stop following", "停止跟随";
        errors: "Errors", "错误";
        all_requests: "All requests", "全部请求";
        errors_none: "Nothing failed in this time", "此时间段内没有失败";
        errors_none_about: "Attempts that fail are grouped here by what went wrong, with what helps.", "失败的尝试会按原因归类显示在这里，并给出处理办法。";
        times: "Times", "次数";
        last: "Last", "最近一次";
        keys_met: "Keys", "密钥数";
        said: "What Google said last", "Google 最近的回复";
        their_requests: "Requests that met it", "涉及的请求";
        show_requests: "Show them", "查看";
        replay: "Ask again in the playground", "在操练场中重试";
        what_to_do: "What helps", "处理办法";
        show_request: "Show that request", "查看该请求";
        no_trail: "Under load not every decision is explained. This one was not.", "高负载时不会解释每次决策，此请求未被解释。";
    }
}
