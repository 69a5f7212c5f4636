use super::words;

words! {
    /// What the palette offers besides the pages.
    PaletteWords {
        lists: "Lists", "列表";
        actions: "Actions", "操作";
        failed: "Requests that failed", "失败的请求";
        live: "Requests as they come", "实时请求";
        examine: "Look for problems", "检查问题";
        theme: "Switch between light and dark", "切换明暗主题";
        keyboard: "Keyboard shortcuts", "键盘快捷键";
        add_keys: "Add or import keys", "添加或导入密钥";
        create_token: "Create a client token", "创建令牌";
        check_keys: "Check the keys", "检测密钥";
        find_keys: "Keys with “{}”", "含“{}”的密钥";
        find_request: "The request “{}”", "请求“{}”";
    }
}
