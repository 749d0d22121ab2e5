//! Reads a TOML document key by key, and gathers every problem with its line instead of stopping at the
//! first.

use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The key with its section, such as `listen.https`; empty for the file as a whole.
    pub key: String,
    /// What is wrong, and where it is plain how to mend it, that.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, key, text } = self;
        if key.is_empty() {
            write!(f, "{file}:{line}: {text}")
        } else {
            write!(f, "{file}:{line}: {key}: {text}")
        }
    }
}

/// All that is wrong with a configuration file, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A value and the line on which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Its line, from 1.
    pub line: usize,
}

/// The document that is being read.
pub struct Document<'t> {
    file: String,
    folder: PathBuf,
    text: &'t str,
    /// Where its line feeds are: the lines of a thousand entries are asked for.
    line_ends: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
}

impl<'t> Document<'t> {
    /// A document of this name. Relative paths in it start from `folder`.
    pub fn new(file: impl Into<String>, folder: &Path, text: &'t str) -> Self {
        Self {
            file: file.into(),
            folder: folder.to_owned(),
            text,
            line_ends: text.match_indices('\n').map(|(at, _)| at).collect(),
            problems: RefCell::new(Vec::new()),
            warnings: RefCell::new(Vec::new()),
        }
    }

    /// Its outermost table. None, and a problem, if it is no TOML.
    pub fn parse(&self) -> Option<DeTable<'t>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                let line = error.span().map_or(1, |span| self.line_of(span.start));
                self.problem(line, "", error.message().trim());
                None
            }
        }
    }

    /// Notes a problem.
    pub fn problem(&self, line: usize, key: impl Into<String>, text: impl Into<String>) {
        self.problems.borrow_mut().push(Problem {
            file: self.file.clone(),
            line,
            key: key.into(),
            text: text.into(),
        });
    }

    /// All that is right and still not good, so far.
    pub fn take_warnings(&self) -> Vec<Problem> {
        self.warnings.take()
    }

    /// All problems so far, by line.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.line);
        problems
    }

    /// A path in the file, made absolute from the file's own folder.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// The line of a place in the text.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_ends.partition_point(|end| *end < offset) + 1
    }
}

/// One table of the document, or the absence of one: then every key has its default.
#[derive(Clone, Copy)]
pub struct Section<'d, 't> {
    /// The document it is part of.
    pub document: &'d Document<'t>,
    path: &'d str,
    line: usize,
    table: Option<&'d DeTable<'t>>,
}

impl<'d, 't> Section<'d, 't> {
    /// A table that stands under this path, with the keys that may occur in it.
    pub fn new(
        document: &'d Document<'t>,
        path: &'d str,
        line: usize,
        table: Option<&'d DeTable<'t>>,
        keys: &[&str],
    ) -> Self {
        let section = Self { document, path, line, table };
        for (key, _) in table.into_iter().flatten() {
            let name = key.get_ref().as_ref();
            if !keys.contains(&name) {
                let line = document.line_of(key.span().start);
                document.problem(line, section.full(name), super::suggest::unknown_key(name, path, keys));
            }
        }
        section
    }

    /// Notes a problem with a key of this table; the line is the table's own.
    pub fn problem(&self, key: &str, text: impl Into<String>) {
        self.problem_at(self.line, key, text);
    }

    /// Notes a problem with a key of this table.
    pub fn problem_at(&self, line: usize, key: &str, text: impl Into<String>) {
        self.document.problem(line, self.full(key), text);
    }

    /// Notes something about this table that is right and still not good.
    pub fn warning(&self, key: &str, text: impl Into<String>) {
        let (file, key) = (self.document.file.clone(), self.full(key));
        self.document.warnings.borrow_mut().push(Problem { file, line: self.line, key, text: text.into() });
    }

    /// The line of a key; the table's own if it does not occur.
    pub fn line_of(&self, key: &str) -> usize {
        self.get(key).map_or(self.line, |(_, line)| line)
    }

    /// The line on which this table begins.
    pub fn line(&self) -> usize {
        self.line
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<Found<String>> {
        let (value, line) = self.get(key)?;
        self.as_text(key, value, line)
    }

    /// A list of texts.
    pub fn texts(&self, key: &str) -> Option<Vec<Found<String>>> {
        let (value, line) = self.get(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            let text = match value.get_ref() {
                DeValue::String(text) => format!("must be a list of texts: write [{text:?}]"),
                other => format!("must be a list of texts, not {}", a(other)),
            };
            self.problem_at(line, key, text);
            return None;
        };
        let line_of = |item: &Spanned<DeValue<'_>>| self.document.line_of(item.span().start);
        let texts: Vec<_> = array.iter().filter_map(|item| self.as_text(key, item, line_of(item))).collect();
        (texts.len() == array.len()).then_some(texts)
    }

    /// A whole number within limits.
    pub fn integer(&self, key: &str, range: RangeInclusive<u64>) -> Option<Found<u64>> {
        let (value, line) = self.get(key)?;
        self.as_integer(key, value, line, &range).map(|value| Found { value, line })
    }

    /// A list of whole numbers within limits.
    pub fn integers(&self, key: &str, range: &RangeInclusive<u64>) -> Option<Vec<u64>> {
        let (value, line) = self.get(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            self.problem_at(
                line,
                key,
                format!("must be a list of whole numbers, not {}", a(value.get_ref())),
            );
            return None;
        };
        let line_of = |item: &Spanned<DeValue<'_>>| self.document.line_of(item.span().start);
        let numbers: Vec<_> =
            array.iter().filter_map(|item| self.as_integer(key, item, line_of(item), range)).collect();
        (numbers.len() == array.len()).then_some(numbers)
    }

    /// A whole number within limits that fits in memory.
    pub fn size(&self, key: &str, range: RangeInclusive<u64>) -> Option<usize> {
        self.integer(key, range).map(|found| usize::try_from(found.value).unwrap_or(usize::MAX))
    }

    /// A span of time, written as a whole number of seconds.
    pub fn seconds(&self, key: &str, range: RangeInclusive<u64>) -> Option<Duration> {
        let (value, line) = self.get(key)?;
        if let DeValue::String(text) = value.get_ref() {
            let text = format!("must be a whole number of seconds without unit or quotes, not {text:?}");
            self.problem_at(line, key, text);
            return None;
        }
        self.as_integer(key, value, line, &range).map(Duration::from_secs)
    }

    /// A list of tables, each with its line.
    pub fn tables(&self, key: &str) -> Vec<(usize, &'d DeTable<'t>)> {
        let Some((value, line)) = self.get(key) else { return Vec::new() };
        let wanted = format!("is a list of tables: write [[{}]] before each", self.full(key));
        let DeValue::Array(array) = value.get_ref() else {
            self.problem_at(line, key, wanted);
            return Vec::new();
        };
        let table = |item: &'d Spanned<DeValue<'t>>| {
            let line = self.document.line_of(item.span().start);
            if let DeValue::Table(table) = item.get_ref() {
                return Some((line, table));
            }
            self.problem_at(line, key, wanted.clone());
            None
        };
        array.iter().filter_map(table).collect()
    }

    /// A table in this one, with its line.
    pub fn table(&self, key: &str) -> Option<(usize, &'d DeTable<'t>)> {
        let (value, line) = self.get(key)?;
        if let DeValue::Table(table) = value.get_ref() {
            return Some((line, table));
        }
        self.problem_at(line, key, format!("is a table, not {}", a(value.get_ref())));
        None
    }

    /// True or false.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        let (value, line) = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => {
                self.problem_at(line, key, format!("must be true or false, not {}", a(other)));
                None
            }
        }
    }

    /// One of a few words, and what it stands for.
    pub fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.problem_at(text.line, key, super::suggest::unknown_word(&text.value, &words));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Whether the key occurs at all.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn get(&self, key: &str) -> Option<(&'d Spanned<DeValue<'t>>, usize)> {
        let (name, value) = self.table?.iter().find(|(name, _)| name.get_ref() == key)?;
        Some((value, self.document.line_of(name.span().start)))
    }

    fn as_text(&self, key: &str, value: &Spanned<DeValue<'_>>, line: usize) -> Option<Found<String>> {
        match value.get_ref() {
            DeValue::String(text) if text.chars().any(char::is_control) => {
                self.problem_at(line, key, "must not contain control characters");
                None
            }
            DeValue::String(text) => Some(Found { value: text.clone().into_owned(), line }),
            other => {
                self.problem_at(line, key, format!("must be a text in quotes, not {}", a(other)));
                None
            }
        }
    }

    fn as_integer(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        line: usize,
        range: &RangeInclusive<u64>,
    ) -> Option<u64> {
        let DeValue::Integer(number) = value.get_ref() else {
            self.problem_at(line, key, format!("must be a whole number, not {}", a(value.get_ref())));
            return None;
        };
        let parsed = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let inside = parsed.filter(|number| range.contains(number));
        if inside.is_none() {
            let (least, most) = (range.start(), range.end());
            self.problem_at(line, key, format!("must be between {least} and {most}"));
        }
        inside
    }

    /// The key with its table, as messages name it.
    pub fn full(&self, key: &str) -> String {
        match (self.path, key) {
            ("", key) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, key) => format!("{path}.{key}"),
        }
    }
}

/// What a value is, in the words of messages.
pub fn a(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
