use store::Role;

use super::words;

words! {
    /// What stands around every page.
    ShellWords {
        skip: "Skip to content", "跳到内容";
        navigation: "Main navigation", "主导航";
        menu: "Menu", "菜单";
        pool: "Pool", "密钥池";
        usage: "Use", "使用";
        admin: "Admin", "管理";
        overview: "Overview", "概览";
        models: "Models", "模型";
        errors: "Errors", "错误";
        files: "Files", "文件";
        proxies: "Proxies", "代理";
        play: "Playground", "操练场";
        keys: "Keys", "密钥";
        tokens: "Client tokens", "令牌";
        logs: "Logs", "日志";
        settings: "Settings", "设置";
        audit: "Audit", "审计";
        system: "System", "系统";
        people: "People", "人员";
        api: "API", "接口";
        search: "Search or jump to…", "搜索或跳转…";
        palette: "Command palette", "命令面板";
        nothing_found: "Nothing found", "没有结果";
        live: "Live", "实时";
        reconnecting: "Reconnecting…", "正在重连…";
        offline: "Offline", "已断开";
        per_minute: "{} rpm", "{} 次/分";
        other_language: "中文", "English";
        theme: "Switch between light and dark", "切换明暗主题";
        administrator: "administrator", "管理员";
        viewer: "viewer", "查看者";
        sign_out: "Sign out", "退出登录";
        open_results: "Open results", "查看结果";
        pace: "{}/s", "{}/秒";
        close: "Close", "关闭";
        cancel: "Cancel", "取消";
        copy: "Copy", "复制";
        copied: "Copied", "已复制";
        previous: "Previous", "上一页";
        next: "Next", "下一页";
        ready: "Ready", "可用";
        cooling: "Cooling", "冷却中";
        exhausted: "Exhausted", "配额用尽";
        invalid: "Invalid", "失效";
        disabled: "Disabled", "已停用";
        never: "never", "从未";
        unknown: "unknown", "未知";
        failed: "That did not work", "操作失败";
        back: "Back to the overview", "返回概览";
        jobs: "Jobs", "任务";
        time: "Time", "时间";
        answer: "Status", "状态";
        model: "Model", "模型";
        client: "Client", "客户端";
        dialect: "API", "协议";
        attempts: "Attempts", "尝试";
        tokens_used: "Tokens", "词元";
        first_byte: "First byte", "首字节";
        duration: "Total", "总耗时";
    }
}

impl ShellWords {
    /// What somebody may do, in a word.
    pub(crate) fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Administrator => self.administrator,
            Role::Viewer => self.viewer,
        }
    }
}
