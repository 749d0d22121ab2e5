//! Values of filters: a text becomes a value of its field's kind.

use identity::model::catalog::{Field, Kind};
use identity::model::query::{Comparison, Lookup, PATTERN_MAX, VALUES_MAX, Value};

use super::FilterError;
use super::path::Found;
use crate::drf::time;

/// The comparison of what a path leads to with a text.
pub(super) fn compare(found: &Found, lookup: Lookup, text: &str) -> Result<Comparison, FilterError> {
    let Some(field) = found.field else {
        return Err(FilterError::wrong("Query string field name not provided."));
    };
    let is_to_many = found.relation.is_some_and(|relation| relation.is_many);
    if lookup == Lookup::IsNull {
        let is_null = boolean(text)?;
        if is_to_many {
            return Ok(Comparison::Missing(is_null));
        }
        return Ok(Comparison::Field { field, lookup, value: Value::Boolean(is_null) });
    }
    check_lookup(found, field, lookup, text)?;
    let value = match lookup {
        Lookup::In => list(found, field, text)?,
        _ => one(found, field, text)?,
    };
    if is_to_many && value == Value::Null {
        return Ok(Comparison::Missing(true));
    }
    Ok(Comparison::Field { field, lookup, value })
}

/// Whether the field can be compared so, and whether a pattern is one.
fn check_lookup(found: &Found, field: &Field, lookup: Lookup, text: &str) -> Result<(), FilterError> {
    let is_text = field.kind == Kind::Text && found.relation.is_none();
    match lookup {
        Lookup::IExact if !is_text => Err(FilterError::wrong(format!(
            "{} is not a text field and cannot be filtered by case-insensitive search",
            field.name
        ))),
        Lookup::Contains
        | Lookup::IContains
        | Lookup::StartsWith
        | Lookup::IStartsWith
        | Lookup::EndsWith
        | Lookup::IEndsWith
        | Lookup::Regex
        | Lookup::IRegex
            if !is_text =>
        {
            Err(FilterError::wrong(format!("{} is not a text field and cannot be searched", field.name)))
        }
        Lookup::Gt | Lookup::Gte | Lookup::Lt | Lookup::Lte if field.kind == Kind::Boolean => {
            Err(FilterError::wrong(format!("{} has no order", field.name)))
        }
        Lookup::Regex | Lookup::IRegex => pattern(text),
        _ => Ok(()),
    }
}

/// Whether a text is a pattern that a linear engine understands, of moderate size.
fn pattern(text: &str) -> Result<(), FilterError> {
    const COMPILED_MAX: usize = 256 * 1024;
    if text.len() > PATTERN_MAX {
        return Err(FilterError::wrong("The pattern is too long."));
    }
    match regex::RegexBuilder::new(text).size_limit(COMPILED_MAX).build() {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(_)) => Err(FilterError::wrong("The pattern is too large.")),
        Err(error) => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            Err(FilterError::wrong(reason.trim_start_matches("error: ").to_owned()))
        }
    }
}

fn list(found: &Found, field: &Field, text: &str) -> Result<Value, FilterError> {
    if text.is_empty() {
        return Err(FilterError::wrong("cannot provide empty value for __in"));
    }
    let mut values = Vec::new();
    for item in text.split(',') {
        if values.len() == VALUES_MAX {
            return Err(FilterError::wrong("Too many values for __in"));
        }
        values.push(one(found, field, item)?);
    }
    Ok(Value::List(values))
}

fn one(found: &Found, field: &Field, text: &str) -> Result<Value, FilterError> {
    if let Some((_, number)) = found.name.and_then(|name| name.words.iter().find(|(word, _)| *word == text)) {
        return Ok(Value::Integer(*number));
    }
    if found.name.is_some_and(|name| !name.words.is_empty()) {
        // A word that stands for nothing equals nothing.
        return Ok(Value::Integer(i64::MIN));
    }
    if let Some(relation) = found.relation {
        return if matches!(text.to_ascii_lowercase().as_str(), "none" | "null") {
            Ok(Value::Null)
        } else {
            integer(text).ok_or_else(|| FilterError::wrong(format!("Invalid {} id: {text}", relation.name)))
        };
    }
    match field.kind {
        Kind::Text => Ok(Value::Text(text.to_owned())),
        Kind::Boolean => boolean(text).map(Value::Boolean),
        Kind::Integer => {
            integer(text).ok_or_else(|| quoted(&format!("“{text}” value must be an integer.")))
        }
        Kind::Instant => time::parse(text).map(Value::Instant).ok_or_else(|| {
            quoted(&format!(
                "“{text}” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."
            ))
        }),
        Kind::Secret => Err(FilterError::Secret(field.name.to_owned())),
    }
}

/// A sentence as a list of one, the way the framework tells what a field says.
fn quoted(text: &str) -> FilterError {
    FilterError::Wrong(serde_json::json!([text]).to_string())
}

/// A whole number. One too large for the store is as large as can be: it equals nothing there.
fn integer(text: &str) -> Option<Value> {
    let number: i128 = text.trim().parse().ok()?;
    let clamped = number.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    i64::try_from(clamped).ok().map(Value::Integer)
}

fn boolean(text: &str) -> Result<bool, FilterError> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => Ok(true),
        "false" | "f" | "0" => Ok(false),
        _ => Err(FilterError::wrong(format!("Unable to convert \"{text}\" to boolean"))),
    }
}
