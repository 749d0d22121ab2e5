//! `portcullis import`.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use store::awx::{self, AwxError, SecretKey, Trouble};

use super::shell::Shell;
use crate::config;
use crate::control::Request;
use crate::data_dir::DataDir;
use crate::exit::{Exit, Outcome, Stop};

/// How the names of the files begin by which an import reaches the holder of the data directory.
const EXTRACT_BEGINS: &str = "import-";
/// How they end.
const EXTRACT_ENDS: &str = ".extract";

/// Takes over what another installation knew.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Everything or nothing is taken over, and a second import changes nothing.\n\n\
                  Examples:\n  \
                  portcullis import awx --dump awx.sql --secret-key-file SECRET_KEY --dry-run\n  \
                  PGPASSWORD=... portcullis import awx --database postgres://awx@db.example/awx"
)]
pub struct Import {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// Take over users, organizations, teams, applications and tokens of an AWX 24.6.1
    Awx(Awx),
}

#[derive(Debug, Args)]
#[command(
    after_help = "The gateway may run or not. Read and remove a dump with care: it has all secrets of that AWX.\n\n\
                        Examples:\n  \
                        pg_dump --format=plain --dbname=postgres://awx@db.example/awx --file=awx.sql\n  \
                        portcullis import awx --dump awx.sql --secret-key-file SECRET_KEY --dry-run"
)]
struct Awx {
    #[command(flatten)]
    place: Place,
    /// The file with the `SECRET_KEY` of that AWX; without it encrypted client secrets are not taken over
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<PathBuf>,
    /// Write nothing, and say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Make users, applications and descriptions that are here already as they are there
    #[arg(long)]
    overwrite: bool,
}

/// Where the other installation's data is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// Its database; the password is better given by PGPASSWORD or ~/.pgpass than in the URL
    #[arg(long, value_name = "URL", env = "PORTCULLIS_IMPORT_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// A plain dump of its database, as `pg_dump` makes it
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

impl Import {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let Source::Awx(wanted) = &self.source;
        let data_dir = self.shell.installation()?;
        let key = wanted.secret_key_file.as_deref().map(read_key).transpose()?;
        let extract = Extract::new(&data_dir)?;
        extract.write(&wanted.place, key.as_ref())?;
        tell(if wanted.dry_run { "comparing" } else { "taking over" });
        self.shell.run(Request::Import {
            extract: extract.path.clone(),
            is_dry_run: wanted.dry_run,
            overwrites: wanted.overwrite,
        })
    }
}

fn read_key(path: &Path) -> Outcome<SecretKey> {
    let text = config::read_file(path).map_err(|problem| Stop::usage(anyhow::Error::msg(problem)))?;
    SecretKey::new(&text)
        .ok_or_else(|| Stop::usage(anyhow::anyhow!("{} has no secret key in it", path.display())))
}

/// A file in the data directory by which what was read reaches whoever holds the directory. It has no clear
/// secrets, only its owner can read it, and it is gone when this is dropped.
struct Extract {
    path: PathBuf,
    /// Locked as long as it is needed. All is done by it: what stands at the path later may be another file.
    file: File,
}

impl Extract {
    fn new(data_dir: &DataDir) -> Outcome<Self> {
        remove_left(data_dir)?;
        let path = data_dir.file(&format!("{EXTRACT_BEGINS}{}{EXTRACT_ENDS}", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = made.with_context(|| format!("cannot write {}", path.display()))?;
        let extract = Self { path, file };
        extract.file.try_lock().with_context(|| format!("cannot lock {}", extract.path.display()))?;
        // Root may run this for a gateway that runs as another user, who must be able to read it.
        let (own, folder) = (extract.file.metadata()?, fs::metadata(data_dir.path())?);
        if own.uid() != folder.uid() {
            let shown = extract.path.display();
            fchown(&extract.file, Some(folder.uid()), Some(folder.gid()))
                .with_context(|| format!("cannot give {shown} to the owner of the data directory"))?;
        }
        Ok(extract)
    }

    fn write(&self, place: &Place, key: Option<&SecretKey>) -> Outcome {
        let mut out = BufWriter::new(&self.file);
        let mut progress = |table: &str, rows: u64| tell(&format!("reading {table}: {rows} rows"));
        if let Some(path) = &place.dump {
            let file = File::open(path).map_err(|error| {
                Stop::usage(anyhow::Error::new(error).context(format!("cannot open {}", path.display())))
            })?;
            if file.metadata()?.is_dir() {
                return Err(Stop::usage(anyhow::anyhow!(
                    "{} is a directory; make a plain dump of it with `pg_restore --file=awx.sql {0}`",
                    path.display()
                )));
            }
            awx::extract_dump(&mut BufReader::new(file), key, &mut out, &mut progress).map_err(stop)?;
        } else if let Some(url) = &place.database {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let extracted = awx::extract_database(url, key, &mut out, &mut progress);
            runtime.block_on(extracted).map_err(stop)?;
        }
        Ok(())
    }
}

/// Removes what killed commands have left behind: what nobody has locked.
fn remove_left(data_dir: &DataDir) -> Outcome {
    for entry in fs::read_dir(data_dir.path())?.filter_map(Result::ok) {
        let name = entry.file_name();
        let is_extract = name
            .to_str()
            .is_some_and(|name| name.starts_with(EXTRACT_BEGINS) && name.ends_with(EXTRACT_ENDS));
        if !is_extract || !entry.file_type().is_ok_and(|it| it.is_file()) {
            continue;
        }
        let is_used = File::open(entry.path())
            .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        if !is_used {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

impl Drop for Extract {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// How the program ends when the source cannot be read.
fn stop(error: AwxError) -> Stop {
    let exit = match error.trouble {
        Trouble::Source => Exit::Refused,
        Trouble::Unreachable | Trouble::Broken => Exit::Failed,
    };
    Stop { exit, error: error.into() }
}

/// Says how far it is, on standard error: standard output is for the result.
fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests;
