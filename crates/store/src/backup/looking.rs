//! Looking into a backup: reading it to its end, and writing nothing.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::file::{Line, Reader};
use super::restoring::Section;
use super::{BackupError, BackupOptions, Contents, Restored};
use crate::Store;

impl Store {
    /// What [`Store::restore`] would bring. Fails as it would, but for what is in this database
    /// already, and for what the database itself would refuse.
    pub async fn look_into_backup(
        &self,
        options: &BackupOptions,
        input: &mut (dyn BufRead + Send),
    ) -> Result<Restored, BackupError> {
        let (mut reader, header) = Reader::new(input)?;
        self.opening(options, &header).await?;
        let keeps_removed = header.master_check == self.vault.check_value();
        let mut section: Option<Section> = None;
        let mut rows = BTreeMap::<String, u64>::new();
        loop {
            match reader.read()? {
                Line::Table { table, columns } => {
                    section = Some(Section::find(&reader, &table, &columns)?);
                }
                Line::Row(row) => {
                    let Some(section) = &section else {
                        return Err(reader.damaged("a row belongs to no table"));
                    };
                    section.check(&reader, &row)?;
                    *rows.entry(section.name().to_owned()).or_default() += 1;
                }
                Line::End { rows: mut written, .. } => {
                    written.retain(|_, count| *count > 0);
                    if written != rows {
                        return Err(reader.damaged("rows are missing"));
                    }
                    break;
                }
            }
        }
        let removed = rows.get("removed_keys").copied().unwrap_or_default();
        Ok(Restored {
            contents: Contents::of(&rows),
            made_at: header.made_at,
            version: header.version,
            forgotten: if keeps_removed { 0 } else { removed },
        })
    }
}
