//! Imports from the shell.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use identity::action::ImportOptions;
use identity::model::import::Snapshot;
use identity::model::import::summary::{Kind, Remark, Summary};
use serde_json::{Map, Value, json};
use tokio::task::spawn_blocking;

use super::{No, Operator, object};
use crate::output::Report;

const COLUMNS: [&str; 6] = ["kind", "new", "updated", "unchanged", "skipped", "remarks"];

impl Operator<'_> {
    pub(super) async fn import(&self, extract: PathBuf, options: ImportOptions) -> Result<Report, No> {
        let snapshot = spawn_blocking(move || read(&extract)).await;
        let snapshot = snapshot.unwrap_or_else(|_| Err("reading it ended badly".to_owned()));
        let snapshot = snapshot.map_err(|message| No::Words(format!("nothing was imported: {message}")))?;
        let summary = self.authority.import(&self.context, &self.principal, snapshot, options).await?;
        let report = Report::list(&COLUMNS, Kind::ALL.into_iter().map(|kind| row(&summary, kind)).collect());
        Ok(report.with_note(match (options.is_dry_run, summary.has_changes()) {
            (true, _) => "a dry run: nothing was written",
            (false, true) => "the import is complete",
            (false, false) => "everything was here already: nothing was changed",
        }))
    }
}

fn read(extract: &PathBuf) -> Result<Snapshot, String> {
    let file = File::open(extract).map_err(|error| format!("cannot open {}: {error}", extract.display()))?;
    store::awx::read(&mut BufReader::new(file)).map_err(|error| error.to_string())
}

fn row(summary: &Summary, kind: Kind) -> Map<String, Value> {
    let count = summary.count(kind);
    let remarks: Vec<String> = summary.remarks.iter().filter(|it| it.kind == kind).map(words).collect();
    object(json!({
        "kind": kind.as_str(),
        "new": count.new,
        "updated": count.updated,
        "unchanged": count.unchanged,
        "skipped": count.skipped,
        "remarks": remarks,
    }))
}

/// A remark as one sentence: how many, what, and some names.
fn words(remark: &Remark) -> String {
    let Remark { text, count, examples, .. } = remark;
    if examples.is_empty() {
        return format!("{count}: {text}");
    }
    let more = if *count > examples.len() as u64 { ", ..." } else { "" };
    format!("{count}: {text} ({}{more})", examples.join(", "))
}
