//! Output: a report as a table on a terminal, aligned text in a pipe, or JSON.

use std::io::{self, IsTerminal as _, Write};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a report is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table on a terminal, aligned text elsewhere.
    #[default]
    Table,
    /// JSON: a list of objects, or one object.
    Json,
}

/// What a command has to tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Whether it is a list, one thing, or only a sentence.
    pub form: Form,
    /// The keys that a table shows, in their order. JSON has all.
    pub columns: Vec<String>,
    /// The things.
    pub rows: Vec<Map<String, Value>>,
    /// A sentence for people; not part of the JSON of lists and things.
    pub note: Option<String>,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Any number of things.
    List,
    /// One thing.
    One,
}

impl Report {
    /// A list, with the columns of its table.
    pub fn list(columns: &[&str], rows: Vec<Map<String, Value>>) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { form: Form::List, columns, rows, note: None }
    }

    /// One thing, all of it shown.
    pub fn one(row: Map<String, Value>) -> Self {
        let columns = row.keys().cloned().collect();
        Self { form: Form::One, columns, rows: vec![row], note: None }
    }

    /// The same with a sentence for people.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// Prints a report on standard output. The note goes to standard error, so that a pipe gets data alone.
pub fn print(report: &Report, format: Format) -> io::Result<()> {
    let stdout = io::stdout();
    let is_terminal = stdout.is_terminal();
    write(&mut stdout.lock(), report, format, is_terminal)?;
    if let (Some(note), Format::Table) = (&report.note, format) {
        writeln!(io::stderr().lock(), "{}", printable_lines(note))?;
    }
    Ok(())
}

/// Writes a report.
pub fn write(out: &mut dyn Write, report: &Report, format: Format, is_terminal: bool) -> io::Result<()> {
    match (format, report.form) {
        (Format::Json, Form::List) => {
            writeln!(out, "{}", printable_json(&serde_json::to_string_pretty(&report.rows)?))?;
        }
        (Format::Json, Form::One) => {
            let row = report.rows.first().cloned().unwrap_or_default();
            writeln!(out, "{}", printable_json(&serde_json::to_string_pretty(&row)?))?;
        }
        (Format::Table, form) => {
            let (header, lines) = match form {
                Form::List => (Some(report.columns.iter().map(|it| title(it)).collect()), list_lines(report)),
                Form::One => (None, record_lines(report)),
            };
            if is_terminal {
                write_table(out, header, lines)?;
            } else {
                write_aligned(out, header.as_ref(), &lines)?;
            }
        }
    }
    out.flush()
}

fn list_lines(report: &Report) -> Vec<Vec<String>> {
    let cells = |row: &Map<String, Value>| report.columns.iter().map(|key| cell(row.get(key))).collect();
    report.rows.iter().map(cells).collect()
}

fn record_lines(report: &Report) -> Vec<Vec<String>> {
    let row = report.rows.first();
    let line = |key: &String| vec![title(key), cell(row.and_then(|row| row.get(key)))];
    report.columns.iter().map(line).collect()
}

fn write_table(out: &mut dyn Write, header: Option<Vec<String>>, lines: Vec<Vec<String>>) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    // The terminal's width is what the shell says it is; without that lines may be as long as they are.
    let width = std::env::var("COLUMNS").ok().and_then(|it| it.parse::<u16>().ok());
    if let Some(width) = width.filter(|width| *width >= 40) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    if let Some(header) = header {
        table.set_header(header);
    }
    table.add_rows(lines);
    writeln!(out, "{table}")
}

fn write_aligned(out: &mut dyn Write, header: Option<&Vec<String>>, lines: &[Vec<String>]) -> io::Result<()> {
    let all: Vec<&Vec<String>> = header.into_iter().chain(lines).collect();
    let columns = all.iter().map(|line| line.len()).max().unwrap_or(0);
    let width = |column: usize| {
        all.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for line in all {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

fn title(key: &str) -> String {
    key.strip_prefix("is_").or(key.strip_suffix("_at")).unwrap_or(key).replace('_', " ").to_uppercase()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Bool(flag)) => if *flag { "yes" } else { "no" }.to_owned(),
        Some(Value::String(text)) if text.is_empty() => "-".to_owned(),
        Some(Value::Array(items)) if items.is_empty() => "-".to_owned(),
        Some(Value::String(text)) => printable(text),
        Some(Value::Array(items)) => items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(fields)) if fields.is_empty() => "-".to_owned(),
        Some(Value::Object(fields)) => {
            let shown = |(name, value): (&String, &Value)| {
                format!("{}: {}", name.replace('_', " "), cell(Some(value)))
            };
            fields.iter().map(shown).collect::<Vec<_>>().join("; ")
        }
        Some(other) => other.to_string(),
    }
}

/// A text without anything that a terminal would obey: names come from strangers.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for it in text.chars() {
        if is_obeyed(it) {
            shown.extend(it.escape_unicode());
        } else {
            shown.push(it);
        }
    }
    shown
}

/// The same for JSON: what would be obeyed stands in strings, and may be escaped there. Line feeds are the layout.
pub fn printable_json(text: &str) -> String {
    // None of them lies above the characters that one such escape can name.
    let shown = |it: char| match it {
        it if is_obeyed(it) && it != '\n' => format!("\\u{:04x}", u32::from(it)),
        it => it.to_string(),
    };
    if text.chars().any(|it| is_obeyed(it) && it != '\n') {
        text.chars().map(shown).collect()
    } else {
        text.to_owned()
    }
}

/// Whether a terminal obeys a character, or turns the text around it.
fn is_obeyed(it: char) -> bool {
    it.is_control()
        || matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same for a text of several lines.
pub fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
