use super::words;

words! {
    /// How it stands.
    OverviewWords {
        pace: "Requests a minute", "每分钟请求";
        in_flight: "Attempts under way", "进行中的尝试";
        keys: "Keys", "密钥";
        tokens: "Client tokens", "令牌";
        health: "Pool health", "密钥池健康";
        forecast: "Today's quota", "今日配额";
        model: "Model", "模型";
        used: "Used today", "今日已用";
        left: "Left, as far as known", "已知剩余";
        prospect: "Prospect", "预测";
        empty_at: "empty at {} at this rate", "按当前速度 {} 用尽";
        lasts_until: "lasts until it is renewed at {}", "可用至 {} 重置";
        limits_unknown: "{} daily limits not known yet", "{} 个每日上限尚未得知";
        no_forecast: "No model was asked for yet.", "尚未请求任何模型。";
        attention: "Needs attention", "需要注意";
        all_well: "Nothing. All is well.", "没有，一切正常。";
        no_keys: "The pool has no keys.", "密钥池中没有密钥。";
        no_tokens: "No client token exists, so nobody gets in.", "没有任何令牌，因此无人可以访问。";
        invalid: "Keys that Google refuses ({}): {}", "被 Google 拒绝的密钥（{}）：{}";
        ways_down: "Ways out to Google that are down: {}", "不可用的出口：{}";
        ways_worse: "Ways out that fail far more often than the others: {}", "失败率远高于其他的出口：{}";
        backup_failed: "The last backup by the clock failed.", "最近一次定时备份失败。";
        newer: "A newer version is available: {}", "有新版本：{}";
        show_failed: "Show them", "查看";
        recent: "Last requests", "最近请求";
        no_requests: "No requests yet.", "还没有请求。";
    }
}
