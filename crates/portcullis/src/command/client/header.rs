//! `portcullis header`.

use std::io::{self, IsTerminal as _, Write as _};

use client::Base;
use dialects::{ClientHalf, Holding};
use http::{HeaderMap, Method, Request};

use super::{Chosen, Opened, block_on, quoting, warn};
use crate::exit::{Exit, Outcome, Stop};

/// Prints the header lines that show the proof, for curl and its kin.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Shows secrets. They are good at the address that was signed in at, and go nowhere else as long\n\
                        as the URL is given here too: for another server there is no header. With --curl the lines are\n\
                        for `curl -K`, and say whose certificates to trust as well.\n\n\
                        Examples:\n  \
                        curl -H @<(portcullis header) https://awx.example.com/api/v2/me/\n  \
                        curl -K <(portcullis header --curl) https://awx.example.com/api/v2/me/\n  \
                        portcullis header https://awx.example.com/api/v2/me/"
)]
pub struct Header {
    #[command(flatten)]
    chosen: Chosen,
    /// Write the lines for `curl -K`
    #[arg(long)]
    curl: bool,
    /// Where the request will go; refused if that is not where the proof was won
    #[arg(value_name = "URL")]
    url: Option<String>,
}

impl Header {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let opened = self.chosen.open()?;
        if let Some(url) = &self.url {
            let (there, _) = client::base(url).map_err(Stop::usage)?;
            if there.as_str() != opened.profile.base {
                let message = format!(
                    "{there} is not where {} signed in, which is {}; choose with --profile",
                    opened.name, opened.profile.base
                );
                return Err(Stop::new(Exit::Refused, message));
            }
        }
        let holding = block_on(opened.fresh())?;
        let headers = headers(opened.half(), &holding)?;
        let mut out = io::stdout().lock();
        if out.is_terminal() {
            warn("this shows secrets, and the terminal remembers them");
        }
        for (name, value) in &headers {
            let line = format!("{}: {}", title(name.as_str()), value.to_str()?);
            if self.curl {
                writeln!(out, "header = {}", quoting::curl(&line))?;
            } else {
                writeln!(out, "{line}")?;
            }
        }
        if self.curl {
            write_trust(&mut out, &opened)?;
        }
        out.flush()?;
        Ok(())
    }
}

fn write_trust(out: &mut impl io::Write, opened: &Opened) -> io::Result<()> {
    match opened.profile.ca.as_ref().and_then(|it| it.to_str()) {
        _ if opened.profile.is_insecure => writeln!(out, "insecure"),
        Some(file) => writeln!(out, "cacert = {}", quoting::curl(file)),
        None => Ok(()),
    }
}

/// What a request that changes something has to carry; one that only reads may carry it too.
fn headers(half: &dyn ClientHalf, holding: &Holding) -> Outcome<HeaderMap> {
    let base: http::Uri = holding.base.parse()?;
    let base = Base::of(&base)?;
    let request = Request::builder().method(Method::POST).uri(base.at("/")?).body(())?;
    let mut parts = request.into_parts().0;
    half.write_proof(holding, &mut parts);
    Ok(parts.headers)
}

/// A name as people write it: HTTP/1.1 does not care, people who read do.
fn title(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|it| it.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
