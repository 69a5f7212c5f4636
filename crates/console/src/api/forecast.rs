//! `GET /api/admin/forecast`: for each model, when the day's quota is used up at the present rate.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::tz::TimeZone;
use keypool::{Forecast, Platform, Timestamp};
use relay::Gateway;
use serde::Serialize;
use utoipa::ToSchema;

/// The prospects of all models that are in use.
#[derive(Serialize, ToSchema)]
pub(crate) struct Forecasts {
    /// When this was true.
    now: Timestamp,
    models: Vec<Prospect>,
}

/// A forecast, and the same in words.
#[derive(Serialize, ToSchema)]
struct Prospect {
    /// Whose quota it is.
    platform: Platform,
    #[serde(flatten)]
    forecast: Forecast,
    /// In words.
    says: String,
}

/// Tells for each model when the day's quota is used up at the present rate.
#[utoipa::path(
    get, path = "/api/admin/forecast", tag = "Pool", operation_id = "readForecast",
    responses((status = 200, description = "The prospects", body = Forecasts, example = json!({
        "now": 1_795_241_400_000_i64,
        "models": [{
            "platform": "gemini", "model": "gemini-2.5-flash", "rate_per_minute": 12, "used_today": 310,
            "left_today": 1190, "unknown_projects": 0, "empty_at": 1_795_247_400_000_i64,
            "renewed_at": 1_795_248_000_000_i64, "says": "At this rate the pool is empty at 07:50."
        }]
    })))
)]
pub(crate) async fn read(State(gateway): State<Arc<Gateway>>) -> Json<Forecasts> {
    let now = relay::now();
    let zone = TimeZone::get(&gateway.configuration().settings.logging.timezone);
    let zone = zone.unwrap_or(TimeZone::UTC);
    let models = gateway.forecasts(now).into_iter().map(|(platform, forecast)| Prospect {
        platform,
        says: words(&forecast, &zone),
        forecast,
    });
    let models = models.collect();
    Json(Forecasts { now, models })
}

fn words(forecast: &Forecast, zone: &TimeZone) -> String {
    if let Some(at) = forecast.empty_at {
        return format!("At this rate the pool is empty at {}.", clock(at, zone));
    }
    match forecast.unknown_projects {
        0 => format!(
            "The quotas last until they are renewed at {}.",
            clock(forecast.renewed_at, zone)
        ),
        1 => "The daily limit of one project is not known yet.".to_owned(),
        many => format!("The daily limits of {many} projects are not known yet."),
    }
}

/// The time of day, as in `14:10`.
fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prospects_are_told_in_the_administrators_time() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut forecast = Forecast {
            model: "m".into(),
            rate_per_minute: 1,
            used_today: 1,
            left_today: 1,
            unknown_projects: 0,
            // 2026-11-21, 06:10 and 08:00 UTC.
            empty_at: Some(Timestamp::from_millis(1_795_241_400_000)),
            renewed_at: Timestamp::from_millis(1_795_248_000_000),
        };
        assert_eq!(words(&forecast, &zone), "At this rate the pool is empty at 14:10.");
        forecast.empty_at = None;
        assert!(words(&forecast, &zone).ends_with("renewed at 16:00."));
        forecast.unknown_projects = 2;
        assert!(words(&forecast, &zone).contains("2 projects are not known"));
    }
}
