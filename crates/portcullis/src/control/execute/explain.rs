//! Refusals explained, from the shell.

use identity::model::refusal_log::{ENTRIES_MAX, KEPT_FOR};

use super::{No, Operator};
use crate::output::Report;

/// The rows of the table; JSON has all.
const COLUMNS: [&str; 10] =
    ["rule", "what", "facts", "advice", "at", "method", "path", "status", "service", "username"];

impl Operator<'_> {
    /// Why a request was refused.
    pub(super) fn explain(&self, request_id: &str) -> Result<Report, No> {
        let found = self.authority.explain(&self.principal, request_id, self.context.now)?;
        let Some(refused) = found else {
            return Err(No::Words(format!(
                "no refusal of the request {request_id:?} is kept; refusals are kept in memory: since the last start, \
                 for {} hours and {ENTRIES_MAX} of them at most",
                KEPT_FOR.as_hours()
            )));
        };
        let mut report = Report::one(gateway::admin::wire::refusal(&refused));
        report.columns = COLUMNS.map(str::to_owned).to_vec();
        Ok(report)
    }
}
