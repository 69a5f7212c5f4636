//! `notify`: whether messages to the owner arrive.

use anyhow::anyhow;
use jobs::Arrival;
use serde_json::{Value, json};

use crate::boot::Boot;
use crate::cli::Notify;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{self, Table};

/// Does what the command line says about notifications.
pub(crate) async fn run(environment: Environment, command: Notify) -> Result<(), Failure> {
    let Notify::Test { json } = command;
    let boot = Boot::open(environment).await?;
    let arrivals = jobs::send_test(&boot.resolved.settings.notifications).await;
    boot.store.close().await;
    if arrivals.is_empty() {
        return Err(Failure::configuration(
            "no channel is configured: set NOTIFY_WEBHOOK_URL, NOTIFY_BARK_URL, \
             NOTIFY_SERVERCHAN_KEY, NOTIFY_TELEGRAM_TOKEN with NOTIFY_TELEGRAM_CHAT, or \
             NOTIFY_SMTP_URL with NOTIFY_EMAIL_FROM and NOTIFY_EMAIL_TO",
        ));
    }
    show(&arrivals, json)?;
    match arrivals.iter().filter(|arrival| arrival.error.is_some()).count() {
        0 => Ok(()),
        failed => Err(anyhow!("{failed} of {} did not arrive", arrivals.len()).into()),
    }
}

fn show(arrivals: &[Arrival], as_json: bool) -> Result<(), Failure> {
    if as_json {
        let one = |Arrival { channel, error }: &Arrival| json!({"channel": channel, "arrived": error.is_none(), "error": error});
        return output::print_json(&arrivals.iter().map(one).collect::<Vec<Value>>());
    }
    let mut table = Table::new(["CHANNEL", "RESULT"]);
    for Arrival { channel, error } in arrivals {
        let result = error.clone().unwrap_or_else(|| "sent".to_owned());
        table.row([(*channel).to_owned(), result]);
    }
    output::print(&table.to_string())
}
