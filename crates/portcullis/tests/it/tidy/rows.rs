//! The pages about what others' tests and clients assert say of every row what becomes of it, and name the tests that
//! show it.

use std::collections::{BTreeMap, BTreeSet};

use super::{root, settle, sources};

/// A page, and what it is held to.
struct Page {
    file: &'static str,
    /// A part of the paths where its tests are.
    place: &'static str,
    /// How many behaviours it has.
    rows: u32,
    /// Digits of a row in the name of a test.
    digits: usize,
    /// How many of them a test of ours shows, at least.
    shown_min: usize,
    /// Whose behaviour "same" is.
    model: &'static str,
}

const PAGES: [Page; 3] = [
    Page { file: "awx-rows.md", place: "/awx/", rows: 117, digits: 3, shown_min: 90, model: "AWX does" },
    Page {
        file: "catalyst-rows.md",
        place: "/catalyst/",
        rows: 42,
        digits: 2,
        shown_min: 40,
        model: "the clients assert",
    },
    Page {
        file: "apprenda-rows.md",
        place: "/apprenda/",
        rows: 30,
        digits: 2,
        shown_min: 28,
        model: "the clients assert",
    },
];

/// One line of a page.
struct Line<'a> {
    text: &'a str,
    /// What is the matter here: `same`, `other` or `none`.
    word: &'a str,
    /// The tests that it names.
    tests: BTreeSet<&'a str>,
}

impl Page {
    fn text(&self) -> String {
        std::fs::read_to_string(root().join("docs/decisions").join(self.file)).unwrap()
    }

    /// The lines of the page by their rows; a row with two lines is complained about.
    fn lines<'a>(&self, text: &'a str, complaints: &mut Vec<String>) -> BTreeMap<u32, Line<'a>> {
        let mut lines = BTreeMap::new();
        for text in text.lines() {
            let cells: Vec<_> = text.trim_matches('|').split(" | ").map(str::trim).collect();
            let Ok(row) = cells[0].parse::<u32>() else { continue };
            let tests = text.split('`').skip(1).step_by(2).filter(|it| it.starts_with("row_")).collect();
            let line = Line { text, word: cells.get(2).copied().unwrap_or_default(), tests };
            if !(1..=self.rows).contains(&row) || lines.insert(row, line).is_some() {
                complaints.push(format!("{} has a line too many for row {row}", self.file));
            }
        }
        lines
    }

    /// The rows that a test is named after.
    fn rows_of(&self, test: &str) -> Vec<u32> {
        let numbers = test.strip_prefix("row_").unwrap_or_default().split('_');
        let number = |it: &str| (it.len() == self.digits).then(|| it.parse().ok()).flatten();
        numbers.map_while(number).collect()
    }

    /// All tests of the page that are named after rows.
    fn tests<'a>(&self, files: &'a [super::Source]) -> BTreeSet<&'a str> {
        let files = files.iter().filter(|file| file.path.contains(self.place));
        let lines = files.flat_map(|file| file.text.lines());
        let names = lines.filter_map(|line| {
            let line = line.trim_start();
            line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")
        });
        names.filter_map(|name| name.split('(').next()).filter(|it| it.starts_with("row_")).collect()
    }

    fn check(&self, files: &[super::Source], complaints: &mut Vec<String>) {
        let (file, text, tests) = (self.file, self.text(), self.tests(files));
        let lines = self.lines(&text, complaints);
        for row in (1..=self.rows).filter(|row| !lines.contains_key(row)) {
            complaints.push(format!("{file} has no line for row {row}"));
        }
        for test in &tests {
            let rows = self.rows_of(test);
            if rows.is_empty() {
                complaints.push(format!("{test} is named after no row of {file}"));
            }
            for row in rows.iter().filter(|row| lines.get(*row).is_none_or(|line| !line.tests.contains(test)))
            {
                complaints.push(format!("{file} does not name {test} at row {row}"));
            }
        }
        for (row, line) in &lines {
            for test in line.tests.iter().filter(|it| !tests.contains(*it) || !self.rows_of(it).contains(row))
            {
                complaints.push(format!("{file} names {test} at row {row}, and there is no such test of it"));
            }
            let is_right = match line.word {
                "same" | "other" => !line.tests.is_empty(),
                "none" => line.tests.is_empty(),
                _ => false,
            };
            if !is_right {
                complaints.push(format!("{file} is not clear about row {row}: {}", line.text));
            }
        }
    }
}

#[test]
fn every_row_has_its_line_and_its_tests() {
    let files = sources("crates", ".rs");
    let mut complaints = Vec::new();
    for page in &PAGES {
        page.check(&files, &mut complaints);
    }
    settle(&complaints);
}

#[test]
fn every_test_of_a_row_belongs_to_a_page() {
    let files = sources("crates", ".rs");
    let mut complaints = Vec::new();
    for file in &files {
        let is_held = PAGES.iter().any(|page| file.path.contains(page.place));
        if !is_held && file.text.lines().any(|line| line.trim_start().starts_with("fn row_")) {
            complaints.push(format!("{} has a test of a row, and no page names it", file.path));
        }
    }
    settle(&complaints);
}

#[test]
fn the_rows_are_counted_rightly() {
    for page in &PAGES {
        let text = page.text();
        let lines = page.lines(&text, &mut Vec::new());
        let count = |word: &str| lines.values().filter(|line| line.word == word).count();
        let (same, other, none) = (count("same"), count("other"), count("none"));
        assert!(same + other >= page.shown_min, "{}: only {} rows have a test", page.file, same + other);
        let sentence = format!(
            "Of {} rows, {} have a test: {same} behave as {}, {other} differ and say how. {none} have none",
            page.rows,
            same + other,
            page.model
        );
        assert!(text.contains(&sentence), "{} counts differently than: {sentence}", page.file);
    }
}
