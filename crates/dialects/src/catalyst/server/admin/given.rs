//! What a body gives: an object of which some fields are known. Others are overlooked, as the original does.

use identity::model::secret::Secret;
use serde_json::{Map, Value};

use super::call::{Call, Stop, invalid};

/// The fields of an object.
pub(super) struct Given<'a>(&'a Map<String, Value>);

impl<'a> Given<'a> {
    /// The object that the body of a call is.
    pub(super) fn of(call: &'a Call<'_>) -> Result<Self, Stop> {
        Self::from(&call.body, "The body")
    }

    /// The object that a value is. `what` begins the sentence about one that is none.
    pub(super) fn from(value: &'a Value, what: &str) -> Result<Self, Stop> {
        value.as_object().map(Self).ok_or_else(|| invalid(&format!("{what} must be a JSON object")))
    }

    /// A field's value; none if it is absent or null.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|it| !it.is_null())
    }

    /// A text of at most so many characters, without control characters.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<String>, Stop> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| invalid(&format!("{name} must be a text")))?;
        if text.chars().count() > most || text.chars().any(char::is_control) {
            return Err(invalid(&format!(
                "{name} must have at most {most} characters, none of them a control character"
            )));
        }
        Ok(Some(text.to_owned()))
    }

    /// A text that must be there and not be empty.
    pub(super) fn required(&self, name: &str, most: usize) -> Result<String, Stop> {
        let text = self.text(name, most)?.filter(|it| !it.is_empty());
        text.ok_or_else(|| invalid(&format!("{name} is required")))
    }

    /// A password. Its length is looked at where passwords are.
    pub(super) fn password(&self, name: &str) -> Result<Option<Secret>, Stop> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| invalid(&format!("{name} must be a text")))?;
        Ok(Some(text).filter(|it| !it.is_empty()).map(Secret::new))
    }

    /// A password that must be there, under any of these names.
    pub(super) fn required_password(&self, names: &[&str]) -> Result<Secret, Stop> {
        for name in names {
            if let Some(password) = self.password(name)? {
                return Ok(password);
            }
        }
        Err(invalid(&format!("{} is required", names.first().copied().unwrap_or_default())))
    }

    /// A flag.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Stop> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| invalid(&format!("{name} must be true or false")))
    }

    /// A whole number between two.
    pub(super) fn number(&self, name: &str, least: i64, most: i64) -> Result<i64, Stop> {
        let number = self.value(name).and_then(Value::as_i64).filter(|it| (least..=most).contains(it));
        number.ok_or_else(|| invalid(&format!("{name} must be a whole number from {least} to {most}")))
    }

    /// A list of at most so many values.
    pub(super) fn list(&self, name: &str, most: usize) -> Result<Option<&'a [Value]>, Stop> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let list = value.as_array().filter(|it| it.len() <= most);
        let list =
            list.ok_or_else(|| invalid(&format!("{name} must be a list of at most {most} entries")))?;
        Ok(Some(list))
    }
}
