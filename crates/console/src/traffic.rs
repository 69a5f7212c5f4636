//! What requests came to in a stretch of time that ends now.

mod chart;
mod mark;
mod range;
mod report;
mod spark;
mod summary;

pub(crate) use chart::Chart;
pub(crate) use mark::Mark;
pub(crate) use range::Range;
pub(crate) use report::{Quantiles, Report, Sums, days_of_key};
pub(crate) use spark::{Spark, sparks};
pub(crate) use summary::{LOOKED_AT, Share, Summary};
