use super::words;

words! {
    /// Work at the server.
    JobsWords {
        none: "No work was asked for since the start", "启动以来没有任务";
        verify: "Verifying keys", "检测密钥";
        enable: "Enabling keys", "启用密钥";
        disable: "Disabling keys", "停用密钥";
        remove: "Deleting keys", "删除密钥";
        tag: "Tagging keys", "为密钥添加标签";
        add: "Adding keys", "添加密钥";
        reset: "Resetting keys", "重置密钥";
        pause: "Leaving keys alone", "暂停密钥";
        delete: "Delete", "删除";
        delete_sure: "Delete these keys? The job that does it can be undone.", "删除这些密钥？可在任务页面撤销。";
        type_number: "Type {} to go on", "输入 {} 以继续";
        delete_files: "Deleting files and resources", "删除文件与资源";
        forget_files: "Forgetting files and resources", "移除文件与资源的记录";
        test_proxies: "Testing proxies", "测试代理";
        delete_requests: "Deleting requests from the log", "从日志中删除请求";
        piece: "Rows of the log", "日志行";
        deleted: "Deleted requests", "删除的请求数";
        test_model: "Testing a model", "测试模型";
        file: "Name", "名称";
        proxy: "Proxy", "代理";
        restore: "Bringing keys back", "恢复密钥";
        enable_again: "Enabling keys again", "重新启用密钥";
        untag: "Taking a label away", "移除标签";
        these_keys: "Look at these keys", "查看这些密钥";
        pace: "{} a second", "每秒 {} 个";
        left: "ends in", "剩余";
        losses: "{} live files, caches and so on were made with these keys, and no other key is known to be of their projects: no client can use them after that.", "这些密钥创建了 {} 个仍有效的文件、缓存等，且没有已知的同项目密钥：删除后客户端将无法再使用它们。";
        progress: "{} of {}", "{} / {}";
        ok: "{} ok", "{} 成功";
        failed: "{} failed", "{} 失败";
        skipped: "{} skipped", "{} 跳过";
        finished: "finished", "已完成";
        cancelled: "cancelled", "已取消";
        running: "running", "进行中";
        cancel: "Cancel", "取消";
        undo: "Undo", "撤销";
        results: "Results", "结果";
        all: "All", "全部";
        key: "Key", "密钥";
        result: "Result", "结果";
        message: "Google's words", "Google 的回应";
        delete_these: "Delete these {}", "删除这 {} 个";
        forget_these: "Forget these {}", "移除这 {} 个的记录";
        by: "asked for by {}", "由 {} 发起";
    }
}
