use super::words;

words! {
    /// Failed attempts put together, and what people decide of them.
    ErrorsWords {
        state: "State", "状态";
        open: "Open", "未处理";
        ignored: "Ignored", "已忽略";
        resolved: "Resolved", "已解决";
        all: "All", "全部";
        ignore: "Ignore", "忽略";
        resolve: "Resolve", "标记为已解决";
        reopen: "Take back", "撤回";
        ignored_by: "Ignored by {}", "由 {} 忽略";
        resolved_by: "Resolved by {}; it comes back if it happens again", "由 {} 标记为已解决；再次出现时会重新显示";
        first: "First", "首次";
        met: "Concerns", "涉及";
        met_of: "Keys: {}, clients: {}", "密钥：{}，客户端：{}";
        of_newest: "(of the newest {})", "（最近 {} 次）";
        verify: "Verify the keys", "检测这些密钥";
        disable: "Disable the keys", "停用这些密钥";
        disable_sure: "Disable the keys that met this error ({})? They can be enabled again on the Keys page.", "停用遇到此错误的密钥（{}）？之后可在密钥页重新启用。";
        trend_of: "How it went in this time, {} in sum", "此时间段内的走势，共 {} 次";
        none_here: "No group has this state", "没有处于此状态的分组";
        all_groups: "All groups", "所有分组";
    }
}
