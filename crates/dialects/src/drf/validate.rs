//! Validation: a body against a table of fields, with the framework's messages (contract section A0).

use std::collections::HashMap;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::body::{Body, python_type};
use super::field::{Field, Kind};
use super::respond;

/// A value that has the kind of its field.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Null.
    Null,
    /// A text; also a choice, an address, a stable name.
    Text(String),
    /// A number; also the number of another object.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

/// The values that a body gives, by field.
#[derive(Clone, Debug, Default)]
pub struct Values(HashMap<&'static str, Given>);

/// What is wrong, field by field, in the order of the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors(Vec<(String, Vec<String>)>);

impl Values {
    /// The text of a field, taken out.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name) {
            Some(Given::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number of a field.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(Given::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The flag of a field.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.0.get(name) {
            Some(Given::Boolean(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// Whether a field was given as nothing.
    pub fn is_null(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Given::Null)
    }

    /// The number of a field that may be null; `None` if it was not given.
    pub fn nullable_integer(&self, name: &str) -> Option<Option<i64>> {
        self.0.get(name).map(|given| match given {
            Given::Integer(number) => Some(*number),
            _ => None,
        })
    }

    /// The text of a field that may be null; `None` if it was not given.
    pub fn nullable_text(&mut self, name: &str) -> Option<Option<String>> {
        self.0.remove(name).map(|given| match given {
            Given::Text(text) => Some(text),
            _ => None,
        })
    }
}

impl Errors {
    /// One thing that is wrong with one field.
    pub fn one(field: &str, text: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, text);
        errors
    }

    /// One more thing that is wrong with a field.
    pub fn add(&mut self, field: &str, text: impl Into<String>) {
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some((_, texts)) => texts.push(text.into()),
            None => self.0.push((field.to_owned(), vec![text.into()])),
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The body of the answer.
    pub fn to_value(&self) -> Value {
        let fields: Map<String, Value> =
            self.0.iter().map(|(name, texts)| (name.clone(), json!(texts))).collect();
        Value::Object(fields)
    }

    /// The answer.
    pub fn response(&self) -> Response {
        respond::json(StatusCode::BAD_REQUEST, &self.to_value())
    }
}

/// What a body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// An object is made.
    Make,
    /// An object gets a whole new state.
    Replace,
    /// Some fields of an object change; what is required may be missing.
    Change,
}

/// Holds a body against a table. What the table does not know, and what clients only read, is passed over.
pub fn validate(fields: &[Field], body: &Body, aim: Aim) -> Result<Values, Errors> {
    let mut values = Values::default();
    let mut errors = Errors::default();
    for field in fields.iter().filter(|field| !field.is_read_only(aim == Aim::Make)) {
        match body.get(field.name) {
            Some(value) => match check(field, &value) {
                Ok(given) => {
                    values.0.insert(field.name, given);
                }
                Err(texts) => texts.into_iter().for_each(|text| errors.add(field.name, text)),
            },
            None if aim == Aim::Change => {}
            None if field.is_required => errors.add(field.name, "This field is required."),
            // A form does not send what is not ticked.
            None if body.is_form() && field.kind == Kind::Boolean => {
                values.0.insert(field.name, Given::Boolean(false));
            }
            None => {}
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// A value as its field holds it, or what is wrong with it.
fn check(field: &Field, value: &Value) -> Result<Given, Vec<String>> {
    let is_empty = value.as_str() == Some("");
    let is_null = value.is_null() || (is_empty && matches!(field.kind, Kind::Key | Kind::Uuid));
    if is_null {
        return if field.is_nullable { Ok(Given::Null) } else { one("This field may not be null.") };
    }
    match field.kind {
        Kind::Key => key(value),
        Kind::Integer => match integer(value) {
            Some(number) => Ok(Given::Integer(number)),
            None => one("A valid integer is required."),
        },
        Kind::Boolean => boolean(field, value),
        Kind::Choice(choices) => choice(field, choices, value),
        Kind::Uuid => match value.as_str().and_then(uuid) {
            Some(text) => Ok(Given::Text(text)),
            None => one("Must be a valid UUID."),
        },
        Kind::Text | Kind::Password | Kind::Email | Kind::Username | Kind::Url => text(field, value),
        Kind::Instant | Kind::List | Kind::Shown | Kind::Json => Ok(Given::Null),
    }
}

fn one(text: impl Into<String>) -> Result<Given, Vec<String>> {
    Err(vec![text.into()])
}

fn text(field: &Field, value: &Value) -> Result<Given, Vec<String>> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return one("Not a valid string."),
    };
    let text = if field.kind == Kind::Password { text } else { text.trim().to_owned() };
    if text.is_empty() {
        // An address that may be missing is stored as missing.
        return match (field.is_blank_allowed, field.kind, field.is_nullable) {
            (true, Kind::Url, true) => Ok(Given::Null),
            (true, ..) => Ok(Given::Text(text)),
            (false, ..) => one("This field may not be blank."),
        };
    }
    let mut wrong = Vec::new();
    match field.kind {
        Kind::Email if !is_email(&text) => wrong.push("Enter a valid email address.".to_owned()),
        Kind::Url if !is_url(&text) => wrong.push("Enter a valid URL.".to_owned()),
        Kind::Username if !is_username(&text) => wrong.push(
            "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
                .to_owned(),
        ),
        _ => {}
    }
    if let Some(max) = field.length_max
        && text.chars().count() > max
    {
        wrong.push(format!("Ensure this field has no more than {max} characters."));
    }
    if text.contains('\0') {
        wrong.push("Null characters are not allowed.".to_owned());
    }
    if wrong.is_empty() { Ok(Given::Text(text)) } else { Err(wrong) }
}

/// The number of another object, which forms write as a text.
fn key(value: &Value) -> Result<Given, Vec<String>> {
    match (integer(value), value) {
        (Some(number), _) => Ok(Given::Integer(number)),
        (None, Value::Number(number)) if !number.is_f64() => {
            one(format!("Invalid pk \"{number}\" - object does not exist."))
        }
        (None, Value::String(text)) if is_number(text) => {
            one(format!("Invalid pk \"{}\" - object does not exist.", text.trim()))
        }
        _ => one(format!("Incorrect type. Expected pk value, received {}.", python_type(value))),
    }
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.len() <= 40 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole number, written as a number or as a text.
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn boolean(field: &Field, value: &Value) -> Result<Given, Vec<String>> {
    const TRUE: [&str; 6] = ["t", "y", "yes", "true", "on", "1"];
    const FALSE: [&str; 6] = ["f", "n", "no", "false", "off", "0"];
    let word = match value {
        Value::Bool(flag) => return Ok(Given::Boolean(*flag)),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        _ => String::new(),
    };
    if TRUE.contains(&word.as_str()) || word == "1.0" {
        Ok(Given::Boolean(true))
    } else if FALSE.contains(&word.as_str()) || word == "0.0" {
        Ok(Given::Boolean(false))
    } else if field.is_nullable && (word == "null" || word.is_empty()) {
        Ok(Given::Null)
    } else {
        one("Must be a valid boolean.")
    }
}

fn choice(
    field: &Field,
    choices: &'static [(&'static str, &'static str)],
    value: &Value,
) -> Result<Given, Vec<String>> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if (text.is_empty() && field.is_blank_allowed) || choices.iter().any(|(word, _)| *word == text) {
        return Ok(Given::Text(text));
    }
    // The value stands in the answer: a long one is cut.
    let shown: String = text.chars().take(100).collect();
    one(format!("\"{shown}\" is not a valid choice."))
}

/// A UUID in its usual form, in small letters (RFC 9562).
fn uuid(text: &str) -> Option<String> {
    let digits: String = text.trim().chars().filter(|it| *it != '-').collect::<String>().to_ascii_lowercase();
    let is_uuid = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_uuid.then(|| [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
}

/// Whether a text may be a user's name: letters, digits and `@.+-_`.
pub fn is_username(text: &str) -> bool {
    text.chars().all(|it| it.is_alphanumeric() || "@.+-_".contains(it))
}

/// Whether a text looks like an e-mail address: a local part and a host name with a dot, or an address in
/// brackets, or `localhost`.
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let is_atom = |it: &str| {
        !it.is_empty()
            && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{}|~-".contains(&byte))
    };
    let is_host = host == "localhost"
        || (host.contains('.') && host.split('.').all(is_label))
        || (host.starts_with('[') && host.ends_with(']'));
    text.len() <= 320 && local.split('.').all(is_atom) && is_host
}

fn is_label(label: &str) -> bool {
    let is_inside = |it: char| it.is_alphanumeric() || it == '-';
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(is_inside)
}

/// Whether a text is an absolute `http` or `https` address.
pub fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_clean =
        text.chars().all(|it| !it.is_control() && !it.is_whitespace() && !"<>\"\\^`{|}".contains(it));
    if let Some(inside) = host.strip_prefix('[') {
        return is_clean && inside.contains(']');
    }
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    let is_port = port.parse::<u16>().is_ok();
    is_clean && is_port && name.trim_end_matches('.').split('.').all(is_label)
}
