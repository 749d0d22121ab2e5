//! `portcullis explain`.

use clap::Args;

use super::shell::{Shell, configuration};
use crate::assemble;
use crate::config::Audit;
use crate::control::{Request, is_served};
use crate::data_dir::DataDir;
use crate::exit::{Exit, Outcome, Stop};

/// Tells why a request was refused.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Every answer has its request's id in X-Request-Id. The running gateway keeps refusals (401,\n\
                  403, 429, and logins that failed) for 24 hours in memory, 10000 at most; the audit log has\n\
                  all denials under the same ids.\n\n\
                  Examples:\n  \
                  portcullis explain 6f1c6b8e-5a0e-4c57-9f0f-0d6a4c5f1b11\n  \
                  portcullis explain 6f1c6b8e-5a0e-4c57-9f0f-0d6a4c5f1b11 -o json"
)]
pub struct Explain {
    #[command(flatten)]
    shell: Shell,
    /// The id in the refused answer's X-Request-Id
    #[arg(value_name = "REQUEST_ID")]
    request_id: String,
}

impl Explain {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let data_dir = self.shell.installation()?;
        if !is_served(data_dir.path()) {
            let message = format!(
                "no gateway runs here, and what it knew of refusals ended with it; {}",
                self.elsewhere(&data_dir)
            );
            return Err(Stop::new(Exit::Unreachable, message));
        }
        let request = Request::Explain { request_id: hyphenated(self.request_id.trim()) };
        self.shell.run(request).map_err(|stop| {
            if stop.exit == Exit::Refused {
                return Stop::new(Exit::Refused, format!("{:#}; {}", stop.error, self.elsewhere(&data_dir)));
            }
            stop
        })
    }

    /// Where older refusals are.
    fn elsewhere(&self, data_dir: &DataDir) -> String {
        let audit = configuration(self.shell.config.as_deref()).map(|(config, _)| config.log.audit);
        match audit.unwrap_or(Audit::DataDirectory) {
            Audit::DataDirectory => {
                let file = data_dir.file(assemble::AUDIT_LOG);
                format!("older ones are in the audit log, {}", file.display())
            }
            Audit::File(file) => format!("older ones are in the audit log, {}", file.display()),
            Audit::Stdout => "older ones are in the audit log, which goes to standard output".to_owned(),
        }
    }
}

/// An id without hyphens, as some contracts show it, with them.
fn hyphenated(id: &str) -> String {
    if id.len() != 32 || !id.bytes().all(|it| it.is_ascii_hexdigit()) {
        return id.to_owned();
    }
    format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..])
}
