//! Secrets on their way from one vault to another.

use secret::Vault;
use serde_json::Value;

use super::BackupError;
use super::tables::Table;
use crate::tables::{administrators, api_keys, conversations, resources, responses, settings};

/// Opens what `from` sealed in a row with all columns, and seals it with `to`.
pub(super) fn reseal(
    table: &Table,
    row: &mut [Value],
    from: &Vault,
    to: &Vault,
) -> Result<(), BackupError> {
    let text = |row: &[Value], column: &str| {
        let value = table.place(column).and_then(|place| row.get(place));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (column, context) = match table.name {
        "api_keys" => ("sealed_key", api_keys::seal_context(&text(row, "id"))),
        "administrators" => ("sealed_totp", administrators::totp_context(&text(row, "name"))),
        "conversations" => ("body", conversations::seal_context(&text(row, "id"))),
        "resources" => ("body", resources::seal_context(&text(row, "name"))),
        "responses" => ("body", responses::seal_context(&text(row, "id"))),
        "settings" if is_sealed(table, row) => {
            ("value", settings::seal_context(&text(row, "name")))
        }
        _ => return Ok(()),
    };
    let sealed = text(row, column);
    if sealed.is_empty() {
        return Ok(());
    }
    let plain =
        from.open(&context, &sealed).map_err(|_| BackupError::Locked { place: context.clone() })?;
    let sealed = to.seal(&context, &plain).map_err(|_| BackupError::Sealing)?;
    set(table, row, column, sealed);
    if table.name == "api_keys" {
        let platform = text(row, "platform").parse().unwrap_or_default();
        set(table, row, "fingerprint", api_keys::fingerprint(to, &plain, platform));
    }
    Ok(())
}

fn is_sealed(table: &Table, row: &[Value]) -> bool {
    table.place("sealed").and_then(|place| row.get(place)) == Some(&Value::Bool(true))
}

fn set(table: &Table, row: &mut [Value], column: &str, text: String) {
    if let Some(value) = table.place(column).and_then(|place| row.get_mut(place)) {
        *value = Value::String(text);
    }
}
