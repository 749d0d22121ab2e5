//! Sealing: writes the extract, with digests where the source has secrets that can be shown.

use std::io::Write;

use identity::model::secret::Digest;

use super::fernet::{MARK, SecretKey};
use super::schema::{Table, TableId};
use super::source::{AwxError, Progress, Row, Sink};
use super::{copy, dump};
use crate::rows::untagged;

/// Stands in an extract for a client secret that could not be read.
pub(crate) const UNUSABLE: &str = "!";

/// Largest extract, in bytes: whoever reads it has all of it in memory at once.
pub(crate) const EXTRACT_MAX: u64 = 1024 * 1024 * 1024;

/// Rows between two reports of progress.
const REPORT_ROWS: u64 = 10_000;

/// Writes the extract.
pub(crate) struct Sealer<'a, W: Write + ?Sized> {
    key: Option<&'a SecretKey>,
    out: &'a mut W,
    progress: Progress<'a>,
    rows: u64,
    /// How many bytes there may still be.
    left: u64,
    /// How many encrypted secrets the key has opened, and how many not.
    opened: u64,
    closed: u64,
}

impl<'a, W: Write + ?Sized> Sealer<'a, W> {
    pub(crate) fn new(key: Option<&'a SecretKey>, out: &'a mut W, progress: Progress<'a>) -> Self {
        Self { key, out, progress, rows: 0, left: EXTRACT_MAX, opened: 0, closed: 0 }
    }

    /// The same for a smaller extract.
    #[cfg(test)]
    pub(crate) fn at_most(mut self, bytes: u64) -> Self {
        self.left = bytes;
        self
    }

    fn write(&mut self, text: &[u8]) -> Result<(), AwxError> {
        let left = u64::try_from(text.len()).ok().and_then(|length| self.left.checked_sub(length));
        self.left = left.ok_or_else(|| {
            AwxError::source(format!(
                "what is to be taken over has more than {} MiB, which is more than an import takes; remove expired \
                 tokens there first (awx-manage cleanup_tokens)",
                EXTRACT_MAX / 1024 / 1024
            ))
        })?;
        self.out.write_all(text)?;
        Ok(())
    }

    /// Ends the extract. A key that opens nothing is the key of another installation.
    pub(crate) fn finish(self) -> Result<(), AwxError> {
        if self.key.is_some() && self.opened == 0 && self.closed > 0 {
            return Err(AwxError::source(format!(
                "the secret key is not the one of this AWX: none of the {} encrypted client secrets opens with \
                 it; it is in /etc/tower/SECRET_KEY there, or in the secret `<name>-secret-key` of the AWX \
                 operator",
                self.closed
            )));
        }
        self.out.flush()?;
        Ok(())
    }

    fn client_secret(&mut self, kept: &str) -> String {
        if !kept.starts_with(MARK) {
            return hashed(kept);
        }
        let Some(key) = self.key else { return UNUSABLE.to_owned() };
        if let Some(clear) = key.decrypt(kept) {
            self.opened += 1;
            return hashed(clear.expose());
        }
        self.closed += 1;
        UNUSABLE.to_owned()
    }
}

impl<W: Write + ?Sized> Sink for Sealer<'_, W> {
    fn begin(&mut self, table: &'static Table) -> Result<(), AwxError> {
        self.rows = 0;
        self.write(dump::header(table).as_bytes())
    }

    fn row(&mut self, mut row: Row) -> Result<(), AwxError> {
        match row.table.id {
            TableId::Tokens | TableId::RefreshTokens => {
                let token = row.text("token").map(digest);
                row.replace("token", token.unwrap_or_default());
            }
            TableId::Applications => {
                let kept = row.text_or_empty("client_secret");
                let sealed = self.client_secret(&kept);
                row.replace("client_secret", sealed);
            }
            _ => {}
        }
        self.write(copy::line(&row.cells).as_bytes())?;
        self.rows += 1;
        if self.rows.is_multiple_of(REPORT_ROWS) {
            (self.progress)(row.table.names[0], self.rows);
        }
        Ok(())
    }

    fn broken(&mut self, _: &'static Table) -> Result<(), AwxError> {
        // A row without its cells: whoever reads the extract finds it as broken as it was.
        self.write(b"\n")?;
        self.rows += 1;
        Ok(())
    }

    fn end(&mut self, table: &'static Table) -> Result<(), AwxError> {
        self.write(copy::END)?;
        self.write(b"\n")?;
        // Also true of an empty table, of which there is nothing to tell.
        if !self.rows.is_multiple_of(REPORT_ROWS) {
            (self.progress)(table.names[0], self.rows);
        }
        Ok(())
    }
}

/// A token as it is kept: the digest of its value, which AAP has already made.
fn digest(value: &str) -> String {
    match value {
        "" => String::new(),
        digest if untagged(digest).is_ok() => digest.to_ascii_lowercase(),
        clear => Digest::of(clear.as_bytes()).to_tagged(),
    }
}

/// A client secret as it is kept: AAP has a password hash of it, which stays.
fn hashed(value: &str) -> String {
    const HASHES: [&str; 6] = ["argon2$", "bcrypt$", "bcrypt_sha256$", "md5$", "pbkdf2_sha1$", "scrypt$"];
    match value {
        hash if hash.starts_with("pbkdf2_sha256$") => hash.to_owned(),
        hash if HASHES.iter().any(|it| hash.starts_with(it)) => UNUSABLE.to_owned(),
        other => digest(other),
    }
}
