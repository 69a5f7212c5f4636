use super::words;

words! {
    /// What single keys do.
    KeyboardWords {
        title: "Keyboard", "键盘快捷键";
        palette: "Search or go anywhere", "搜索或跳转";
        go: "Go to the overview, keys, models, proxies, tokens, logs, files, playground, settings, jobs, audit", "前往概览、密钥、模型、代理、令牌、日志、文件、操练场、设置、任务、审计";
        slash: "Look for something on the page", "在页面中搜索";
        theme: "Light or dark", "切换明暗";
        rows: "Next or previous row", "下一行 / 上一行";
        open: "Open the row", "打开该行";
        choose: "Choose the row; with shift all in between", "选择该行；按住 Shift 选择区间";
        page: "Choose all on the page", "选择本页全部";
        all: "Choose all that match", "选择全部匹配项";
        act: "Verify, reset, disable", "检测、重置、停用";
        new: "Add", "添加";
        order: "Move a stand-in up or down", "上移或下移替补";
        escape: "Choose nothing", "取消选择";
        space: "Hold the live log, or let it go on", "暂停或继续实时日志";
        range: "Earlier or later requests", "更早或更晚的请求";
        ranges: "The first to the fifth range", "第一至第五个时间范围";
        help: "This list", "显示此列表";
        off: "Switch single keys off", "关闭单键快捷键";
        on: "Switch single keys on", "启用单键快捷键";
        is_off: "Single keys are off in this browser.", "此浏览器已关闭单键快捷键。";
    }
}

impl KeyboardWords {
    /// Keys, and what they do.
    pub(crate) fn list(&self) -> [(Vec<&'static str>, &'static str); 17] {
        [
            (vec!["Ctrl K"], self.palette),
            (vec!["g", "o k m x t l f p s j a"], self.go),
            (vec!["/"], self.slash),
            (vec!["j", "k"], self.rows),
            (vec!["Enter"], self.open),
            (vec!["x", "Shift X"], self.choose),
            (vec!["a"], self.page),
            (vec!["Shift A"], self.all),
            (vec!["v", "r", "e"], self.act),
            (vec!["n"], self.new),
            (vec!["Alt ↑", "Alt ↓"], self.order),
            (vec!["Esc"], self.escape),
            (vec!["Space"], self.space),
            (vec!["[", "]"], self.range),
            (vec!["1 2 3 4 5"], self.ranges),
            (vec!["t"], self.theme),
            (vec!["?"], self.help),
        ]
    }
}
