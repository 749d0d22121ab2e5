//! Plain dumps: the lines of `pg_dump`, of which only the `COPY` blocks of known tables are looked at.

use std::io::BufRead;

use identity::model::import::ROWS_MAX;

use super::copy;
use super::schema::{Table, table};
use super::source::{AwxError, Row, Sink, check_tables, missing_columns, too_many_rows};

/// Longest line that is looked at, in bytes. A longer row of a known table is a broken one; other lines may
/// be as long as they are.
const LINE_MAX: usize = 1024 * 1024;

/// Reads a dump.
pub(crate) fn read(input: &mut dyn BufRead, sink: &mut dyn Sink) -> Result<(), AwxError> {
    check_beginning(input.fill_buf()?)?;
    let mut lines = Lines { input, buffer: Vec::new() };
    let mut seen: Vec<&'static Table> = Vec::new();
    while let Some(line) = lines.next()? {
        let Line::Whole(line) = line else { continue };
        if let Some((name, columns)) = copy::header(line) {
            let known = table(&name).filter(|table| !seen.iter().any(|it| it.id == table.id));
            match known {
                Some(table) => {
                    seen.push(table);
                    rows(&mut lines, table, &name, &columns, sink)?;
                }
                None => skip(&mut lines, &name)?,
            }
        } else {
            check_statement(line)?;
        }
    }
    check_tables(|table| seen.iter().any(|it| it.id == table.id))
}

/// Knows the other forms of a dump by their first bytes.
fn check_beginning(beginning: &[u8]) -> Result<(), AwxError> {
    let advice = if beginning.starts_with(b"PGDMP") || beginning.starts_with(b"toc.dat") {
        "this dump is in an archive format; make a plain one of it with \
         `pg_restore --file=awx.sql DUMP`, or dump again with `pg_dump --format=plain`"
    } else if beginning.starts_with(&[0x1f, 0x8b]) {
        "this dump is compressed; unpack it with gunzip first"
    } else if beginning.starts_with(b"BZh") || beginning.starts_with(&[0xfd, b'7', b'z', b'X', b'Z']) {
        "this dump is compressed; unpack it first"
    } else if beginning.is_empty() {
        "this dump is empty"
    } else {
        return Ok(());
    };
    Err(AwxError::source(advice))
}

/// Refuses what would be misread if it were passed over.
fn check_statement(line: &[u8]) -> Result<(), AwxError> {
    let Ok(line) = std::str::from_utf8(line) else { return Ok(()) };
    if let Some(encoding) = line.strip_prefix("SET client_encoding = ")
        && !encoding.trim_end().trim_end_matches(';').trim_matches('\'').eq_ignore_ascii_case("UTF8")
    {
        return Err(AwxError::source("this dump is not in UTF-8; dump again with `pg_dump --encoding=UTF8`"));
    }
    if let Some(rest) = line.strip_prefix("INSERT INTO ") {
        let name = rest.split([' ', '(']).next().unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or_default().trim_matches('"');
        if table(name).is_some() {
            return Err(AwxError::source(
                "this dump has INSERT statements; dump again without `--inserts` and `--column-inserts`",
            ));
        }
    }
    Ok(())
}

fn rows(
    lines: &mut Lines<'_>,
    table: &'static Table,
    name: &str,
    columns: &[String],
    sink: &mut dyn Sink,
) -> Result<(), AwxError> {
    let places: Vec<Option<usize>> =
        table.all_columns().map(|wanted| columns.iter().position(|it| it == wanted)).collect();
    let missing: Vec<&str> = table
        .columns
        .iter()
        .zip(&places)
        .filter(|(_, place)| place.is_none())
        .map(|(name, _)| *name)
        .collect();
    if !missing.is_empty() {
        return Err(missing_columns(name, &missing));
    }
    sink.begin(table)?;
    let mut count = 0;
    loop {
        let Some(line) = lines.next()? else { return Err(broken_off(name)) };
        let cells = match line {
            Line::Whole(copy::END) => break,
            Line::Whole(line) => copy::cells(line).filter(|cells| cells.len() == columns.len()),
            Line::TooLong => None,
        };
        count += 1;
        if count > ROWS_MAX {
            return Err(too_many_rows(table));
        }
        match cells {
            Some(mut all) => {
                let cells = places.iter().map(|place| place.and_then(|place| all[place].take())).collect();
                sink.row(Row { table, cells })?;
            }
            None => sink.broken(table)?,
        }
    }
    sink.end(table)
}

fn skip(lines: &mut Lines<'_>, name: &str) -> Result<(), AwxError> {
    loop {
        match lines.next()? {
            None => return Err(broken_off(name)),
            Some(Line::Whole(copy::END)) => return Ok(()),
            Some(_) => {}
        }
    }
}

fn broken_off(name: &str) -> AwxError {
    AwxError::source(format!("the dump breaks off in the middle of the table {name}; make it again"))
}

/// The header line of a table's block.
pub(crate) fn header(table: &Table) -> String {
    let columns: Vec<&str> = table.all_columns().collect();
    format!("COPY {} ({}) FROM stdin;\n", table.names[0], columns.join(", "))
}

enum Line<'a> {
    Whole(&'a [u8]),
    TooLong,
}

/// Lines without their ends, of which only so much is kept.
struct Lines<'a> {
    input: &'a mut dyn BufRead,
    buffer: Vec<u8>,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Line<'_>>, AwxError> {
        self.buffer.clear();
        let (mut is_empty, mut is_long) = (true, false);
        loop {
            let some = self.input.fill_buf()?;
            if some.is_empty() {
                break;
            }
            is_empty = false;
            let end = some.iter().position(|byte| *byte == b'\n');
            let part = &some[..end.unwrap_or(some.len())];
            if self.buffer.len() + part.len() > LINE_MAX {
                is_long = true;
            } else if !is_long {
                self.buffer.extend_from_slice(part);
            }
            let used = end.map_or(some.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        if is_empty {
            return Ok(None);
        }
        if self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        Ok(Some(if is_long { Line::TooLong } else { Line::Whole(&self.buffer) }))
    }
}
