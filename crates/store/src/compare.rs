//! Comparisons of one value. Texts compare by their bytes; without case, letters beyond ASCII fold as
//! Unicode says.

use identity::model::catalog::Kind;
use identity::model::query::{Lookup, Value};
use serde_json::Value as Json;

use crate::statement::Statement;

/// Adds the comparison of an expression of this kind with a value.
pub(crate) fn field(expression: &str, kind: Kind, lookup: Lookup, value: &Value, to: &mut Statement) {
    match (lookup, value) {
        _ if kind == Kind::Secret => {
            to.push("FALSE");
        }
        (Lookup::IsNull, Value::Boolean(false)) => {
            to.push(expression).push(" IS NOT NULL");
        }
        (Lookup::IsNull, _) | (Lookup::Exact | Lookup::IExact, Value::Null) => {
            to.push(expression).push(" IS NULL");
        }
        (Lookup::In, Value::List(values)) => {
            let values: Vec<Json> = values.iter().filter_map(|value| json(kind, value)).collect();
            to.push(expression).push(" IN (SELECT value FROM json_each(");
            to.text(Json::from(values).to_string()).push("))");
        }
        (Lookup::Exact | Lookup::In, value) => ordered(expression, " = ", kind, value, to),
        (Lookup::Gt, value) => ordered(expression, " > ", kind, value, to),
        (Lookup::Gte, value) => ordered(expression, " >= ", kind, value, to),
        (Lookup::Lt, value) => ordered(expression, " < ", kind, value, to),
        (Lookup::Lte, value) => ordered(expression, " <= ", kind, value, to),
        (lookup, value) => match plain(value) {
            Some(word) if kind == Kind::Text => text(expression, lookup, &word, to),
            Some(word) => text(&format!("CAST({expression} AS TEXT)"), lookup, &word, to),
            None => {
                to.push("FALSE");
            }
        },
    }
}

/// Adds a comparison of texts.
pub(crate) fn text(expression: &str, lookup: Lookup, value: &str, to: &mut Statement) {
    if value.is_empty() && !matches!(lookup, Lookup::IExact | Lookup::Exact) {
        to.push(expression).push(" IS NOT NULL");
        return;
    }
    match lookup {
        Lookup::Contains => {
            to.push("instr(").push(expression).push(", ").text(value).push(") > 0");
        }
        Lookup::StartsWith => {
            to.push("substr(").push(expression).push(", 1, ").integer(length(value)).push(") = ").text(value);
        }
        Lookup::EndsWith => {
            to.push("substr(").push(expression).push(", ").integer(-length(value)).push(") = ").text(value);
        }
        Lookup::Regex => matches(expression, value, to),
        Lookup::IRegex => matches(expression, &format!("(?i){value}"), to),
        Lookup::IExact => folded(expression, "", value, "", to),
        Lookup::IContains => folded(expression, "%", value, "%", to),
        Lookup::IStartsWith => folded(expression, "", value, "%", to),
        Lookup::IEndsWith => folded(expression, "%", value, "", to),
        Lookup::Exact | Lookup::Gt | Lookup::Gte | Lookup::Lt | Lookup::Lte | Lookup::In | Lookup::IsNull => {
            to.push(expression).push(" = ").text(value);
        }
    }
}

/// Adds a comparison without case, with `%` on the sides where more may stand.
fn folded(expression: &str, before: &str, value: &str, after: &str, to: &mut Statement) {
    // LIKE reads its pattern up to a zero byte, and folds ASCII only.
    if value.is_ascii() && !value.contains('\0') && value.len() < 10_000 {
        let mut pattern = before.to_owned();
        for character in value.chars() {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern.push_str(after);
        to.push(expression).push(" LIKE ").text(pattern).push(" ESCAPE '\\'");
        return;
    }
    // The pattern of a literal text folds as Unicode does, in linear time.
    let start = if before.is_empty() { "\\A" } else { "" };
    let end = if after.is_empty() { "\\z" } else { "" };
    matches(expression, &format!("(?is){start}{}{end}", literal(value)), to);
}

fn matches(expression: &str, pattern: &str, to: &mut Statement) {
    to.push("regexp(").text(pattern).push(", ").push(expression).push(")");
}

/// A pattern that matches this text and nothing else.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() * 2);
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

fn ordered(expression: &str, operator: &str, kind: Kind, value: &Value, to: &mut Statement) {
    match json(kind, value) {
        Some(Json::String(text)) => {
            to.push(expression).push(operator).text(text);
        }
        Some(Json::Number(number)) if number.is_i64() => {
            to.push(expression).push(operator).integer(number.as_i64().unwrap_or(0));
        }
        _ => {
            to.push("FALSE");
        }
    }
}

/// A value as its field's kind is stored; none if it cannot be equal to any.
fn json(kind: Kind, value: &Value) -> Option<Json> {
    match (kind, value) {
        (Kind::Text, value) => plain(value).map(Json::from),
        (_, Value::Integer(number) | Value::Instant(number)) => Some(Json::from(*number)),
        (_, Value::Boolean(flag)) => Some(Json::from(i64::from(*flag))),
        (_, Value::Text(text)) => text.parse::<i64>().ok().map(Json::from),
        (_, Value::Null | Value::List(_)) => None,
    }
}

/// A value as a text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) | Value::Instant(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(i64::from(*flag).to_string()),
        Value::Null | Value::List(_) => None,
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}
