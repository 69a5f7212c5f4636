//! Whether Redis answers, where it is named.

use settings::Storage;
use shared::Shared;

use crate::Check;

const NAME: &str = "Redis";

/// How long an answer may take before requests would not wait for it.
const SLOW_MS: u128 = 50;

/// A line about Redis, if `REDIS_URL` names one.
pub(crate) async fn answers(storage: &Storage) -> Option<Check> {
    let url = storage.redis_url.as_ref()?;
    let advice = "see whether REDIS_URL is right and the server runs; until then each gateway keeps \
                  to its share of the limits";
    let shared = match Shared::new(url.expose(), "doctor") {
        Ok((shared, _)) => shared,
        Err(error) => return Some(Check::fail(NAME, format!("REDIS_URL: {error}"), advice)),
    };
    Some(match shared.ping().await {
        Ok(took) if took.as_millis() > SLOW_MS => Check::warn(
            NAME,
            format!("answers in {} ms; requests wait {SLOW_MS} ms at the most", took.as_millis()),
            "use a Redis that is nearer",
        ),
        Ok(took) => Check::ok(NAME, format!("answers in {} ms", took.as_millis())),
        Err(why) => Check::warn(NAME, format!("cannot be reached: {why}"), advice),
    })
}
