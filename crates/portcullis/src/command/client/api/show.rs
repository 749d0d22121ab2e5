//! An answer on standard output, and what its status comes to.

use std::io::{self, IsTerminal as _, Write as _};

use bytes::Bytes;
use client::{Page, Streamed, Trouble};
use dialects::ClientHalf;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, StatusCode, response};
use serde_json::Value;

use super::super::refusal;
use super::{Form, JSON_MAX, rows};
use crate::exit::{Exit, Outcome, Stop};
use crate::output::{self, Format, printable, printable_json, printable_lines};

/// Members in which platforms say what went wrong.
const WORDS: [&str; 6] = ["detail", "message", "error", "details", "error_description", "Message"];
/// Most rows of a table that is put together from pages.
const ROWS_MAX: usize = 100_000;
/// Longest words of a platform in a message, in characters.
const WORDS_MAX: usize = 300;

/// How answers are printed.
pub struct Show {
    /// As the command line says.
    pub form: Option<Form>,
    /// Whether status and headers come first.
    pub includes: bool,
    /// Whose lists they are.
    pub half: &'static dyn ClientHalf,
    /// What of a list has been printed.
    pub shown: Shown,
}

/// What of a list has been printed, or kept for its table.
#[derive(Debug, Default)]
pub struct Shown {
    is_open: bool,
    has_rows: bool,
    kept: Option<Vec<Value>>,
}

impl Show {
    /// Prints one answer. A status that is no success is an error, after its body.
    pub async fn answer(&mut self, answer: Streamed) -> Outcome {
        let head = answer.head().clone();
        self.head(&head)?;
        if self.form == Some(Form::Raw) || !self.is_parsed(&head.headers) {
            self.stream(answer).await?;
            return judged(&head, None);
        }
        let whole = answer.whole(JSON_MAX).await.map_err(|fault| match Trouble::of(&fault) {
            Some(Trouble::TooLong) => Stop::new(
                Exit::Failed,
                format!("the answer is longer than {JSON_MAX} bytes; -o raw prints answers of any size"),
            ),
            _ => refusal::broken(&fault),
        })?;
        self.whole(&head, whole.body())
    }

    /// Whether a body is read as JSON: where that is asked for, or the answer says that it is some.
    fn is_parsed(&self, headers: &HeaderMap) -> bool {
        let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        self.form.is_some() || kind.split(';').next().is_some_and(|it| it.trim().ends_with("json"))
    }

    fn whole(&self, head: &response::Parts, body: &Bytes) -> Outcome {
        let value: Option<Value> = serde_json::from_slice(body).ok();
        match &value {
            _ if body.is_empty() => {}
            Some(value) if self.form == Some(Form::Table) && head.status.is_success() => {
                output::print(&rows::report(value, self.half.rows(value)), Format::Table)?;
            }
            // The words of a failure are no table.
            Some(_) if self.form == Some(Form::Table) => {}
            Some(value) => {
                let mut out = io::stdout().lock();
                let is_readable = out.is_terminal();
                writeln!(out, "{}", json(value, is_readable))?;
                out.flush()?;
            }
            None if self.form.is_some() => {
                judged(head, None)?;
                let text = "the answer is not JSON; -o raw prints it as it came";
                return Err(Stop::new(Exit::Failed, text));
            }
            None => plain(body)?,
        }
        judged(head, value.as_ref())
    }

    /// Prints a body while it comes. On a terminal it is obeyed only if that is asked for.
    async fn stream(&self, mut answer: Streamed) -> Outcome {
        let is_raw = self.form == Some(Form::Raw) || !io::stdout().is_terminal();
        while let Some(chunk) = answer.chunk().await.map_err(|it| refusal::broken(&it))? {
            if is_raw {
                io::stdout().write_all(&chunk)?;
            } else {
                plain(&chunk)?;
            }
        }
        io::stdout().flush()?;
        Ok(())
    }

    /// Prints one page of a list.
    pub fn page(&mut self, page: Page) -> Outcome {
        let (head, body) = page.answer.into_parts();
        self.head(&head)?;
        if self.form == Some(Form::Raw) {
            io::stdout().write_all(&body)?;
            return judged(&head, page.value.as_ref());
        }
        let rows = page.value.as_ref().filter(|_| head.status.is_success()).and_then(|it| self.half.rows(it));
        let Some(rows) = rows else {
            if self.shown.is_open || self.shown.kept.is_some() {
                judged(&head, page.value.as_ref())?;
                return Err(Stop::new(Exit::Foreign, "a page in the middle of the list is no list"));
            }
            return self.whole(&head, &body);
        };
        if self.form == Some(Form::Table) {
            let kept = self.shown.kept.get_or_insert_default();
            if kept.len() + rows.len() > ROWS_MAX {
                let text = "the list is too long for a table; -o json prints it row by row";
                return Err(Stop::new(Exit::Failed, text));
            }
            kept.extend(rows.iter().cloned());
            return Ok(());
        }
        let mut out = io::stdout().lock();
        let is_readable = out.is_terminal();
        if !self.shown.is_open {
            self.shown.is_open = true;
            write!(out, "[")?;
        }
        for row in rows {
            let joint = if self.shown.has_rows { "," } else { "" };
            self.shown.has_rows = true;
            if is_readable {
                write!(out, "{joint}\n  {}", json(row, true).replace('\n', "\n  "))?;
            } else {
                write!(out, "{joint}{}", json(row, false))?;
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Ends a list.
    pub fn end(&mut self) -> Outcome {
        if self.shown.is_open {
            let mut out = io::stdout().lock();
            let gap = if out.is_terminal() && self.shown.has_rows { "\n" } else { "" };
            writeln!(out, "{gap}]")?;
            out.flush()?;
        } else if let Some(kept) = self.shown.kept.take() {
            output::print(&rows::table(kept), Format::Table)?;
        }
        Ok(())
    }

    /// Prints status and headers, without the secrets in them.
    fn head(&self, head: &response::Parts) -> Outcome {
        if !self.includes {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{:?} {}", head.version, head.status)?;
        for (name, value) in &head.headers {
            let is_secret = *name == SET_COOKIE || self.half.session_headers().contains(&name.as_str());
            let shown = printable(&String::from_utf8_lossy(value.as_bytes()));
            let shown = if is_secret { "(not shown)" } else { &shown };
            writeln!(out, "{name}: {shown}")?;
        }
        writeln!(out)?;
        out.flush()?;
        Ok(())
    }
}

/// Text that is no JSON: on a terminal without what that would obey.
fn plain(body: &[u8]) -> Outcome {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        writeln!(out, "{}", printable_lines(&String::from_utf8_lossy(body)))?;
    } else {
        out.write_all(body)?;
    }
    out.flush()?;
    Ok(())
}

/// JSON in which everything that a terminal would obey is written as an escape, which means the same.
pub fn json(value: &Value, is_readable: bool) -> String {
    let text = if is_readable { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    printable_json(&text.unwrap_or_default())
}

/// What a status comes to.
pub fn judged(head: &response::Parts, value: Option<&Value>) -> Outcome {
    let status = head.status;
    if status.is_success() {
        return Ok(());
    }
    let said = value.map(words).unwrap_or_default();
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    let header = |name| head.headers.get(name).and_then(|it| it.to_str().ok()).map(printable);
    let (exit, advice) = match status {
        StatusCode::UNAUTHORIZED => (Exit::SignedOut, "; run `portcullis login` to sign in again".to_owned()),
        StatusCode::TOO_MANY_REQUESTS => (Exit::Unreachable, wait(header(RETRY_AFTER))),
        _ if status.is_server_error() => (Exit::Unreachable, wait(header(RETRY_AFTER))),
        _ if status.is_redirection() => match header(LOCATION) {
            Some(to) => (Exit::Refused, format!("; it points to {to}, which was not followed")),
            None => (Exit::Refused, String::new()),
        },
        _ => (Exit::Refused, String::new()),
    };
    Err(Stop::new(exit, format!("the platform answers {status}{said}{advice}")))
}

fn wait(after: Option<String>) -> String {
    after.map(|it| format!("; it says to try again after {it} s")).unwrap_or_default()
}

/// What a platform says of a failure, shortened and without what a terminal would obey.
fn words(value: &Value) -> String {
    let found = value.get("error").filter(|it| it.is_object()).unwrap_or(value);
    let said: Vec<&str> = WORDS.iter().filter_map(|key| found.get(key)?.as_str()).collect();
    let text = match (said.first(), found) {
        (Some(_), _) => said.join(" "),
        // Complaints about single fields.
        (None, Value::Object(members)) if !members.is_empty() => found.to_string(),
        _ => String::new(),
    };
    printable(&text.chars().take(WORDS_MAX).collect::<String>())
}
