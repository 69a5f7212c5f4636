//! Hours in which hardly anything is told.

use jiff::tz::TimeZone;
use keypool::Timestamp;
use serde_json::{Value, json};
use settings::DailyHours;

use crate::message::{About, Message, State, count};

/// More messages are not kept; the first ones are.
const KEPT: usize = 200;

/// Keeps what happens in quiet hours, and tells it together afterwards.
#[derive(Debug, Default)]
pub struct Quiet {
    kept: Vec<Message>,
}

impl Quiet {
    /// What may be told now of what is new and of what was kept.
    pub fn pass(
        &mut self,
        news: Vec<Message>,
        hours: Option<DailyHours>,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Vec<Message> {
        if hours.is_some_and(|hours| hours.contains(minute(zone, now))) {
            let (urgent, rest): (Vec<_>, Vec<_>) = news.into_iter().partition(Message::is_urgent);
            let room = KEPT.saturating_sub(self.kept.len());
            self.kept.extend(rest.into_iter().take(room));
            return urgent;
        }
        let mut told = together(std::mem::take(&mut self.kept), zone, now);
        told.extend(news);
        told
    }
}

/// The minute of the day.
fn minute(zone: &TimeZone, now: Timestamp) -> u16 {
    let now = jiff::Timestamp::from_millisecond(now.millis()).unwrap_or_default();
    let time = now.to_zoned(zone.clone()).time();
    u16::try_from(time.hour()).unwrap_or_default() * 60
        + u16::try_from(time.minute()).unwrap_or_default()
}

/// Several messages as one; a single one stays as it is.
fn together(kept: Vec<Message>, zone: &TimeZone, now: Timestamp) -> Vec<Message> {
    if kept.len() < 2 {
        return kept;
    }
    let line = |message: &Message| {
        let minute = minute(zone, message.at);
        format!("{:02}:{:02} {}", minute / 60, minute % 60, message.title)
    };
    let lines: Vec<String> = kept.iter().map(line).collect();
    let messages: Vec<Value> = kept.iter().map(Message::fields).collect();
    vec![Message {
        about: About::Collected,
        state: State::Notice,
        at: now,
        title: format!("{} from the quiet hours", count(kept.len() as u64, "message")),
        text: lines.join("\n"),
        details: json!({"messages": messages}),
    }]
}

#[cfg(test)]
mod tests {
    use settings::NotifiedEvent;

    use super::*;

    fn news(event: NotifiedEvent, hour: i64) -> Vec<Message> {
        let at = Timestamp::from_millis(hour * 3_600_000);
        let about = About::Event(event);
        let title = event.name().to_owned();
        let (text, details) = (String::new(), json!({}));
        vec![Message { about, state: State::Problem, at, title, text, details }]
    }

    #[test]
    fn what_happens_at_night_is_told_in_the_morning_except_an_empty_pool() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let hours = Some(DailyHours { from: 23 * 60, to: 7 * 60 });
        let mut quiet = Quiet::default();
        // 23:00 there is 15:00 in UTC.
        let mut pass = |event: Option<NotifiedEvent>, hour: i64| {
            let news = event.map(|event| news(event, hour)).unwrap_or_default();
            quiet.pass(news, hours, &zone, Timestamp::from_millis(hour * 3_600_000))
        };
        assert_eq!(pass(Some(NotifiedEvent::KeyDead), 14).len(), 1);
        assert_eq!(pass(Some(NotifiedEvent::KeyDead), 15), []);
        assert_eq!(pass(Some(NotifiedEvent::PoolEmpty), 16)[0].title, "pool_empty");
        assert_eq!(pass(Some(NotifiedEvent::PoolLow), 22), []);
        let morning = pass(Some(NotifiedEvent::Forecast), 23);
        assert_eq!(morning.len(), 2);
        assert_eq!(morning[0].title, "2 messages from the quiet hours");
        assert_eq!(morning[0].text, "23:00 key_dead\n06:00 pool_low");
        assert_eq!(morning[0].details["messages"][1]["event"], "pool_low");
        assert_eq!(morning[1].title, "forecast");
        assert_eq!(pass(None, 24), []);
        assert_eq!(pass(Some(NotifiedEvent::KeyDead), 39), []);
        assert_eq!(pass(None, 47)[0].title, "key_dead", "one stays as it is");
    }
}
