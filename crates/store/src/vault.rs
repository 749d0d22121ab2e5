//! Secrets that must come back in clear, sealed in the database.

use std::sync::Arc;

use async_trait::async_trait;
use identity::model::secret::Secret;
use identity::port::{VAULT_SECRET_MAX, VAULT_SECRETS_MAX, Vault, vault_name};
use identity::{Fault, Origin};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::engine::Done;
use crate::rows::Read;
use crate::sealer::{Purpose, Sealer};
use crate::{SqliteStore, settings, sql};

/// Whether something in this database is sealed.
pub(crate) async fn is_anything_sealed(connection: &mut SqliteConnection) -> Read<bool> {
    let count: i64 = sqlx::query(sql::SEALED_COUNT).fetch_one(connection).await?.try_get(0)?;
    Ok(count > 0)
}

/// A fault on its way through the database's own error.
pub(crate) fn carried(fault: Fault) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(fault))
}

fn fault(message: impl Into<String>) -> Fault {
    Fault::new(Origin::Store, message)
}

#[async_trait]
impl Vault for SqliteStore {
    async fn put(&self, name: &str, secret: &Secret) -> Result<(), Fault> {
        vault_name(name).map_err(fault)?;
        if secret.expose().len() > VAULT_SECRET_MAX {
            return Err(fault(format!("a secret has at most {VAULT_SECRET_MAX} bytes")));
        }
        // Tried here first, for its own words where the vault is closed.
        self.sealer.seal(Purpose::Secret, name, b"")?;
        let (name, secret, sealer) = (name.to_owned(), secret.clone(), Arc::clone(&self.sealer));
        let is_full = self
            .engine
            .write(move |connection| {
                Box::pin(async move {
                    let known = sqlx::query(sql::SECRET).bind(&name).fetch_optional(&mut *connection).await?;
                    let count: i64 =
                        sqlx::query(sql::SECRET_COUNT).fetch_one(&mut *connection).await?.try_get(0)?;
                    if known.is_none() && usize::try_from(count).is_ok_and(|it| it >= VAULT_SECRETS_MAX) {
                        return Ok(Done::quiet(true));
                    }
                    // Sealed where nothing else is written meanwhile, so that a change of the key misses nothing.
                    let blob = sealer.seal(Purpose::Secret, &name, secret.expose().as_bytes());
                    let blob = blob.map_err(carried)?;
                    sqlx::query(sql::SECRET_PUT).bind(&name).bind(blob).execute(connection).await?;
                    Ok(Done::quiet(false))
                })
            })
            .await?;
        if is_full {
            Err(fault(format!("the vault holds {VAULT_SECRETS_MAX} secrets already")))
        } else {
            Ok(())
        }
    }

    async fn find(&self, name: &str) -> Result<Option<Secret>, Fault> {
        let wanted = name.to_owned();
        let sealed: Option<Vec<u8>> = self
            .engine
            .read(|connection| {
                Box::pin(async move {
                    let row = sqlx::query(sql::SECRET).bind(wanted).fetch_optional(connection).await?;
                    row.map(|row| row.try_get("sealed")).transpose()
                })
            })
            .await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let text = String::from_utf8(self.sealer.open(Purpose::Secret, name, &sealed)?);
        text.map(|it| Some(Secret::new(it))).map_err(|_| fault(format!("the secret {name:?} is no text")))
    }

    async fn remove(&self, name: &str) -> Result<bool, Fault> {
        let name = name.to_owned();
        self.engine
            .write(move |connection| {
                Box::pin(async move {
                    let gone = sqlx::query(sql::SECRET_DELETE).bind(name).execute(connection).await?;
                    Ok(Done::quiet(gone.rows_affected() > 0))
                })
            })
            .await
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let prefix = prefix.to_owned();
        self.engine
            .read(|connection| {
                Box::pin(async move {
                    let rows = sqlx::query(sql::SECRET_NAMES).bind(prefix).fetch_all(connection).await?;
                    rows.iter().map(|row| row.try_get("name")).collect()
                })
            })
            .await
    }

    async fn change_key(&self, forgets: bool) -> Result<(usize, usize), Fault> {
        let _turn = self.key_change.lock().await;
        if !forgets {
            let sealer = Arc::clone(&self.sealer);
            let lost = self.engine.read(|connection| Box::pin(unopened(connection, sealer))).await?;
            if lost > 0 {
                return Err(fault(format!(
                    "{lost} sealed values do not open: put the key back under which they were sealed, or run the \
                     command with --forget, which removes them"
                )));
            }
        }
        self.sealer.begin_change()?;
        let sealer = Arc::clone(&self.sealer);
        let counts = self
            .engine
            .write(move |connection| {
                Box::pin(async move { Ok(Done::quiet(reseal(connection, &sealer, forgets).await?)) })
            })
            .await?;
        self.sealer.end_change()?;
        Ok(counts)
    }
}

/// Everything sealed: as what, its name, and what lies there.
async fn sealed(connection: &mut SqliteConnection) -> Read<Vec<(Purpose, String, Vec<u8>)>> {
    let mut all = Vec::new();
    for (purpose, query) in [(Purpose::Secret, sql::SECRETS), (Purpose::Fact, sql::SEALED_FACTS)] {
        for row in sqlx::query(query).fetch_all(&mut *connection).await? {
            all.push((purpose, row.try_get("name")?, row.try_get("sealed")?));
        }
    }
    for row in sqlx::query(sql::SETTINGS).fetch_all(connection).await? {
        let (name, value): (String, String) = (row.try_get("name")?, row.try_get("value")?);
        if let Some(sealed) = settings::sealed(&value) {
            all.push((Purpose::Setting, name, sealed));
        }
    }
    Ok(all)
}

/// How many sealed values do not open.
async fn unopened(connection: &mut SqliteConnection, sealer: Arc<Sealer>) -> Read<usize> {
    let all = sealed(connection).await?;
    Ok(all.iter().filter(|(purpose, name, sealed)| sealer.open(*purpose, name, sealed).is_err()).count())
}

/// Seals everything anew; how much, and how much was forgotten because it does not open.
async fn reseal(connection: &mut SqliteConnection, sealer: &Sealer, forgets: bool) -> Read<(usize, usize)> {
    let (mut resealed, mut forgotten) = (0, 0);
    for (purpose, name, sealed) in sealed(connection).await? {
        let put = match sealer.open(purpose, &name, &sealed) {
            Ok(value) => Some(sealer.seal(purpose, &name, &value).map_err(carried)?),
            Err(_) if forgets => None,
            Err(fault) => return Err(carried(fault)),
        };
        let (delete, update) = match purpose {
            Purpose::Secret => (sql::SECRET_DELETE, sql::SECRET_PUT),
            Purpose::Fact => (sql::FACT_DELETE, sql::FACT_REPLACE),
            Purpose::Setting => (sql::SETTING_DELETE, sql::SETTING_PUT),
        };
        match put {
            None => {
                forgotten += 1;
                sqlx::query(delete).bind(name).execute(&mut *connection).await?;
            }
            Some(blob) => {
                resealed += 1;
                let query = sqlx::query(update).bind(name);
                let query = match purpose {
                    Purpose::Setting => query.bind(settings::wrapped(&blob)),
                    Purpose::Secret | Purpose::Fact => query.bind(blob),
                };
                query.execute(&mut *connection).await?;
            }
        }
    }
    Ok((resealed, forgotten))
}
