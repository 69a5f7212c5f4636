use keypool::QuotaCell;

use super::words;
use super::{fill, fill2, fill3};
use crate::format::Given;
use crate::heat::{Measure, Row};

words! {
    /// How full the quotas of projects are.
    HeatWords {
        title: "Quota of projects", "各项目配额";
        about: "Percent of a quota, as far as limits are known; days end at midnight Pacific.", "配额使用百分比（已知上限时）；每日配额于太平洋时间午夜重置。";
        nothing: "No key was used today.", "今天尚未使用任何密钥。";
        project: "Project", "项目";
        shared: "shared by {} keys", "由 {} 个密钥共享";
        full: "{}, {}: used up for today", "{}，{}：今日已用尽";
        of: "{}, {}: {}", "{}，{}：{}";
        part: "{} of {} requests today", "今日 {} / {} 次请求";
        unknown: "{} requests today, limit not known", "今日 {} 次请求，上限未知";
        part_minute: "{} of {} requests in the last minute", "最近一分钟 {} / {} 次请求";
        unknown_minute: "{} requests in the last minute, limit not known", "最近一分钟 {} 次请求，上限未知";
        part_tokens: "{} of {} tokens in the last minute", "最近一分钟 {} / {} 词元";
        unknown_tokens: "{} tokens in the last minute, limit not known", "最近一分钟 {} 词元，上限未知";
        which: "Which quota", "查看的配额";
        day: "Requests a day", "每日请求";
        minute: "Requests a minute", "每分钟请求";
        tokens: "Tokens a minute", "每分钟词元";
    }
}

impl HeatWords {
    /// A quota in words.
    pub(crate) fn measure(&self, measure: impl Given<Measure>) -> &'static str {
        match measure.given() {
            Measure::Day => self.day,
            Measure::Minute => self.minute,
            Measure::Tokens => self.tokens,
        }
    }

    /// What a cell says to those who do not see colours.
    pub(crate) fn says(&self, row: &Row, cell: &QuotaCell, measure: impl Given<Measure>) -> String {
        let measure = measure.given();
        if measure == Measure::Day && cell.heat() == Some(100) {
            return fill2(self.full, &row.name, &cell.model);
        }
        let (part, unknown) = match measure {
            Measure::Day => (self.part, self.unknown),
            Measure::Minute => (self.part_minute, self.unknown_minute),
            Measure::Tokens => (self.part_tokens, self.unknown_tokens),
        };
        let quota = measure.of(cell);
        let used = crate::format::count(quota.used);
        let amount = match quota.limit {
            Some(limit) => fill2(part, used, crate::format::count(limit)),
            None => fill(unknown, used),
        };
        fill3(self.of, &row.name, &cell.model, amount)
    }
}
