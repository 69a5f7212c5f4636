use super::words;

words! {
    /// Filters that somebody gave a name.
    ViewsWords {
        title: "Saved views", "已保存视图";
        none: "Nothing is saved yet.", "尚未保存。";
        save: "Save this view", "保存当前视图";
        name: "Name of the view", "视图名称";
        pin: "Show in the navigation", "显示在导航中";
        pin_one: "Show {} in the navigation", "在导航中显示 {}";
        unpin_one: "Take {} out of the navigation", "从导航中移除 {}";
        forget_one: "Forget {}", "删除 {}";
    }
}
