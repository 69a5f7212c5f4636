use super::words;

words! {
    /// What clients have made at Google.
    FilesWords {
        title: "Files and resources", "文件与资源";
        about: "What clients have made at Google: each exists in the project of one key, and belongs to the client token that made it.", "客户端在 Google 创建的内容：每一项只存在于某个密钥的项目中，并归创建它的令牌所有。";
        all: "All", "全部";
        live: "Live", "有效";
        working: "Working", "处理中";
        failed: "Failed", "失败";
        unreachable: "Unreachable", "无法访问";
        expired: "Expired", "已过期";
        state: "State", "状态";
        name: "Name", "名称";
        kind: "Type", "类型";
        any_kind: "Any type", "所有类型";
        any_token: "Any client", "所有客户端";
        any_project: "Any project", "所有项目";
        project: "Project", "项目";
        key: "Key", "密钥";
        client: "Client", "客户端";
        size: "Size", "大小";
        expires: "Expires in", "剩余时间";
        made: "Made", "创建时间";
        per_page: "{} a page", "每页 {} 条";
        page_of: "Page {} of {}", "第 {} / {} 页";
        filter: "Filter", "筛选";
        choose: "Choose", "选择";
        choose_page: "Choose all on this page", "选择本页全部";
        chosen: "{} selected", "已选 {} 个";
        choose_all: "Select all {} matching", "选择全部 {} 个匹配项";
        delete: "Delete", "删除";
        forget: "Forget", "移除记录";
        sure: "Google is asked to delete them, through the key that made each, and they are forgotten here. This cannot be undone. What no key reaches stays: it can only be forgotten.", "将通过各自的密钥请求 Google 删除，并移除本地记录。此操作无法撤销。没有密钥可访问的内容无法删除，只能移除记录。";
        forget_sure: "They are forgotten here and stay at Google until they expire. No client can use them through this gateway any more.", "仅移除本地记录，内容在 Google 保留至过期。客户端将无法再通过此网关使用它们。";
        clean: "Clean expired", "清理已过期";
        no_key: "the key has left the pool", "密钥已不在池中";
        no_key_reaches: "No key reaches it: the one that made it is dead, disabled or gone, and no other is known to be of its project.", "没有密钥可访问：创建它的密钥已失效、停用或移除，且没有已知的同项目密钥。";
        gone_client: "a revoked client", "已吊销的令牌";
        never: "never", "永不";
        over: "over", "已过期";
        room: "Room for files, by project", "各项目的文件空间";
        room_about: "Google keeps 20 GB of files for each project.", "Google 为每个项目保留 20 GB 文件空间。";
        files: "{} files", "{} 个文件";
        used_of: "{} of {}", "{} / {}";
        project_of: "the project of {}", "{} 所属项目";
        nothing: "Nothing matches", "没有匹配项";
        clear: "Clear the filters", "清除筛选";
        none: "Nothing was made yet", "还没有任何资源";
        none_about: "Files, caches, batches and the like that clients make through this gateway appear here, with the key that must serve them. Upload a file to try it:", "客户端通过此网关创建的文件、缓存、批处理等会显示在这里，以及必须为其服务的密钥。上传一个文件试试：";
        file: "File", "文件";
        upload: "Upload under way", "上传中";
        cache: "Cache", "缓存";
        batch: "Batch", "批处理";
        operation: "Operation", "长任务";
        store: "Store", "文件库";
        interaction: "Interaction", "会话";
        generated_file: "Generated file", "生成的文件";
        tuned_model: "Tuned model", "调优模型";
        video: "Film", "视频";
    }
}
