//! Reports in their three forms.

use serde_json::{Map, Value, json};

use super::{Form, Format, Report, printable, write};

fn row(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(row) => row,
        _ => panic!("not an object"),
    }
}

fn users() -> Report {
    let rows = vec![
        row(
            json!({"id": 1, "username": "admin", "is_superuser": true, "last_login_at": null, "secret": "x"}),
        ),
        row(
            json!({"id": 22, "username": "évé\u{1b}[31m", "is_superuser": false, "last_login_at": "2026-01-01T00:00:00Z"}),
        ),
    ];
    Report::list(&["id", "username", "is_superuser", "last_login_at"], rows)
}

fn written(report: &Report, format: Format, is_terminal: bool) -> String {
    let mut out = Vec::new();
    write(&mut out, report, format, is_terminal).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_pipe_gets_aligned_columns() {
    let expected = "\
ID  USERNAME             SUPERUSER  LAST LOGIN
1   admin                yes        -
22  évé\\u{1b}[31m        no         2026-01-01T00:00:00Z
";
    let found = written(&users(), Format::Table, false);
    let squeeze = |text: &str| {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(squeeze(&found), squeeze(expected));
    let starts: Vec<_> = found.lines().map(|line| line.chars().position(|it| it == ' ').unwrap()).collect();
    assert_eq!(starts, [2, 1, 2]);
    let column =
        |line: &str, word: &str| line.chars().take(line[..line.find(word).unwrap()].chars().count()).count();
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(column(lines[0], "SUPERUSER"), column(lines[1], "yes"));
    assert_eq!(column(lines[0], "SUPERUSER"), column(lines[2], "no "));
}

#[test]
fn a_terminal_gets_a_table_without_control_characters() {
    let found = written(&users(), Format::Table, true);
    assert!(found.contains("│ 22 "), "{found}");
    assert!(found.contains("USERNAME"), "{found}");
    assert!(!found.contains('\u{1b}'), "{found}");
}

#[test]
fn json_has_all_keys_and_a_list_is_a_list_even_when_empty() {
    let found: Value = serde_json::from_str(&written(&users(), Format::Json, true)).unwrap();
    assert_eq!(found[0]["secret"], "x");
    assert_eq!(found[1]["username"], "évé\u{1b}[31m");
    assert_eq!(written(&Report::list(&["id"], Vec::new()), Format::Json, false), "[]\n");
}

#[test]
fn one_thing_is_an_object_in_json_and_lines_in_a_table() {
    let report = Report::one(row(json!({"id": 7, "expires_at": "x", "list": ["a", "b"], "empty": ""})))
        .with_note("done");
    assert_eq!(report.form, Form::One);
    let found: Value = serde_json::from_str(&written(&report, Format::Json, false)).unwrap();
    assert_eq!(found, json!({"id": 7, "expires_at": "x", "list": ["a", "b"], "empty": ""}));
    assert_eq!(written(&report, Format::Table, false), "ID       7\nEXPIRES  x\nLIST     a, b\nEMPTY    -\n");
}

#[test]
fn an_empty_table_has_its_header() {
    assert_eq!(
        written(&Report::list(&["id", "username"], Vec::new()), Format::Table, false),
        "ID  USERNAME\n"
    );
}

#[test]
fn nothing_that_a_terminal_obeys_is_printed() {
    assert_eq!(printable("a\r\nb\u{1b}\u{202e}\u{2028}c"), "a\\u{d}\\u{a}b\\u{1b}\\u{202e}\\u{2028}c");
}

#[test]
fn json_holds_nothing_that_a_terminal_obeys_and_reads_back_the_same() {
    let odd = "a\u{7f}\u{9b}31m\u{202e}\u{2028}\u{1b}[2J\n\"\\ é \u{1f600}";
    let report = Report::one(row(json!({ "username": odd })));
    let text = written(&report, Format::Json, true);
    assert!(!text.chars().any(|it| it.is_control() && it != '\n'), "{text:?}");
    assert!(!text.contains(['\u{202e}', '\u{2028}']), "{text:?}");
    let back: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(back["username"], odd);
}
