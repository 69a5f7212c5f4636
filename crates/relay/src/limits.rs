//! What client tokens may use, and what they have used.
//!
//! Every token has a [`Meter`]. A request reserves at it what it will probably use and holds that
//! ([`Hold`]) until what it did use is known. The meters know no clock: they are told the time.

mod calendar;
mod hold;
mod limit;
mod meter;
mod meters;
mod minute;
mod prices;
mod together;

pub(crate) use calendar::Calendar;
pub(crate) use hold::{Came, Hold};
pub(crate) use limit::Refused;
pub(crate) use meter::Meter;
pub(crate) use prices::Prices;

pub use calendar::{day_in, utc_day};
pub use limit::Limit;
pub use meter::{Amount, Standing};
pub use meters::{MeterNews, Meters};
