use super::words;

words! {
    /// The program and its sessions.
    SystemWords {
        about: "About", "关于";
        version: "Version", "版本";
        started: "Started", "启动于";
        machine: "System", "系统";
        bundle: "Copy a report for others", "复制诊断报告";
        bundle_copied: "Copied. It holds no secrets.", "已复制，其中不含机密。";
        database: "Database", "数据库";
        sessions: "Sessions", "会话";
        who: "Who", "用户";
        address: "Address", "地址";
        browser: "Browser", "浏览器";
        signed_in: "Signed in", "登录时间";
        seen: "Last seen", "最近活动";
        end: "End", "结束";
        this_one: "this one", "当前会话";
        backup: "Backup", "备份";
        backup_about: "Keys, client tokens, settings, administrators and what was learned, in one file. It can be restored into any kind of database, here or with the command restore.", "密钥、令牌、设置、管理员以及已学到的信息，存于一个文件。可在此处或用 restore 命令恢复到任何种类的数据库。";
        restore: "Restore, or import", "恢复或导入";
        passphrase: "Passphrase", "口令";
        passphrase_hint: "At least 12 characters. It seals the secrets in the file; without it they are lost.", "至少 12 个字符，用于加密文件中的机密；遗失后无法恢复。";
        download: "Download", "下载";
        diagnostics: "Diagnostics", "诊断";
        diagnostics_about: "Looks at settings, database, keys, clock, Redis, and at Google through each proxy.", "检查设置、数据库、密钥、时钟、Redis，以及经由每个代理到 Google 的连接。";
        examine: "Look for problems", "检查问题";
        again: "Look again", "重新检查";
        checked: "What", "项目";
        state: "State", "状态";
        found: "What was found", "结果";
        well: "ok", "正常";
        could_be_better: "warning", "警告";
        broken: "broken", "故障";
        notifications: "Notifications", "通知";
        notifications_help: "Dead keys, an empty pool, quotas that will not last and bursts of errors are told through the channels set up in", "密钥失效、密钥池耗尽、额度不足和错误激增会通过以下设置中的渠道通知：";
        no_channel: "No channel is configured.", "尚未配置任何渠道。";
        sent: "sent", "已发送";
        not_sent: "not sent", "未发送";
        send_test: "Send a test", "发送测试";
        licences: "Libraries in this page", "页面所用的库";
    }
}
