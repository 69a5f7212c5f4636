//! Requests step by step as bars, drawn by the server.

use keypool::Timestamp;

use super::Mark;
use super::report::Step;

/// The height of the drawing; each bar has room ten wide.
const HEIGHT: f64 = 100.0;

/// Bars, one a step.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) bars: Vec<Bar>,
    /// The most requests of a step.
    pub(crate) most: u64,
    /// The length of a step, in milliseconds.
    pub(crate) step: i64,
    /// Whose requests they are, as a query for the log; empty of all.
    pub(crate) whose: String,
    pub(crate) marks: Vec<Marked>,
}

/// A moment that something changed at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Marked {
    pub(crate) at: Timestamp,
    /// Where it is drawn.
    pub(crate) x: f64,
    /// What changed, for people.
    pub(crate) says: String,
}

/// A step: what was served at once, what was rescued and what failed, on top of each other.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) step: Step,
    pub(crate) x: usize,
    pub(crate) parts: [Part; 3],
}

/// A piece of a bar.
#[derive(Debug, PartialEq)]
pub(crate) struct Part {
    /// Which colour it has: that of a state.
    pub(crate) state: &'static str,
    pub(crate) y: f64,
    pub(crate) height: f64,
}

impl Chart {
    pub(crate) fn new(steps: &[Step]) -> Self {
        let most = steps.iter().map(|step| step.sums.requests).max().unwrap_or_default();
        let bars = steps.iter().enumerate().map(|(number, step)| bar(number, step, most));
        let step = match steps {
            [first, second, ..] => second.at.millis() - first.at.millis(),
            _ => 0,
        };
        Self { bars: bars.collect(), most, step, whose: String::new(), marks: Vec::new() }
    }

    /// The same where each step is known to be so long, be there one alone.
    pub(crate) fn stepping(self, step: i64) -> Self {
        Self { step, ..self }
    }

    /// The same, of requests that pass a filter of the log.
    pub(crate) fn of(self, whose: String) -> Self {
        Self { whose, ..self }
    }

    /// The same with what changed meanwhile, in words; what lies outside is left out.
    pub(crate) fn marked(mut self, marks: &[Mark], says: impl Fn(&Mark) -> String) -> Self {
        let (from, width) = (self.from(), self.width() as f64);
        let place = |at: Timestamp| (at.millis() - from) as f64 * 10.0 / self.step.max(1) as f64;
        let marks = marks.iter().map(|mark| {
            let (at, x) = (mark.at, round(place(mark.at)));
            Marked { at, x, says: says(mark) }
        });
        self.marks = marks.filter(|mark| (0.0..=width).contains(&mark.x)).collect();
        self
    }

    /// Where its first step begins, in milliseconds since the epoch.
    pub(crate) fn from(&self) -> i64 {
        self.bars.first().map_or(0, |bar| bar.step.at.millis())
    }

    /// Where the requests of a step are listed.
    pub(crate) fn logs(&self, bar: &Bar) -> String {
        let from = bar.step.at.millis();
        let joint = if self.whose.is_empty() { "" } else { "&" };
        format!("/admin/logs?{}{joint}from={from}&to={}", self.whose, from + self.step)
    }

    /// The width of the drawing.
    pub(crate) fn width(&self) -> usize {
        self.bars.len() * 10
    }
}

impl Marked {
    /// Where the audit log tells of it.
    pub(crate) fn audit(&self) -> String {
        let at = self.at.millis();
        format!("/admin/audit?from={at}&to={}", at + 1)
    }
}

fn bar(number: usize, step: &Step, most: u64) -> Bar {
    let sums = &step.sums;
    let mut top = HEIGHT;
    let mut part = |state, count: u64| {
        let height = count as f64 * HEIGHT / most.max(1) as f64;
        top -= height;
        Part { state, y: round(top), height: round(height) }
    };
    let parts = [
        part("ready", sums.succeeded.saturating_sub(sums.rescued)),
        part("cooling", sums.rescued),
        part("invalid", sums.failed),
    ];
    Bar { step: step.clone(), x: number * 10, parts }
}

/// To a hundredth, so that pages stay small.
fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::Sums;

    #[test]
    fn parts_lie_on_top_of_each_other() {
        let sums = Sums { requests: 10, succeeded: 8, rescued: 3, failed: 2, ..Sums::default() };
        let steps = [
            Step { at: Timestamp::from_millis(0), sums: Sums { requests: 20, ..Sums::default() } },
            Step { at: Timestamp::from_millis(1), sums },
        ];
        let chart = Chart::new(&steps);
        assert_eq!((chart.most, chart.width(), chart.bars[1].x), (20, 20, 10));
        assert_eq!(chart.logs(&chart.bars[1]), "/admin/logs?from=1&to=2");
        let chart = chart.of("key=a".to_owned());
        assert_eq!(chart.logs(&chart.bars[0]), "/admin/logs?key=a&from=0&to=1");
        let mark = |at| Mark {
            at: Timestamp::from_millis(at),
            action: "settings.save".to_owned(),
            object: "MAX_RETRIES".to_owned(),
            actor: "ann".to_owned(),
        };
        let chart = chart.marked(&[mark(-5), mark(1), mark(9)], |mark| mark.object.clone());
        let marks: Vec<_> = chart.marks.iter().map(|mark| (mark.x, &*mark.says)).collect();
        assert_eq!(marks, [(10.0, "MAX_RETRIES")]);
        let parts: Vec<_> = chart.bars[1].parts.iter().map(|one| (one.y, one.height)).collect();
        assert_eq!(parts, [(75.0, 25.0), (60.0, 15.0), (50.0, 10.0)]);
    }
}
