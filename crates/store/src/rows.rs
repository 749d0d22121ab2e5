//! Between rows and values: instants, flags, digests, lists, and faults of the database.

use std::fmt::Write as _;

use identity::model::object::{Noun, Stamp, UserId};
use identity::model::secret::Digest;
use identity::{Fault, Origin};
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

/// What reading a row gives.
pub(crate) type Read<T> = Result<T, sqlx::Error>;

/// The last instant that can be read again: the calendar's own last one, in whole microseconds, is beyond
/// what it takes back.
const LAST: i64 = 253_402_207_199_999_999;

/// An instant as it is stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond().min(LAST)
}

/// A duration as it is stored; together with an instant it is never more than a number can be.
pub(crate) fn duration_micros(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(LAST).clamp(0, LAST)
}

/// A stored instant. One that no calendar has is the epoch.
pub(crate) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The instant in this column.
pub(crate) fn at(row: &SqliteRow, column: &str) -> Read<Timestamp> {
    Ok(instant(row.try_get(column)?))
}

/// The flag in this column.
pub(crate) fn flag(row: &SqliteRow, column: &str) -> Read<bool> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

/// The digest in this column.
pub(crate) fn digest(row: &SqliteRow, column: &str) -> Read<Digest> {
    digest_of(row.try_get::<Vec<u8>, _>(column)?)
}

/// A digest of stored bytes.
pub(crate) fn digest_of(bytes: Vec<u8>) -> Read<Digest> {
    <[u8; 32]>::try_from(bytes).map(Digest).map_err(|_| spoiled("a digest that is not 32 bytes long"))
}

/// The stamp in the four usual columns.
pub(crate) fn stamp(row: &SqliteRow) -> Read<Stamp> {
    Ok(Stamp {
        created_at: at(row, "created_at")?,
        created_by: row.try_get::<Option<i64>, _>("created_by")?.map(UserId),
        modified_at: at(row, "modified_at")?,
        modified_by: row.try_get::<Option<i64>, _>("modified_by")?.map(UserId),
    })
}

/// The error of a stored value that nothing here has written.
pub(crate) fn spoiled(what: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(what.into())
}

/// The instant of a change: later than the state it replaces, whatever the clock says, so that two
/// changes never leave the same stamp.
pub(crate) fn later_than(before: Timestamp, at: Timestamp) -> i64 {
    micros(at).max(micros(before).saturating_add(1))
}

/// A list of numbers as JSON, for one bound value instead of many.
pub(crate) fn json_numbers(numbers: impl IntoIterator<Item = i64>) -> String {
    let mut text = String::from("[");
    for number in numbers {
        if text.len() > 1 {
            text.push(',');
        }
        let _ = write!(text, "{number}");
    }
    text.push(']');
    text
}

/// A list of texts as JSON.
pub(crate) fn json_texts(texts: &[String]) -> String {
    serde_json::Value::from(texts.to_vec()).to_string()
}

/// The texts of a JSON list.
pub(crate) fn texts_of(json: &str) -> Read<Vec<String>> {
    serde_json::from_str(json).map_err(|_| spoiled("a list that is no JSON"))
}

/// The bytes of a digest in the tagged form `$sha256$` and 64 hexadecimal digits.
pub(crate) fn untagged(tagged: &str) -> Result<Vec<u8>, sqlx::Error> {
    let hexadecimal = tagged
        .strip_prefix("$sha256$")
        .filter(|it| it.len() == 64 && it.is_ascii())
        .ok_or_else(|| spoiled("a token digest in an unknown form"))?;
    (0..32)
        .map(|place| u8::from_str_radix(&hexadecimal[place * 2..place * 2 + 2], 16))
        .collect::<Result<_, _>>()
        .map_err(|_| spoiled("a token digest in an unknown form"))
}

/// A word for the kinds that a role can be given on.
pub(crate) fn target_word(noun: Option<Noun>) -> Option<&'static str> {
    match noun {
        Some(Noun::Organization) => Some("organization"),
        Some(Noun::Team) => Some("team"),
        _ => None,
    }
}

/// The kind of such a word.
pub(crate) fn target_of(word: Option<&str>) -> Option<Noun> {
    match word {
        Some("organization") => Some(Noun::Organization),
        Some("team") => Some(Noun::Team),
        _ => None,
    }
}

/// A fault of the database.
pub(crate) fn fault(message: &'static str) -> impl FnOnce(sqlx::Error) -> Fault {
    move |cause| Fault::caused(Origin::Store, message, cause)
}
