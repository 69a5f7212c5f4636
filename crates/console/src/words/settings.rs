use super::{fill, fill2, words};
use crate::effects::Effect;

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
        effects: "What this brings about", "影响";
        effects_rest: "Of anything else nothing can be said beforehand; it holds from the next request on.", "其余影响无法预知；从下一个请求起生效。";
        restarts: "At the next start only: {}", "重启后才生效：{}";
        does_nothing: "Without an effect in this version: {}", "在此版本中无作用：{}";
        opened: "{} keys become eligible: a limit no longer holds them back from a model", "{} 个密钥重新可用：不再因限额而被某个模型排除";
        closed: "{} keys are held back from a model at once, until its quota is released", "{} 个密钥将立即因限额而不能用于某个模型，直到额度恢复";
        lowered: "{} pairs of a project and a model may use less than now", "{} 组“项目与模型”可用的额度变少";
        raised: "{} pairs of a project and a model may use more than now", "{} 组“项目与模型”可用的额度变多";
        limits_same: "No project that has been used so far gets another limit", "迄今用过的项目限额都不变";
        keys_move: "{} of {} keys move to another way out", "{} / {} 个密钥将改用其他出口";
        goes_direct: "Calls go to Google directly, from this machine's own address", "请求将以本机地址直连 Google";
        goes_proxied: "Calls go to Google through proxies, and no longer directly", "请求将通过代理访问 Google，不再直连";
        deletes: "{} requests of the log are older than {} days, and deleted within an hour", "{} 条请求日志早于 {} 天，将在一小时内删除";
        not_recorded: "Requests are no longer recorded: logs and charts stay as they are", "不再记录请求：日志和图表不再更新";
        refuses: "{} requests of the last seven days asked for {}, which will be refused", "最近七天有 {} 个请求使用 {}，今后将被拒绝";
        conflict: "Somebody else has saved the same settings meanwhile", "在此期间其他人保存了相同的设置";
        conflict_about: "Nothing of yours is saved yet. Choose for each setting which value it shall have.", "您的修改尚未保存。请为每个设置选择要保留的值。";
        theirs: "As it is now", "现有的值";
        theirs_of: "As saved by {}", "{} 保存的值";
        mine: "As you want it", "您的值";
        go_on: "Go on", "继续";
        try_upstream: "Test the way to Google", "测试到 Google 的连接";
        try_notifications: "Send a test notification", "发送测试通知";
        try_pictures: "Test the host for pictures", "测试图床";
        nothing_to_try: "There is nothing to test: no channel, or no host but the gateway itself, is set up.", "没有可测试的内容：未设置通知渠道，或图片保存在网关本身。";
        works: "works", "正常";
        fails: "fails", "失败";
    }
}

impl SettingsWords {
    /// What a change brings about, in a sentence.
    pub(crate) fn effect(&self, effect: &Effect) -> String {
        match effect {
            Effect::Restart { settings } => fill(self.restarts, settings.join(", ")),
            Effect::Nothing { settings } => fill(self.does_nothing, settings.join(", ")),
            Effect::Limits(prospect) => {
                let parts = [
                    (self.opened, prospect.opened),
                    (self.closed, prospect.closed),
                    (self.raised, prospect.raised),
                    (self.lowered, prospect.lowered),
                ];
                let parts = parts.into_iter().filter(|(_, number)| *number > 0);
                let parts: Vec<_> = parts.map(|(text, number)| fill(text, number)).collect();
                if parts.is_empty() { self.limits_same.to_owned() } else { parts.join("; ") }
            }
            Effect::KeysMove(moves) => fill2(self.keys_move, moves.moved, moves.of),
            Effect::Direct => self.goes_direct.to_owned(),
            Effect::Proxied => self.goes_proxied.to_owned(),
            Effect::RequestsDeleted { requests, days } => fill2(self.deletes, requests, days),
            Effect::NotRecorded => self.not_recorded.to_owned(),
            Effect::ModelsRefused { models, requests } => {
                fill2(self.refuses, requests, models.join(", "))
            }
        }
    }
}
