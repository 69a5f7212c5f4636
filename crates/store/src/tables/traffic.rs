//! What requests came to: `traffic`, and how long their answers took: `latency`.

use keypool::Timestamp;
use sea_query::{Asterisk, Cond, Expr, ExprTrait as _, Func, Iden, Order, Query, SelectStatement};
use sqlx::FromRow;

use crate::sql::equals;
use crate::traffic::batch::Measure;
use crate::traffic::{Histogram, Span, Subject, Tally};
use crate::{Cost, Store, StoreError};

/// From when (included) to when (excluded); both at the edges of spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

/// How long answers took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latencies {
    /// To the first byte.
    pub first_byte: Histogram,
    /// To the last.
    pub duration: Histogram,
}

impl Store {
    /// What requests came to, span by span, oldest first; spans without requests are left out.
    /// `label` says which model, token or key; it is empty for [`Subject::All`].
    pub async fn traffic(
        &self,
        subject: Subject,
        label: &str,
        span: Span,
        period: Period,
    ) -> Result<Vec<(Timestamp, Tally)>, StoreError> {
        let select = within(subject, span, period)
            .column(Asterisk)
            .and_where(equals(Traffic::Label, label))
            .order_by(Traffic::Begins, Order::Asc)
            .take();
        let rows: Vec<Row> = self.logs.all(&select).await?;
        Ok(rows.iter().map(|row| (Timestamp::from_millis(row.begins), row.tally())).collect())
    }

    /// The same of several labels at once; `begins` are the spans that are wanted. Asks for each row
    /// by its key: cheap however many labels there are besides.
    pub async fn traffic_of(
        &self,
        subject: Subject,
        labels: &[&str],
        span: Span,
        begins: &[Timestamp],
    ) -> Result<Vec<(String, Timestamp, Tally)>, StoreError> {
        if labels.is_empty() || begins.is_empty() {
            return Ok(Vec::new());
        }
        let select = Query::select()
            .column(Asterisk)
            .from(Traffic::Table)
            .and_where(equals(Traffic::Subject, subject.as_str()))
            .and_where(equals(Traffic::Span, span.millis()))
            .and_where(Expr::col(Traffic::Begins).is_in(begins.iter().map(|at| at.millis())))
            .and_where(Expr::col(Traffic::Label).is_in(labels.iter().copied()))
            .take();
        let rows: Vec<Row> = self.logs.all(&select).await?;
        let told = |row: Row| {
            let (at, tally) = (Timestamp::from_millis(row.begins), row.tally());
            (row.label, at, tally)
        };
        Ok(rows.into_iter().map(told).collect())
    }

    /// The models, tokens or keys with the most requests in a period, with what those came to; at
    /// most `limit`.
    pub async fn busiest(
        &self,
        subject: Subject,
        span: Span,
        period: Period,
        limit: u64,
    ) -> Result<Vec<(String, Tally)>, StoreError> {
        let mut select = within(subject, span, period);
        select.column(Traffic::Label).expr_as(Expr::val(0_i64), Traffic::Begins);
        for column in SUMS {
            select.expr_as(self.sum(column), column);
        }
        let select = select
            .group_by_col(Traffic::Label)
            .order_by_expr(Func::sum(Expr::col(Traffic::Requests)).into(), Order::Desc)
            .order_by(Traffic::Label, Order::Asc)
            .limit(limit)
            .take();
        let rows: Vec<Row> = self.logs.all(&select).await?;
        Ok(rows.into_iter().map(|row| (row.label.clone(), row.tally())).collect())
    }

    /// How long the successful answers of a period took; `model` is empty for all.
    pub async fn latencies(
        &self,
        model: &str,
        span: Span,
        period: Period,
    ) -> Result<Latencies, StoreError> {
        let select = Query::select()
            .column(Latency::Measure)
            .column(Latency::Class)
            .expr_as(self.sum(Latency::Answers), Latency::Answers)
            .from(Latency::Table)
            .and_where(equals(Latency::Span, span.millis()))
            .and_where(Expr::col(Latency::Begins).gte(period.from.millis()))
            .and_where(Expr::col(Latency::Begins).lt(period.to.millis()))
            .and_where(equals(Latency::Model, model))
            .group_by_columns([Latency::Measure, Latency::Class])
            .take();
        let mut latencies = Latencies::default();
        for row in self.logs.all::<LatencyRow>(&select).await? {
            let times = if row.measure == Measure::FirstByte.as_str() {
                &mut latencies.first_byte
            } else {
                &mut latencies.duration
            };
            times.put(u8::try_from(row.class).unwrap_or(u8::MAX), positive(row.answers));
        }
        Ok(latencies)
    }

    /// Deletes the sums about a subject, of one kind of span, that began before a moment, one span at a
    /// time so that writing goes on. Returns how many rows there were.
    pub async fn delete_traffic_before(
        &self,
        subject: Subject,
        span: Span,
        moment: Timestamp,
    ) -> Result<u64, StoreError> {
        let old = Cond::all()
            .add(equals(Traffic::Subject, subject.as_str()))
            .add(equals(Traffic::Span, span.millis()));
        self.delete_by_begin(Traffic::Table, Traffic::Begins, &old, moment).await
    }

    /// The same for the times of answers.
    pub async fn delete_latencies_before(
        &self,
        span: Span,
        moment: Timestamp,
    ) -> Result<u64, StoreError> {
        let old = Cond::all().add(equals(Latency::Span, span.millis()));
        self.delete_by_begin(Latency::Table, Latency::Begins, &old, moment).await
    }

    async fn delete_by_begin<C: Iden + Copy + 'static>(
        &self,
        table: C,
        begins: C,
        old: &Cond,
        moment: Timestamp,
    ) -> Result<u64, StoreError> {
        let oldest = Query::select()
            .expr_as(Expr::col(begins), Traffic::Begins)
            .from(table)
            .cond_where(old.clone())
            .and_where(Expr::col(begins).lt(moment.millis()))
            .order_by(begins, Order::Asc)
            .limit(1)
            .take();
        let mut deleted = 0;
        while let Some(row) = self.logs.optional::<Begins>(&oldest).await? {
            let delete = Query::delete()
                .from_table(table)
                .cond_where(old.clone())
                .and_where(equals(begins, row.begins))
                .take();
            let mut tx = self.logs.begin().await?;
            deleted += tx.execute(&delete).await?;
            tx.commit().await?;
        }
        Ok(deleted)
    }

    /// A sum as an integer: servers sum big integers as decimals.
    fn sum(&self, column: impl sea_query::IntoColumnRef) -> Expr {
        self.logs.integer(Func::sum(Expr::col(column)).into())
    }
}

fn within(subject: Subject, span: Span, period: Period) -> SelectStatement {
    Query::select()
        .from(Traffic::Table)
        .and_where(equals(Traffic::Subject, subject.as_str()))
        .and_where(equals(Traffic::Span, span.millis()))
        .and_where(Expr::col(Traffic::Begins).gte(period.from.millis()))
        .and_where(Expr::col(Traffic::Begins).lt(period.to.millis()))
        .take()
}

#[derive(Iden, Clone, Copy)]
enum Traffic {
    Table,
    Subject,
    Span,
    Begins,
    Label,
    Requests,
    Failed,
    Rescued,
    PromptTokens,
    CachedTokens,
    CompletionTokens,
    ThoughtTokens,
    Cost,
}

const SUMS: [Traffic; 8] = [
    Traffic::Requests,
    Traffic::Failed,
    Traffic::Rescued,
    Traffic::PromptTokens,
    Traffic::CachedTokens,
    Traffic::CompletionTokens,
    Traffic::ThoughtTokens,
    Traffic::Cost,
];

#[derive(Iden, Clone, Copy)]
enum Latency {
    Table,
    Span,
    Begins,
    Model,
    Measure,
    Class,
    Answers,
}

#[derive(FromRow)]
struct Row {
    begins: i64,
    label: String,
    requests: i64,
    failed: i64,
    rescued: i64,
    prompt_tokens: i64,
    cached_tokens: i64,
    completion_tokens: i64,
    thought_tokens: i64,
    cost: i64,
}

impl Row {
    fn tally(&self) -> Tally {
        Tally {
            requests: positive(self.requests),
            failed: positive(self.failed),
            rescued: positive(self.rescued),
            prompt: positive(self.prompt_tokens),
            cached: positive(self.cached_tokens),
            completion: positive(self.completion_tokens),
            thoughts: positive(self.thought_tokens),
            cost: Cost::from_nanos(positive(self.cost)),
        }
    }
}

#[derive(FromRow)]
struct Begins {
    begins: i64,
}

#[derive(FromRow)]
struct LatencyRow {
    measure: String,
    class: i64,
    answers: i64,
}

fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
