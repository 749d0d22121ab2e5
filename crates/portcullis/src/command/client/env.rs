//! `portcullis env`, and the variables that it and `portcullis exec` set for other programs.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _, Write as _};

use dialects::{Holding, Login};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;

use super::quoting::Syntax;
use super::{Chosen, Opened, block_on, say, warn};
use crate::exit::Outcome;

/// Prints what other tools want to find in their environment.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Shows secrets. `portcullis exec -- COMMAND` gives the same to one command and to nothing else.\n\
                        A session is cookies, which no tool takes from its environment: sign in with --method token.\n\n\
                        Examples:\n  \
                        eval \"$(portcullis env)\"\n  \
                        portcullis env --shell fish | source\n  \
                        portcullis env --shell powershell | Out-String | Invoke-Expression"
)]
pub struct Env {
    #[command(flatten)]
    chosen: Chosen,
    /// For which shell
    #[arg(long, value_name = "SHELL", value_enum, default_value_t)]
    shell: Syntax,
}

impl Env {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let opened = self.chosen.open()?;
        let holding = block_on(opened.fresh())?;
        let mut out = io::stdout().lock();
        if out.is_terminal() {
            warn("this shows secrets, and the terminal remembers them");
        }
        let found = variables(&opened, &holding);
        for name in strays(&found).into_iter().filter(|it| std::env::var_os(it).is_some()) {
            writeln!(out, "{}", self.shell.removal(name))?;
        }
        for (name, value) in found {
            writeln!(out, "{}", self.shell.assignment(name, value.expose()))?;
        }
        out.flush()?;
        Ok(())
    }
}

/// What other tools of the platform want to find; and how to trust its certificate, where that is not what the
/// system trusts. Says so if none of it opens anything.
pub fn variables(opened: &Opened, holding: &Holding) -> Vec<(&'static str, Secret)> {
    let mut found = opened.half().environment(holding);
    if matches!(holding.proof, Proof::Session { .. }) {
        say(
            "a session cannot be given to other tools, so there is no secret in their environment; sign in with \
             --method token, or let them ask `portcullis header`",
        );
    }
    found.push(("PORTCULLIS_PROFILE", Secret::new(opened.name.as_str())));
    if opened.profile.is_insecure {
        found.extend(UNVERIFIED.map(|(name, value)| (name, Secret::new(value))));
    } else if let Some(file) = opened.profile.ca.as_ref().and_then(|it| it.to_str()) {
        found.extend(TRUSTED.map(|name| (name, Secret::new(file))));
    }
    found
}

/// The variables that any sign-in may set, and this one does not: what is left there from another would be shown to
/// the wrong server, or have its certificate pass unchecked.
pub fn strays(found: &[(&'static str, Secret)]) -> BTreeSet<&'static str> {
    // The port is there so that it is named, too.
    let login = Login::new("https://host.example:1", "user", Secret::new(""), Timestamp::UNIX_EPOCH);
    let secret = || Secret::new("x");
    let proofs = [
        Proof::Password { username: "user".to_owned(), password: secret() },
        Proof::Bearer(secret()),
        Proof::Session { secret: secret(), csrf: None },
    ];
    let holdings = proofs.map(|it| Holding::new(&login, it));
    let known = dialects::ALL.iter().flat_map(|it| {
        holdings.iter().flat_map(|holding| it.client().environment(holding)).map(|(name, _)| name)
    });
    let known = known.chain(UNVERIFIED.map(|(name, _)| name));
    known.filter(|name| found.iter().all(|(it, _)| it != name)).collect()
}

/// What the tools of these platforms want to find where certificates are not to be checked.
const UNVERIFIED: [(&str, &str); 5] = [
    ("CONTROLLER_VERIFY_SSL", "false"),
    ("TOWER_VERIFY_SSL", "false"),
    ("AAP_VALIDATE_CERTS", "false"),
    ("GATEWAY_VERIFY_SSL", "false"),
    ("SDWAN_INSECURE", "true"),
];

/// Where libraries look for the certificates that they are to trust: OpenSSL's, Python's requests, curl.
const TRUSTED: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
