use keypool::QuotaCell;

use super::words;
use super::{fill, fill2, fill3};
use crate::heat::Row;

words! {
    /// How full the quotas of projects are.
    HeatWords {
        title: "Quota of projects", "各项目配额";
        about: "Percent of today's requests, as far as limits are known; reset at midnight Pacific.", "今日请求数占每日上限的百分比（已知上限时）；太平洋时间午夜重置。";
        nothing: "No key was used today.", "今天尚未使用任何密钥。";
        project: "Project", "项目";
        shared: "shared by {} keys", "由 {} 个密钥共享";
        full: "{}, {}: used up for today", "{}，{}：今日已用尽";
        of: "{}, {}: {}", "{}，{}：{}";
        part: "{} of {} requests today", "今日 {} / {} 次请求";
        unknown: "{} requests today, limit not known", "今日 {} 次请求，上限未知";
    }
}

impl HeatWords {
    /// What a cell says to those who do not see colours.
    pub(crate) fn says(&self, row: &Row, cell: &QuotaCell) -> String {
        let used = crate::format::count(cell.day_requests.used);
        let amount = match (cell.heat(), cell.day_requests.limit) {
            (Some(100), _) => return fill2(self.full, &row.name, &cell.model),
            (_, Some(limit)) => fill2(self.part, used, crate::format::count(limit)),
            (_, None) => fill(self.unknown, used),
        };
        fill3(self.of, &row.name, &cell.model, amount)
    }
}
