//! `portcullis api`.

mod again;
mod ask;
mod rows;
mod show;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use client::{CallError, Caller, Options, PAGES_MAX, Transport};
use dialects::{Method as Way, Rejection};
use http::{Method, request};

use self::show::{Show, Shown};
use super::refusal::Moment;
use super::{Chosen, Opened, warn};
use crate::exit::{Outcome, Stop};

/// Longest answer that is read as JSON, in bytes; `-o raw` takes answers of any size.
const JSON_MAX: usize = 64 * 1024 * 1024;

/// Sends a request with the proof.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "portcullis api [OPTIONS] [METHOD] <PATH>",
    after_help = "A path that does not begin with a slash is below the platform's own API (/api/v2/, /dataservice/,\n\
                  ...). The proof and the CSRF or XSRF token are added. A session that is over is renewed once, if\n\
                  the password is given or a terminal can be asked; a request that may have run is not repeated.\n\
                  A failure's answer is printed, too; the exit code tells: 3 the platform refuses (4xx), 4 it cannot\n\
                  (5xx, 429), 5 the sign-in is over.\n\n\
                  Examples:\n  \
                  portcullis api me/\n  \
                  portcullis api job_templates/ -q page_size=100 --paginate -o table\n  \
                  portcullis api POST /api/v2/job_templates/7/launch/ -d '{\"limit\": \"web\"}'\n  \
                  portcullis api PATCH hosts/3/ -F enabled=false -F description='rack 7'\n  \
                  portcullis api PUT /dataservice/template/x -d @body.json\n  \
                  portcullis api /dataservice/device/config -o raw > config.txt"
)]
pub struct Api {
    /// Such as GET; may be left out: GET without a body, POST with one
    #[arg(value_name = "METHOD")]
    first: String,
    /// A path, or a whole address at the same server
    #[arg(value_name = "PATH")]
    second: Option<String>,
    /// The body: itself, or @FILE, or @- for standard input; JSON unless a header says otherwise
    #[arg(short = 'd', long, value_name = "DATA", allow_hyphen_values = true)]
    data: Option<String>,
    /// A member of a JSON body; numbers, true, false and null are taken for such; can be repeated
    #[arg(short = 'F', long = "field", value_name = "KEY=VALUE", conflicts_with = "data")]
    field: Vec<String>,
    /// A value in the query; can be repeated
    #[arg(short = 'q', long, value_name = "KEY=VALUE")]
    query: Vec<String>,
    /// A header; can be repeated
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Follow the pages of a list: one array of all rows
    #[arg(long)]
    paginate: bool,
    /// Most pages that are followed
    #[arg(long, value_name = "N", requires = "paginate", default_value_t = PAGES_MAX,
          value_parser = pages_max, hide_default_value = true)]
    pages_max: usize,
    /// How to print; without it JSON is printed readably, and anything else as it comes
    #[arg(short = 'o', long = "output", value_name = "FORMAT", value_enum)]
    output: Option<Form>,
    /// Print the status and the headers first
    #[arg(short = 'i', long)]
    include: bool,
    /// Sign in again with the password in this file (one line) if the session is over
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    chosen: Chosen,
}

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// JSON: indented on a terminal, on one line elsewhere
    Json,
    /// The rows of a list as a table
    Table,
    /// Byte by byte, of any size
    Raw,
}

fn pages_max(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|it| (1..=PAGES_MAX).contains(it));
    number.ok_or_else(|| format!("wants a number from 1 to {PAGES_MAX}"))
}

impl Api {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let outcome = runtime.block_on(self.send());
        // Standard input may still be open, and its reader would be waited for.
        runtime.shutdown_background();
        outcome
    }

    async fn send(self) -> Outcome {
        let (method, path) = ask::target(&self.first, self.second.as_deref(), self.has_body())?;
        let headers = ask::headers(&self.header)?;
        let body = ask::body(self.data.as_deref(), &self.field)?;
        if self.paginate && method != Method::GET {
            return Err(Stop::usage(anyhow::anyhow!("--paginate follows the pages of a GET alone")));
        }
        let opened = with_room(self.chosen.open()?)?;
        let keeper = again::keeper(&opened, self.password_file.clone(), self.reads_input());
        let mut caller = opened.caller(&keeper)?;
        let root = opened.half().root(caller.holding());
        let uri = ask::address(&path, root, &self.query, caller.base())?;
        let mut request = ask::request(method.clone(), uri, headers, body)?;
        let half = opened.half();
        let includes = self.include || method == Method::HEAD;
        let mut show = Show { form: self.output, includes, half, shown: Shown::default() };
        if self.paginate {
            *request.body_mut() = client::Payload::empty();
            let parts = request.into_parts().0;
            return self.pages(&opened, &mut caller, &parts, &mut show).await;
        }
        let answer = caller.call(request).await.map_err(|it| stop(&opened, it))?;
        show.answer(answer).await
    }

    async fn pages(
        &self,
        opened: &Opened,
        caller: &mut Caller<'_>,
        request: &request::Parts,
        show: &mut Show,
    ) -> Outcome {
        let mut pages = caller.pages(request, self.pages_max);
        loop {
            match pages.next().await {
                Ok(Some(page)) => {
                    if page.is_cut {
                        warn(&format!(
                            "there are more than {} pages; --pages-max follows more",
                            self.pages_max
                        ));
                    }
                    show.page(page)?;
                }
                Ok(None) => return show.end(),
                Err(error) => return Err(stop(opened, error)),
            }
        }
    }

    fn has_body(&self) -> bool {
        self.data.is_some() || !self.field.is_empty()
    }

    fn reads_input(&self) -> bool {
        self.data.as_deref() == Some("@-")
    }
}

/// What a failed call comes to. A password is refused only where somebody was just signing in again with it, unless it
/// is shown with each request.
fn stop(opened: &Opened, error: CallError) -> Stop {
    match error {
        CallError::Refused(Rejection::Password) if opened.profile.method != Way::Basic => {
            Moment::SigningIn.call(error)
        }
        error => opened.moment().call(error),
    }
}

/// The same with a connection that takes longer whole answers.
fn with_room(mut opened: Opened) -> Outcome<Opened> {
    let options = Options { body_max: JSON_MAX, ..opened.transport.options().clone() };
    opened.transport = Transport::with(options).map_err(|it| super::refusal::broken(&it))?;
    Ok(opened)
}
