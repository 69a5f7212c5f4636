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
        notifications: "Notifications", "通知";
        notifications_help: "Dead keys, an empty pool, quotas that will not last and bursts of errors are told through the channels of the", "密钥失效、密钥池耗尽、额度不足和错误激增会通过以下设置中的渠道通知：";
        no_channel: "No channel is configured.", "尚未配置任何渠道。";
        sent: "sent", "已发送";
        not_sent: "not sent", "未发送";
        send_test: "Send a test", "发送测试";
        licences: "Libraries in this page", "页面所用的库";
    }
}
