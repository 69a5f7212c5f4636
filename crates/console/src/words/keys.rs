use super::words;

words! {
    /// The keys: their list and one of them.
    KeysWords {
        about: "{} keys. Quota is counted per Google project, not per key.", "共 {} 个密钥。配额按 Google 项目计算，而非按密钥。";
        all: "All", "全部";
        add: "Add keys", "添加密钥";
        import: "Import", "导入";
        verify: "Verify", "检测";
        enable: "Enable", "启用";
        disable: "Disable", "停用";
        remove: "Delete", "删除";
        tag: "Tag", "标签";
        tag_name: "Label", "标签名";
        search: "Filter by key, name, project…", "按密钥、名称或项目筛选…";
        any_tag: "Any tag", "所有标签";
        api: "Google API", "Google 接口";
        any_api: "Any API", "所有接口";
        gemini: "Gemini API", "Gemini API";
        vertex: "Vertex AI (express mode)", "Vertex AI（快速模式）";
        vertex_short: "Vertex", "Vertex";
        per_page: "{} a page", "每页 {} 条";
        key: "Key", "密钥";
        status: "Status", "状态";
        project: "Project", "项目";
        requests: "Attempts", "请求数";
        success: "Success", "成功率";
        last_used: "Last used", "最近使用";
        choose: "Choose", "选择";
        choose_page: "Choose all on this page", "选择本页全部";
        chosen: "{} selected", "已选 {} 个";
        choose_all: "Select all {} matching", "选择全部 {} 个匹配项";
        why: "Why?", "原因";
        nothing: "No key matches", "没有匹配的密钥";
        clear: "Clear the filters", "清除筛选";
        none: "No keys yet", "还没有密钥";
        none_about: "Paste Google API keys: lists, tables, .env files or JSON will do.", "粘贴 Google API 密钥：列表、表格、.env 文件或 JSON 均可。";
        paste: "Paste anything that holds keys. A line may say key,name,project,tag.", "粘贴任何包含密钥的文本。每行可写为：密钥,名称,项目,标签。";
        keys: "Keys", "密钥";
        tag_all: "A label for all of them", "为它们统一添加标签";
        sure_one: "Delete this key? For 30 seconds a button brings it back, and later the job's page does.", "删除此密钥？30 秒内可一键恢复，之后可在任务页面撤销。";
        sure: "Delete the chosen keys ({})? For 30 seconds a button brings them back, and later the job's page does.", "删除所选的 {} 个密钥？30 秒内可一键恢复，之后可在任务页面撤销。";
        type_number: "Type {} to go on", "输入 {} 以继续";
        meant: "{} keys are meant.", "将应用于 {} 个密钥。";
        deleted: "Keys being deleted: {}", "正在删除 {} 个密钥";
        disabled_now: "Keys being disabled: {}", "正在停用 {} 个密钥";
        tagged_now: "Keys being tagged: {}", "正在为 {} 个密钥添加标签";
        undo: "Undo", "撤销";
        changed: "{} rows are no longer where they belong: refresh", "{} 行已不符合当前筛选或排序：刷新";
        losses: "{} live files, caches and so on were made with these keys, and no other key is known to be of their projects: no client can use them after that.", "这些密钥创建了 {} 个仍有效的文件、缓存等，且没有已知的同项目密钥：删除后客户端将无法再使用它们。";
        made: "Files and resources that it made", "由它创建的文件与资源";
        page_of: "Page {} of {}", "第 {} / {} 页";
        guess: "guess", "推测";
        why_title: "Why is this key skipped?", "此密钥为何被跳过？";
        enabled: "Enabled", "已启用";
        enabled_no: "A person disabled it.", "已被人工停用。";
        valid: "Accepted by Google", "Google 接受";
        valid_no: "Google refuses it: {}.", "被 Google 拒绝：{}。";
        quota: "Quota left", "有剩余配额";
        quota_no: "{} is out of quota ({}), free again in", "{} 的配额已用尽（{}），恢复剩余";
        quotas: "Quota of its project today", "所属项目今日配额";
        quotas_about: "Counted per project and model; days end at midnight Pacific.", "按项目与模型计数；每日配额于太平洋时间午夜重置。";
        rpm: "Requests a minute", "每分钟请求";
        tpm: "Tokens a minute", "每分钟词元";
        rpd: "Requests a day", "每日请求";
        of: "{} of {}", "{} / {}";
        unlimited: "{}, limit not known", "{}，上限未知";
        history: "What was done to it", "操作历史";
        by: "by {}", "操作者：{}";
        for_model: "A request for", "请求模型";
        of_client: "of", "客户端";
        any_client: "any client", "任意客户端";
        ask: "Look", "查看";
        label_fits: "Has a label that the client asks for", "具有客户端要求的标签";
        model_allowed: "The client may ask for the model", "客户端可使用该模型";
        model_allowed_no: "The limits of the client token leave it out.", "该客户端令牌的限制不包含此模型。";
        room: "Room by our own count", "按本地计数仍有余量";
        sound: "Has not failed a moment ago", "近期未失败";
        tier_first: "No lower tier goes first", "没有更优先的层级";
        turn: "Its turn", "轮到它";
        would_be_given: "Now such a request would be given this key ({}):", "此刻这样的请求会使用（{}）：";
        would_wait: "Now such a request would have to wait until {} ({}).", "此刻这样的请求须等到 {}（{}）。";
        would_be_refused: "Now no key could serve such a request.", "此刻没有密钥可处理这样的请求。";
        previous: "Previous key", "上一个密钥";
        next: "Next key", "下一个密钥";
        not_asked: "not looked at", "未检查";
        fine: "yes", "是";
        all_models: "every model", "所有模型";
        no_model: "calls about no model", "无模型调用";
        blocks: "What its project is out of", "项目已用尽的配额";
        no_blocks: "Nothing: it can serve every model.", "无：可服务所有模型。";
        model: "Model", "模型";
        window: "Window", "窗口";
        limit: "Limit", "上限";
        free_at: "Free again in", "恢复剩余";
        facts: "About this key", "关于此密钥";
        weight: "Weight", "权重";
        tier: "Tier", "层级";
        in_flight: "Under way", "进行中";
        served: "Answered", "成功";
        out_of_quota: "Out of quota", "配额不足";
        failed: "Failed otherwise", "其他失败";
        shared: "Shared by {} keys", "由 {} 个密钥共享";
        recent: "Its last requests", "最近请求";
        name: "Name", "名称";
        tags: "Tags", "标签";
        edit: "Change", "修改";
        note: "Note", "备注";
        trend: "14 days", "14 天";
        trend_of: "{} requests in 14 days", "14 天内 {} 次请求";
        actions: "What can be done to it", "可执行的操作";
        details: "Name, note, weight…", "名称、备注、权重…";
        pause: "Leave alone", "暂停";
        pause_for: "Leave alone for", "暂停时长";
        minutes_5: "5 minutes", "5 分钟";
        hour: "an hour", "1 小时";
        hours_6: "6 hours", "6 小时";
        day: "a day", "1 天";
        not_paused: "Not left alone by a person", "未被人工暂停";
        paused_no: "A person wants its project left alone, free again in", "其项目已被人工暂停，恢复剩余";
        reset: "Reset", "重置";
        reset_about: "Forgets that it is dead or avoided, and what its project is out of: it is tried again at once.", "清除失效、规避与配额用尽状态，立即重新尝试。";
        copy_mask: "Copy as shown", "复制掩码";
        verify_first: "Ask Google first: only keys that it accepts serve", "先向 Google 检测：仅启用有效密钥";
        bind_proxy: "Bind to a proxy", "绑定代理";
        any_proxy: "None: as PROXIES_STICKY says", "不绑定（按 PROXIES_STICKY）";
        proxy: "Proxy", "代理";
        bound: "bound", "已绑定";
        first_byte: "First byte, p50 / p95", "首字节 p50 / p95";
        more_filters: "More filters", "更多筛选";
        any: "any", "不限";
        last_error: "Last error", "最近错误";
        exhausted_for: "Out of quota for", "配额用尽的模型";
        not_used: "Not used since the start for", "启动以来未使用";
        idle_day: "a day", "1 天";
        idle_week: "a week", "1 周";
        idle_month: "30 days", "30 天";
        idle_ever: "at all", "从未使用";
        added_in: "Added in the batch of", "添加批次";
        from_file: "From a file", "从文件读取";
        paste_count: "{} new, {} there already, {} malformed", "新增 {}，已存在 {}，格式错误 {}";
        view: "View", "视图";
        columns: "Columns", "列";
        density: "Rows", "行高";
        compact: "Compact", "紧凑";
        normal: "Normal", "标准";
        roomy: "Roomy", "宽松";
        keep: "Keep", "保存";
        export: "Export", "导出";
        export_about: "What the filter finds, with masks. The keys themselves are exported on the machine:", "导出当前筛选结果（仅掩码）。完整密钥请在服务器上导出：";
    }
}

impl KeysWords {
    /// For how many days a key was not used; 0 for never.
    pub(crate) fn idle(&self) -> [(&'static str, &'static str); 4] {
        [
            ("1", self.idle_day),
            ("7", self.idle_week),
            ("30", self.idle_month),
            ("0", self.idle_ever),
        ]
    }

    /// For how long keys can be left alone, in minutes.
    pub(crate) fn pauses(&self) -> [(u32, &'static str); 4] {
        [(5, self.minutes_5), (60, self.hour), (360, self.hours_6), (1440, self.day)]
    }
}
