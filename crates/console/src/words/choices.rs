use super::words;

words! {
    /// Why the pool chose a key, and why it passed others over.
    ChoicesWords {
        turn: "its turn", "轮到它";
        headroom: "more quota left than the one whose turn it was", "剩余配额更多";
        first: "the first that is open", "首个可用";
        fastest: "answers fastest", "响应最快";
        bond: "what is needed exists in its project only", "所需资源仅存在于其项目";
        sticky: "the prompt began there before", "此前处理过相同开头的提示";
        spare: "quota to spare for a second attempt", "有余量进行并行尝试";
        sound: "served lately without a fault", "近期稳定";
        doubt: "tests a guess about its project", "用于验证项目推测";
        last_resort: "no better one is left", "别无选择";
        disabled: "disabled by a person", "已被人工停用";
        dead: "refused by Google for good", "已被 Google 永久拒绝";
        foreign: "another project than the one that holds what is needed", "所需资源不在其项目中";
        untagged: "none of the labels asked for", "不含所需标签";
        tried: "tried by this request already", "本次请求已尝试";
        paused: "left alone by a person for a while", "已被人工暂停";
        spent: "out of quota, as Google said", "Google 表示配额已用尽";
        full: "per-minute or daily limit reached by our own count", "按本地计数已达每分钟或每日上限";
        too_large: "the request does not fit into what is left", "剩余配额不足以容纳此请求";
        sibling: "shares a project whose quota this request met spent", "同项目配额已被本次请求用尽";
        on_trial: "another request is trying it out", "正由其他请求试用";
        avoided: "failed a moment ago", "刚刚失败过";
        higher_tier: "keys of a lower tier go first", "优先使用较低层级的密钥";
        not_its_turn: "not its turn", "尚未轮到";
    }
}

impl ChoicesWords {
    /// The reason with this label (`keypool::ChosenFor`, `keypool::SkippedFor`), in words.
    pub(crate) fn says<'s>(&self, label: &'s str) -> &'s str {
        match label {
            "turn" => self.turn,
            "headroom" => self.headroom,
            "first" => self.first,
            "fastest" => self.fastest,
            "bond" => self.bond,
            "sticky" => self.sticky,
            "spare" => self.spare,
            "sound" => self.sound,
            "doubt" => self.doubt,
            "last_resort" => self.last_resort,
            "disabled" => self.disabled,
            "dead" => self.dead,
            "foreign" => self.foreign,
            "untagged" => self.untagged,
            "tried" => self.tried,
            "paused" => self.paused,
            "spent" => self.spent,
            "full" => self.full,
            "too_large" => self.too_large,
            "sibling" => self.sibling,
            "on_trial" => self.on_trial,
            "avoided" => self.avoided,
            "higher_tier" => self.higher_tier,
            "not_its_turn" => self.not_its_turn,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use keypool::{ChosenFor, SkippedFor};

    use super::*;
    use crate::words::Language;

    #[test]
    fn every_reason_has_words() {
        let chosen = ChosenFor::ALL.iter().map(|one| one.as_str());
        let skipped = SkippedFor::ALL.iter().map(|one| one.as_str());
        for label in chosen.chain(skipped) {
            assert_ne!(ChoicesWords::of(Language::Chinese).says(label), label);
        }
    }
}
