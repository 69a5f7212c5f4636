use super::words;

words! {
    /// The settings, their review and their history.
    SettingsWords {
        about: "A change takes effect at once, unless it says otherwise.", "除另有说明外，修改立即生效。";
        search: "Search all settings", "搜索所有设置";
        chapters: "Chapters", "分类";
        history: "History", "历史";
        import: "Import", "导入";
        import_text: "Lines of a TOML file, as exported here", "TOML 内容（与此处导出的格式相同）";
        review: "Review changes", "检查修改";
        review_about: "This is what will change. Nothing is saved yet.", "以下是将要修改的内容，尚未保存。";
        save: "Save", "保存";
        setting: "Setting", "设置";
        before: "Before", "修改前";
        after: "After", "修改后";
        not_set: "not set", "未设置";
        secret_kept: "set; type to replace it", "已设置；输入以替换";
        secret: "secret", "机密";
        accepts: "Accepts {}.", "可用值：{}";
        default: "Default: {}", "默认值：{}";
        from_default: "default", "默认";
        from_environment: "environment", "环境变量";
        from_store: "saved here", "已保存";
        from_import: "imported", "已导入";
        go_back: "Go back to what the environment or the default says", "恢复为环境变量或默认值";
        locked: "Set {} in the environment.", "请在环境变量中设置 {}。";
        readonly: "SETTINGS_READONLY is set: the environment is final.", "已设置 SETTINGS_READONLY：以环境变量为准。";
        restart: "at the next start", "重启后生效";
        no_effect: "no effect in this version", "此版本中无作用";
        nothing: "No setting matches", "没有匹配的设置";
        no_history: "Nothing was changed yet", "尚无修改";
        undo: "Roll back", "回滚";
    }
}
