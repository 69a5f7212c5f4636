use super::words;

words! {
    /// The program and its sessions.
    SystemWords {
        about: "About", "关于";
        version: "Version", "版本";
        database: "Database", "数据库";
        sessions: "Sessions", "会话";
        who: "Who", "用户";
        address: "Address", "地址";
        browser: "Browser", "浏览器";
        signed_in: "Signed in", "登录时间";
        seen: "Last seen", "最近活动";
        end: "End", "结束";
        this_one: "this one", "当前会话";
        licences: "Libraries in this page", "页面所用的库";
    }
}
