use std::collections::HashSet;

use sea_query::{Iden, Query};
use sqlx::FromRow;

use crate::StoreError;
use crate::db::Tx;
use crate::sql::{equals, upsert};
use crate::store::now;

#[derive(Iden, Clone, Copy)]
enum RemovedKeys {
    Table,
    Fingerprint,
    RemovedAt,
}

#[derive(FromRow)]
struct Row {
    fingerprint: String,
}

/// The fingerprints of all keys that were removed.
pub(crate) async fn fingerprints(tx: &mut Tx) -> Result<HashSet<String>, StoreError> {
    let select = Query::select().column(RemovedKeys::Fingerprint).from(RemovedKeys::Table).take();
    let rows: Vec<Row> = tx.all(&select).await?;
    Ok(rows.into_iter().map(|row| row.fingerprint).collect())
}

pub(crate) async fn remember(tx: &mut Tx, fingerprint: String) -> Result<(), StoreError> {
    let row = [
        (RemovedKeys::Fingerprint, fingerprint.into()),
        (RemovedKeys::RemovedAt, now().millis().into()),
    ];
    let upsert = upsert(RemovedKeys::Table, row, 1);
    tx.execute(&upsert).await?;
    Ok(())
}

pub(crate) async fn forget(tx: &mut Tx, fingerprint: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(RemovedKeys::Table)
        .and_where(equals(RemovedKeys::Fingerprint, fingerprint))
        .take();
    tx.execute(&delete).await?;
    Ok(())
}
