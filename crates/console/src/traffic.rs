//! What requests came to in a stretch of time that ends now.

mod chart;
mod range;
mod report;
mod spark;

pub(crate) use chart::Chart;
pub(crate) use range::Range;
pub(crate) use report::{Quantiles, Report, Sums, days_of_key};
pub(crate) use spark::{Spark, sparks};
