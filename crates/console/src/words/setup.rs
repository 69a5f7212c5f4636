use super::words;

words! {
    /// What a new owner does after claiming.
    SetupWords {
        steps: "Steps", "步骤";
        data: "Bring your data", "导入数据";
        check: "Check the keys", "检测密钥";
        client: "First client", "第一个客户端";
        skip: "Skip this step", "跳过此步骤";
        next: "Next", "下一步";
        finish: "To the overview", "前往概览";
        about: "Keys, and what another gateway has gathered. Everything is shown before anything is written.", "密钥，以及其他网关积累的数据。写入之前会先完整预览。";
        paste: "Paste", "粘贴";
        paste_about: "Keys in any text, or the lines of a .env file.", "任意包含密钥的文本，或 .env 文件的内容。";
        pasted: "The pasted text", "粘贴的文本";
        text: "Text", "文本";
        look: "Look at it", "预览";
        file: "Upload a file", "上传文件";
        file_about: "Of gemini-balance (Python or Next.js): its .env, its SQLite database, or a list of keys. At most {} MiB.", "来自 gemini-balance（Python 或 Next.js）：.env、SQLite 数据库或密钥列表。最大 {} MiB。";
        which_file: "File", "文件";
        server: "Read a database", "读取数据库";
        server_about: "Of gemini-balance (Python or Next.js) on MySQL or PostgreSQL. It is only read.", "运行在 MySQL 或 PostgreSQL 上的 gemini-balance（Python 或 Next.js）。只读访问。";
        url: "Address", "地址";
        url_hint: "As mysql://user:password@host:3306/database. It is not kept.", "例如 mysql://user:password@host:3306/database，不会保存。";
        timezone: "Time zone of its clock", "其时钟的时区";
        without_logs: "Leave the logs behind", "不导入日志";
        overwrite: "Take its settings where others were saved here", "覆盖此处已保存的设置";
        restore: "Restore a backup", "恢复备份";
        restore_about: "A backup of this program. It takes the place of everything here.", "本程序的备份，将替换此处的全部内容。";
        passphrase: "Passphrase", "口令";
        passphrase_hint: "The one it was made with, if there was one.", "备份时使用的口令（如有）。";
        empty: "Start empty", "从空白开始";
        empty_about: "Keys can be added at any time.", "随时可以添加密钥。";
        looking: "Looking at it…", "正在读取…";
        taking: "Taking it over…", "正在导入…";
        rows: "{} rows of logs", "{} 行日志";
        preview: "This would happen. Nothing is written yet.", "以下是预览，尚未写入任何内容。";
        done: "This was done.", "已完成。";
        broken: "This did not work", "操作失败";
        again: "Bring something else", "导入其他数据";
        forget: "Forget it", "放弃";
        confirm: "Confirm", "确认";
        new_and_duplicate: "Keys: {} new, {} duplicate, {} malformed", "密钥：{} 个新增，{} 个重复，{} 个格式错误";
        kind: "What", "种类";
        found: "Found", "发现";
        new: "New", "新增";
        duplicate: "Here already", "已存在";
        removed: "Removed here", "此处已删除";
        malformed: "Malformed", "格式错误";
        keys: "Keys", "密钥";
        tokens: "Client tokens", "令牌";
        requests: "Requests in the log", "请求日志";
        errors: "Errors in the log", "错误日志";
        settings: "Settings", "设置";
        setting: "Setting", "设置";
        value: "Value", "值";
        becomes: "What becomes of it", "处理方式";
        saved: "saved", "保存";
        no_effect: "saved, but without an effect in this version", "保存，但在此版本中无作用";
        kept: "stays as it was saved here", "保留此处的值";
        unknown: "unknown here, left out", "未知，忽略";
        invalid: "invalid, left out", "无效，忽略";
        left_out: "left out", "忽略";
        same: "{} others are the same here", "另有 {} 项与此处相同";
        files: "Files: {}, which Google deletes 48 hours after their upload, so they are not taken over.", "文件：{} 个。Google 会在上传 48 小时后删除，因此不导入。";
        remarks: "To know", "注意";
        locked: "The backup is sealed with a passphrase", "备份已用口令加密";
        wrong_passphrase: "This is not the passphrase that the backup was made with. Nothing was written.", "口令与备份不符，未写入任何内容。";
        unlock: "Open it", "打开";
        made_at: "Made", "创建时间";
        by_version: "By version", "创建版本";
        administrators: "People", "人员";
        all_rows: "Rows of all tables", "全部数据行";
        replaces: "Everything here gives way to it: keys, client tokens, settings and people. Everybody has to sign in again.", "此处的密钥、令牌、设置和人员都会被替换，所有人需要重新登录。";
        replaces_but_people: "Everything here gives way to it: keys, client tokens and settings. It holds no people, so those of here stay. Everybody has to sign in again.", "此处的密钥、令牌和设置都会被替换。备份中没有人员，因此保留此处的人员。所有人需要重新登录。";
        forgotten: "{} removed keys cannot be remembered under this master key.", "有 {} 个已删除的密钥无法在当前主密钥下记住。";
        sign_in_again: "Sign in again", "重新登录";
        check_about: "Asks Google about at most {} of your keys. It uses no quota.", "向 Google 检测至多 {} 个密钥，不消耗配额。";
        check_now: "Check", "开始检测";
        check_again: "Check again", "重新检测";
        no_keys: "There are no keys yet.", "还没有密钥。";
        region: "Google does not serve the country that this server calls from.", "Google 不支持此服务器所在的地区。";
        region_about: "Name a proxy in a country that it serves; calls to Google then go through it.", "请填写位于受支持地区的代理，之后对 Google 的调用将经由该代理。";
        proxies: "Proxies", "代理";
        proxies_hint: "As http://user:password@host:port or socks5h://host:port; several with commas between.", "例如 http://user:password@host:port 或 socks5h://host:port；多个以逗号分隔。";
        save_proxies: "Save", "保存";
        proxies_saved: "Saved. Check again.", "已保存，请重新检测。";
        client_about: "A token lets one client in. Then: its settings to paste, and a message to try it.", "一个令牌供一个客户端使用。随后可复制其配置并发送测试消息。";
        client_name: "Name", "名称";
        client_hint: "Who or what uses it, such as laptop.", "由谁或什么使用，例如 laptop。";
        create: "Create token", "创建令牌";
        checklist: "Still to do", "待完成";
        checklist_about: "Three steps, and clients can use this gateway.", "完成三步，客户端即可使用此网关。";
        step_of: "Step {} of 5", "第 {} / 5 步";
        continue_with: "Continue", "继续";
        your_timezone: "Time zone", "时区";
        no_timezone: "There is no such time zone.", "没有这个时区。";
        second_factor: "A second factor can be set up on the page People.", "可在“人员”页面设置两步验证。";
    }
}

impl SetupWords {
    /// What becomes of a setting.
    pub(crate) fn verdict(&self, line: &import::Line) -> &'static str {
        match line.verdict {
            import::Verdict::New if line.effective => self.saved,
            import::Verdict::New => self.no_effect,
            import::Verdict::Kept => self.kept,
            import::Verdict::Unknown => self.unknown,
            import::Verdict::Invalid => self.invalid,
            import::Verdict::Same | import::Verdict::LeftOut => self.left_out,
        }
    }
}
