//! The settings of sessions and passwords (contract section B), each alone behind `data`.

use identity::model::setting::SettingValue;
use identity::port::SettingWrite;
use serde_json::{Map, Value, json};

use super::call::{Call, Outcome, invalid};
use super::given::Given;
use crate::catalyst::wire::admin::setting as name;

/// Longest word of a policy, in characters.
const WORD_MAX: usize = 64;

/// Minutes that a session lives.
pub(super) async fn life_time(call: &Call<'_>) -> Outcome {
    call.must_read()?;
    Ok(number(call, name::LIFE_TIME))
}

/// Sets them: half an hour to a week.
pub(super) async fn set_life_time(call: &Call<'_>) -> Outcome {
    set_number(call, name::LIFE_TIME, 30, 10_080).await
}

/// Minutes that a session may rest.
pub(super) async fn server_timeout(call: &Call<'_>) -> Outcome {
    call.must_read()?;
    Ok(number(call, name::SERVER_TIMEOUT))
}

/// Sets them: ten to thirty.
pub(super) async fn set_server_timeout(call: &Call<'_>) -> Outcome {
    set_number(call, name::SERVER_TIMEOUT, 10, 30).await
}

/// How many sessions a user may have; nothing while there is no most. A further one begins all the same, and the
/// one that was used the longest time ago ends.
pub(super) async fn sessions_per_user(call: &Call<'_>) -> Outcome {
    call.must_read()?;
    Ok(number(call, name::SESSIONS_PER_USER))
}

/// Sets it: one to eight.
pub(super) async fn set_sessions_per_user(call: &Call<'_>) -> Outcome {
    set_number(call, name::SESSIONS_PER_USER, 1, 8).await
}

/// Whether and when the vendor's pages sign out who rests.
pub(super) async fn client_timeout(call: &Call<'_>) -> Outcome {
    call.must_read()?;
    read_client_timeout(call).await
}

/// The same, for everybody who is known: clients ask it to learn whether their session lives.
pub(super) async fn read_client_timeout(call: &Call<'_>) -> Outcome {
    let minutes = call.authority().settings().integer(name::TIMEOUT.1);
    let value = if minutes > 0 {
        json!({ name::IS_ENABLED: true, name::TIMEOUT.0: minutes })
    } else {
        json!({ name::IS_ENABLED: false })
    };
    Ok(call.data(&[value]))
}

/// Sets it: ten minutes or more.
pub(super) async fn set_client_timeout(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let given = Given::of(call)?;
    let is_enabled = given.flag(name::IS_ENABLED)?.unwrap_or(false);
    let minutes = match given.value(name::TIMEOUT.0) {
        // What is off keeps no number, but a wrong one is refused all the same.
        None if !is_enabled => 0,
        _ => given.number(name::TIMEOUT.0, 10, 10_080)?,
    };
    let minutes = if is_enabled { minutes } else { 0 };
    write(call, vec![integer(name::TIMEOUT.1, minutes)]).await?;
    read_client_timeout(call).await
}

/// The password policy of the vendor's pages. The rules for passwords here are settings of their own.
pub(super) async fn password_policy(call: &Call<'_>) -> Outcome {
    call.must_read()?;
    let settings = call.authority().settings();
    let policy = match settings.text(name::POLICY.1) {
        name::POLICY_ON => Value::Bool(true),
        word => Value::from(word),
    };
    let mut shown = Map::from_iter([(name::POLICY.0.to_owned(), policy)]);
    let days = settings.integer(name::EXPIRATION.1);
    if days > 0 {
        shown.insert(name::EXPIRATION.0.to_owned(), days.into());
    }
    Ok(call.data(&[shown]))
}

/// Sets it: one of three words, or true or false; and one to ninety days, or nothing or false for none.
pub(super) async fn set_password_policy(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let given = Given::of(call)?;
    let word = match given.value(name::POLICY.0) {
        Some(Value::Bool(true)) => name::POLICY_ON.to_owned(),
        Some(Value::Bool(false)) => name::POLICY_OFF.to_owned(),
        _ => {
            let word = given.required(name::POLICY.0, WORD_MAX)?;
            if !name::POLICIES.contains(&word.as_str()) {
                let words = name::POLICIES.join(", ");
                return Err(invalid(&format!("{} must be one of {words}", name::POLICY.0)));
            }
            word
        }
    };
    let days = match given.value(name::EXPIRATION.0) {
        None | Some(Value::Bool(false)) => 0,
        Some(_) => given.number(name::EXPIRATION.0, 1, 90)?,
    };
    let policy = SettingWrite { name: name::POLICY.1, value: Some(SettingValue::Text(word)) };
    write(call, vec![policy, integer(name::EXPIRATION.1, days)]).await?;
    password_policy(call).await
}

/// One number; nothing while it is 0, which stands for no limit.
fn number(call: &Call<'_>, (shown, kept): (&str, &str)) -> axum::response::Response {
    let number = call.authority().settings().integer(kept);
    let values: Vec<Value> = if number > 0 { vec![json!({ shown: number })] } else { Vec::new() };
    call.data(&values)
}

async fn set_number(
    call: &Call<'_>,
    (shown, kept): (&'static str, &'static str),
    least: i64,
    most: i64,
) -> Outcome {
    call.must_manage()?;
    let wanted = Given::of(call)?.number(shown, least, most)?;
    write(call, vec![integer(kept, wanted)]).await?;
    Ok(number(call, (shown, kept)))
}

fn integer(name: &'static str, value: i64) -> SettingWrite {
    SettingWrite { name, value: Some(SettingValue::Integer(value)) }
}

async fn write(call: &Call<'_>, writes: Vec<SettingWrite>) -> Result<(), super::call::Stop> {
    Ok(call.authority().write_settings(call.context(), call.principal(), writes, false).await?)
}
