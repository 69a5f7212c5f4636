use super::words;

words! {
    /// The audit log.
    AuditWords {
        about: "What was done here, by whom and to what. Secrets are never in it.", "谁在何时对什么做了什么。其中绝无机密。";
        at: "Time", "时间";
        actor: "Who", "操作者";
        action: "What", "操作";
        object: "To what", "对象";
        detail: "Details", "详情";
        field: "Field", "字段";
        before: "Before", "修改前";
        after: "After", "修改后";
        nothing_there: "nothing", "无";
        secret: "a secret, which is not written down", "机密，不予记录";
        filter: "Filter", "筛选";
        range: "Range", "时间范围";
        all_time: "All time", "全部时间";
        nothing: "Nothing matches", "没有匹配的记录";
        clear: "Clear the filter", "清除筛选";
        older: "Older entries", "更早的记录";
    }
}
