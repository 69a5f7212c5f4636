use super::words;

words! {
    /// What became of attempts, and what helps.
    OutcomesWords {
        served: "Served", "已完成";
        empty: "An answer without content", "回答为空";
        client_fault: "The request itself is wrong", "请求本身有误";
        key_dead: "The key is dead", "密钥已失效";
        quota_spent: "Out of quota", "配额已用尽";
        model_busy: "Google is overloaded", "Google 过载";
        key_refused: "The key was refused", "密钥被拒绝";
        region_refused: "Google does not serve this country", "Google 不支持当前地区";
        link_broken: "The connection broke", "连接中断";
        cancelled: "The client left", "客户端已断开";
        client_limit: "Client limit", "客户端限额";
        rejected: "Refused before any key was asked", "未使用密钥即被拒绝";
        empty_helps: "Often a blocked prompt or too small an output limit. Look at the request; raise its token limit.", "通常是提示被拦截或输出上限过小。请查看该请求，并提高其 Token 上限。";
        client_fault_helps: "No key can change this: the message says which field Google refuses.", "换密钥也无济于事：消息中说明了 Google 拒绝的字段。";
        key_dead_helps: "It is out of the pool already. Delete it, or make a new one in AI Studio and add it.", "已从池中移出。请删除它，或在 AI Studio 新建密钥后添加。";
        quota_spent_helps: "It comes back by itself. If it happens all day, add keys of other projects or ask less of this model.", "会自动恢复。如整天如此，请添加其他项目的密钥或减少对该模型的请求。";
        model_busy_helps: "Retried with other keys. If it lasts, name a fallback in MODEL_FALLBACKS.", "已用其他密钥重试。如持续出现，请在 MODEL_FALLBACKS 中设置备用模型。";
        key_refused_helps: "The key lacks a permission, or its project does not offer this. Verify the key.", "密钥缺少权限或其项目不提供该功能。请验证该密钥。";
        region_refused_helps: "Set PROXIES to a proxy in a country that Google serves.", "请在 PROXIES 中设置位于受支持地区的代理。";
        link_broken_helps: "Look at the network, DNS or the proxy; single ones are retried and do no harm.", "请检查网络、DNS 或代理；偶发情况会自动重试，无需处理。";
        other_helps: "The message says more.", "详情见消息。";
    }
}

impl OutcomesWords {
    /// The outcome with this label (`keypool::Outcome::LABELS`), in words.
    pub(crate) fn says<'s>(&self, label: &'s str) -> &'s str {
        match label {
            "served" => self.served,
            "empty" => self.empty,
            "client_fault" => self.client_fault,
            "key_dead" => self.key_dead,
            "quota_spent" => self.quota_spent,
            "model_busy" => self.model_busy,
            "key_refused" => self.key_refused,
            "region_refused" => self.region_refused,
            "link_broken" => self.link_broken,
            "cancelled" => self.cancelled,
            "client_limit" => self.client_limit,
            "rejected" => self.rejected,
            other => other,
        }
    }

    /// What helps against it.
    pub(crate) fn helps(&self, label: &str) -> &'static str {
        match label {
            "empty" => self.empty_helps,
            "client_fault" => self.client_fault_helps,
            "key_dead" => self.key_dead_helps,
            "quota_spent" => self.quota_spent_helps,
            "model_busy" => self.model_busy_helps,
            "key_refused" => self.key_refused_helps,
            "region_refused" => self.region_refused_helps,
            "link_broken" => self.link_broken_helps,
            _ => self.other_helps,
        }
    }
}
