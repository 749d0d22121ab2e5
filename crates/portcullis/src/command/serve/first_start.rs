//! The first start: the administrator, made only where there is none.

use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use identity::action::{Fields, UserFields};
use identity::model::object::{Noun, Object};
use identity::model::password;
use identity::model::query::{Comparison, Lookup, Query, Term, Value};
use identity::model::secret::{Secret, generate};
use identity::model::{catalog, principal::Principal};
use identity::{Authority, Context, Refusal, Violation};

use crate::command::shell::PASSWORD;
use crate::exit::{Exit, Outcome, Stop};
use crate::random::uuid;

/// The administrator's name.
const ADMINISTRATOR: &str = "admin";
/// Characters of a random first password.
const LENGTH: usize = 24;
/// Letters and digits that nobody takes for another, and some signs.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_";
/// How often a random password is thrown until it follows the stored rules.
const THROWS_MAX: usize = 1000;

/// Where the first password comes from. Without any it is random and printed.
pub struct Source<'a> {
    /// A file that holds it.
    pub file: Option<&'a Path>,
    /// What the environment says.
    pub environment: Option<Secret>,
}

/// Makes the administrator unless there is one.
pub async fn ensure_administrator(authority: &Authority, source: Source<'_>) -> Outcome {
    let operator = authority.operator().await?;
    let context = Context {
        request_id: uuid(authority.world.random.as_ref()),
        address: "local".to_owned(),
        door: "shell",
        now: authority.world.clock.now(),
    };
    if has_superuser(authority, &operator).await? {
        return Ok(());
    }
    let password = match (source.file, source.environment) {
        (Some(path), _) => {
            warn_of_open_file(path);
            PASSWORD.read_file(path)?
        }
        (None, Some(password)) => password,
        (None, None) => {
            let password = random_password(authority)?;
            // Shown before it is stored: a start that is cut off between the two makes and shows another.
            show(&password)?;
            password
        }
    };
    let fields = UserFields {
        username: Some(ADMINISTRATOR.to_owned()),
        password: Some(password),
        is_superuser: Some(true),
        ..UserFields::default()
    };
    match authority.create(&context, &operator, Fields::User(fields), false).await {
        Ok(_) => {
            tracing::info!("the user {ADMINISTRATOR} was made");
            Ok(())
        }
        Err(Refusal::Invalid(invalid)) if matches!(invalid.violation, Violation::Duplicate(_)) => {
            tracing::warn!(
                "nobody administers this gateway, and the name {ADMINISTRATOR} is taken; \
                 run: portcullis user add NAME --superuser"
            );
            Ok(())
        }
        Err(Refusal::Invalid(invalid)) => {
            Err(Stop::new(Exit::Usage, format!("the first password breaks a rule: {:?}", invalid.violation)))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn has_superuser(authority: &Authority, operator: &Principal) -> Outcome<bool> {
    let field =
        catalog::entry(Noun::User).field("is_superuser").context("users have no field is_superuser")?;
    let comparison = Comparison::Field { field, lookup: Lookup::Exact, value: Value::Boolean(true) };
    let term = Term { is_negated: false, path: Vec::new(), is_chained: false, comparison };
    let query = Query { all: vec![term], ..Query::default() };
    let page = authority.list(operator, Noun::User, &query).await?;
    let objects = page.map(|page| page.objects).unwrap_or_default();
    Ok(objects.iter().any(|object| matches!(object, Object::User(user) if !user.is_system())))
}

fn random_password(authority: &Authority) -> Outcome<Secret> {
    let settings = authority.settings();
    let length = usize::try_from(settings.password_min_length).unwrap_or(LENGTH).max(LENGTH);
    (0..THROWS_MAX)
        .map(|_| generate(authority.world.random.as_ref(), ALPHABET, length))
        .find(|it| password::check(it.expose(), &settings).is_empty())
        .ok_or_else(|| {
            Stop::new(Exit::Failed, "no random password follows the stored rules; use --admin-password-file")
        })
}

fn show(password: &Secret) -> Outcome {
    let lines = [
        "The first administrator of this gateway".to_owned(),
        String::new(),
        format!("    user name   {ADMINISTRATOR}"),
        format!("    password    {}", password.expose()),
        String::new(),
        "The password is not shown again. To change it:".to_owned(),
        format!("    portcullis user passwd {ADMINISTRATOR}"),
    ];
    let width = lines.iter().map(String::len).max().unwrap_or(0);
    let rule = "─".repeat(width + 4);
    let mut out = io::stdout().lock();
    writeln!(out, "┌{rule}┐")?;
    for line in &lines {
        writeln!(out, "│  {line:width$}  │")?;
    }
    writeln!(out, "└{rule}┘")?;
    out.flush()?;
    Ok(())
}

fn warn_of_open_file(path: &Path) {
    let mode = std::fs::metadata(path).map_or(0, |it| it.permissions().mode());
    if mode & 0o007 != 0 {
        tracing::warn!(file = %path.display(), "every user of this machine can read the administrator's first password");
    }
}
