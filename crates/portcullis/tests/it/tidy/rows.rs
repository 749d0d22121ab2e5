//! The page about AWX's own tests says of every row what becomes of it, and names the tests that show it.

use std::collections::{BTreeMap, BTreeSet};

use super::{root, settle, sources};

/// How many behaviours AWX's test-suite asserts.
const ROWS: u32 = 117;
/// How many of them a test of ours shows, at least.
const SHOWN_MIN: usize = 90;

/// One line of the page.
struct Line<'a> {
    text: &'a str,
    /// What is the matter here: `same`, `other` or `none`.
    word: &'a str,
    /// The tests that it names.
    tests: BTreeSet<&'a str>,
}

/// The lines of the page by their rows; a row with two lines is complained about.
fn lines<'a>(page: &'a str, complaints: &mut Vec<String>) -> BTreeMap<u32, Line<'a>> {
    let mut lines = BTreeMap::new();
    for text in page.lines() {
        let cells: Vec<_> = text.trim_matches('|').split(" | ").map(str::trim).collect();
        let Ok(row) = cells[0].parse::<u32>() else { continue };
        let tests = text.split('`').skip(1).step_by(2).filter(|it| it.starts_with("row_")).collect();
        let line = Line { text, word: cells.get(2).copied().unwrap_or_default(), tests };
        if !(1..=ROWS).contains(&row) || lines.insert(row, line).is_some() {
            complaints.push(format!("awx-rows.md has a line too many for row {row}"));
        }
    }
    lines
}

/// The rows that a test is named after.
fn rows_of(test: &str) -> Vec<u32> {
    let numbers = test.strip_prefix("row_").unwrap_or_default().split('_');
    numbers.map_while(|it| (it.len() == 3).then(|| it.parse().ok()).flatten()).collect()
}

/// All tests that are named after rows.
fn tests(files: &[super::Source]) -> BTreeSet<&str> {
    let lines = files.iter().flat_map(|file| file.text.lines());
    let names = lines.filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")
    });
    names.filter_map(|name| name.split('(').next()).filter(|it| it.starts_with("row_")).collect()
}

#[test]
fn every_row_of_awxs_own_tests_has_its_line_and_its_tests() {
    let page = std::fs::read_to_string(root().join("docs/decisions/awx-rows.md")).unwrap();
    let files = sources("crates", ".rs");
    let (tests, mut complaints) = (tests(&files), Vec::new());
    let lines = lines(&page, &mut complaints);
    for row in (1..=ROWS).filter(|row| !lines.contains_key(row)) {
        complaints.push(format!("awx-rows.md has no line for row {row}"));
    }
    for test in &tests {
        let rows = rows_of(test);
        if rows.is_empty() {
            complaints.push(format!("{test} is named after no row"));
        }
        for row in rows.iter().filter(|row| lines.get(*row).is_none_or(|line| !line.tests.contains(test))) {
            complaints.push(format!("awx-rows.md does not name {test} at row {row}"));
        }
    }
    for (row, line) in &lines {
        for test in line.tests.iter().filter(|it| !tests.contains(*it) || !rows_of(it).contains(row)) {
            complaints
                .push(format!("awx-rows.md names {test} at row {row}, and there is no such test of it"));
        }
        let is_right = match line.word {
            "same" | "other" => !line.tests.is_empty(),
            "none" => line.tests.is_empty(),
            _ => false,
        };
        if !is_right {
            complaints.push(format!("awx-rows.md is not clear about row {row}: {}", line.text));
        }
    }
    settle(&complaints);
}

#[test]
fn the_rows_are_counted_rightly() {
    let page = std::fs::read_to_string(root().join("docs/decisions/awx-rows.md")).unwrap();
    let lines = lines(&page, &mut Vec::new());
    let count = |word: &str| lines.values().filter(|line| line.word == word).count();
    let (same, other, none) = (count("same"), count("other"), count("none"));
    assert!(same + other >= SHOWN_MIN, "only {} rows have a test", same + other);
    let sentence = format!(
        "Of {ROWS} rows, {} have a test: {same} behave as AWX does, {other} differ and say how. {none} have none",
        same + other
    );
    assert!(page.contains(&sentence), "awx-rows.md counts differently than: {sentence}");
}
