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
        no_trail: "Under load not every decision is explained. This one was not.", "高负载时不会解释每次决策，此请求未被解释。";
    }
}
