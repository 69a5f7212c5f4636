//! `/admin`: how it stands.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use keypool::Totals;
use relay::Gateway;

use crate::page::Page;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "overview.html")]
pub(crate) struct OverviewPage {
    shell: Shell,
    totals: Totals,
}

pub(crate) async fn show(
    State(gateway): State<Arc<Gateway>>,
    shell: Shell,
) -> Page<OverviewPage> {
    let totals = gateway.pool().totals(relay::now());
    Page(OverviewPage { shell, totals })
}
