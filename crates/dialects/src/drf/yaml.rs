//! YAML: a JSON value written in it (YAML 1.2), with as little of the language as that takes.

use std::fmt::Write as _;

use serde_json::Value;

/// Writes a value. Texts are quoted as in JSON, which YAML reads alike.
pub fn write(value: &Value) -> String {
    let mut text = String::new();
    block(&mut text, value, 0);
    text
}

fn block(text: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (name, value) in map {
                let _ = write!(text, "{indent}{}:", key(name));
                child(text, value, depth);
            }
        }
        Value::Array(values) if !values.is_empty() => {
            for value in values {
                let _ = write!(text, "{indent}-");
                child(text, value, depth);
            }
        }
        scalar => {
            let _ = writeln!(text, "{indent}{scalar}");
        }
    }
}

/// What stands behind a name or a dash: on the same line, or deeper below.
fn child(text: &mut String, value: &Value, depth: usize) {
    let is_nested = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    if is_nested {
        text.push('\n');
        block(text, value, depth + 1);
    } else {
        text.push(' ');
        block(text, value, 0);
    }
}

fn key(name: &str) -> String {
    let is_plain = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '/' || it == '$')
        && name.chars().all(|it| it.is_ascii_alphanumeric() || "/_{}$.-".contains(it));
    let is_word = matches!(
        name.to_ascii_lowercase().as_str(),
        "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    if is_plain && !is_word { name.to_owned() } else { Value::from(name).to_string() }
}
