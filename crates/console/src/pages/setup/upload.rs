//! A form with a file, as browsers send it.

use axum::extract::Multipart;
use axum::extract::multipart::Field;

use super::data::parse;
use crate::error::Error;
use crate::moving::{Brought, ReceivedFile, Wishes};

/// No field but the file is longer.
const LONGEST_FIELD: usize = 4096;

/// A form with a file, which goes to the disk as it comes.
pub(super) async fn read(mut form: Multipart) -> Result<Brought, Error> {
    let mut sent = None;
    let mut wishes = Wishes::default();
    let mut passphrase = String::new();
    while let Some(mut field) = form.next_field().await? {
        match field.name().unwrap_or_default() {
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let mut file = ReceivedFile::new()?;
                while let Some(piece) = field.chunk().await? {
                    file.add(&piece)?;
                }
                sent = Some((file, name));
            }
            "timezone" => wishes.timezone = Some(short(field).await?),
            "without_logs" => wishes.without_logs = true,
            "overwrite" => wishes.overwrite = true,
            "passphrase" => passphrase = short(field).await?,
            _ => {}
        }
    }
    let (file, name) = sent.ok_or_else(|| Error::invalid("file", "is missing"))?;
    let passphrase = if passphrase.is_empty() { None } else { Some(parse(&passphrase)?) };
    Brought::file(file, &name, &wishes, passphrase).await
}

async fn short(mut field: Field<'_>) -> Result<String, Error> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await? {
        if bytes.len() + piece.len() > LONGEST_FIELD {
            return Err(Error::TooLarge("A field of the form is too long.".to_owned()));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid("form", "is not in UTF-8"))
}
