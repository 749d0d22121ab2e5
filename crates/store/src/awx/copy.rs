//! The text form of rows in `COPY` blocks: cells between tabs, `\N` for null, a few characters escaped.

/// The line that ends a block.
pub(crate) const END: &[u8] = br"\.";

/// What stands for null.
const NULL: &str = r"\N";

/// The cells of a line; none if it is not UTF-8 or ends in the middle of an escape.
pub(crate) fn cells(line: &[u8]) -> Option<Vec<Option<String>>> {
    let line = std::str::from_utf8(line).ok()?;
    line.split('\t').map(|cell| if cell == NULL { Some(None) } else { unescape(cell).map(Some) }).collect()
}

fn unescape(cell: &str) -> Option<String> {
    if !cell.contains('\\') {
        return Some(cell.to_owned());
    }
    let mut text = String::with_capacity(cell.len());
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        // `pg_dump` writes none of the numbered escapes; a row with one is not read rather than misread.
        text.push(match characters.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' | '0'..='7' => return None,
            other => other,
        });
    }
    Some(text)
}

/// A line of these cells, with its line feed.
pub(crate) fn line(cells: &[Option<String>]) -> String {
    let mut line = String::new();
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            line.push('\t');
        }
        match cell {
            None => line.push_str(NULL),
            Some(text) => escape(text, &mut line),
        }
    }
    line.push('\n');
    line
}

fn escape(text: &str, line: &mut String) {
    for character in text.chars() {
        match character {
            '\\' => line.push_str(r"\\"),
            '\n' => line.push_str(r"\n"),
            '\r' => line.push_str(r"\r"),
            '\t' => line.push_str(r"\t"),
            other => line.push(other),
        }
    }
}

/// The table and the columns of a line `COPY schema.table (a, b) FROM stdin;`; none if it is another line.
pub(crate) fn header(line: &[u8]) -> Option<(String, Vec<String>)> {
    let line = std::str::from_utf8(line).ok()?.trim_end();
    let rest = line.strip_prefix("COPY ")?.strip_suffix(" FROM stdin;")?;
    let (table, columns) = rest.split_once(" (")?;
    let columns = columns.strip_suffix(')')?;
    let table = table.rsplit('.').next()?;
    Some((plain(table), columns.split(", ").map(plain).collect()))
}

/// A name without its quotation marks.
fn plain(name: &str) -> String {
    name.trim_matches('"').to_owned()
}
