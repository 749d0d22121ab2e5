//! Words: how a refusal is told to an operator.

use identity::model::object::Noun;
use identity::{Denial, Invalid, PasswordRule, Refusal, Violation};

use super::Response;

/// The answer that a refusal becomes.
pub fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::Denied(denial) => Response::Refused { message: denied(denial) },
        Refusal::Absent(noun) => Response::Refused { message: format!("there is no such {}", name(*noun)) },
        Refusal::Invalid(invalid) => Response::Refused { message: self::invalid(invalid) },
        Refusal::Busy(after) => Response::Busy {
            message: format!(
                "too many passwords are being checked; try again in {} s",
                after.as_secs().max(1)
            ),
        },
        Refusal::Broken(fault) => Response::Failed { message: fault.chain() },
    }
}

fn denied(denial: &Denial) -> String {
    match denial {
        Denial::NotPermitted => "this is not permitted".to_owned(),
        Denial::NotPermittedField(field) => format!("`{field}` must not be changed"),
        Denial::ExternalUser(source) => format!(
            "the user comes from {source}, and such users may not have tokens \
             (setting ALLOW_OAUTH2_FOR_EXTERNAL_USERS)"
        ),
        Denial::Disabled => "the user is disabled".to_owned(),
        Denial::MissingScope => "the scope does not reach that far".to_owned(),
        Denial::TooManyAttempts(_) | Denial::Locked(_) | Denial::TooManyRequests(_) => {
            "there were too many failures; try later".to_owned()
        }
        Denial::NoProof(_)
        | Denial::MalformedProof(_)
        | Denial::WrongPassword
        | Denial::TokenRevoked
        | Denial::TokenExpired
        | Denial::Forged(_)
        | Denial::Grant(_)
        | Denial::MethodOff => "the operator was not recognized".to_owned(),
    }
}

fn invalid(invalid: &Invalid) -> String {
    let what = match &invalid.violation {
        Violation::Duplicate(noun) => format!("there is a {} of this name already", name(*noun)),
        Violation::DuplicateTogether(fields) => {
            format!("there is one with the same {} already", fields.join(" and "))
        }
        Violation::NoSuchObject(id) => format!("there is no object {id}"),
        Violation::NotAssociated(id) => format!("{id} is not a member"),
        Violation::Required => "it must be given".to_owned(),
        Violation::Immutable => "it cannot be changed".to_owned(),
        Violation::PasswordRule(rule, number) => password_rule(*rule, *number),
        Violation::Rule(sentence) | Violation::Plain(sentence) => sentence.clone(),
    };
    match invalid.field {
        Some(field) => format!("{field}: {what}"),
        None => what,
    }
}

fn password_rule(rule: PasswordRule, number: i64) -> String {
    match rule {
        PasswordRule::Length => format!("it must have at least {number} characters"),
        PasswordRule::Digits => format!("it must have at least {number} digits"),
        PasswordRule::Upper => format!("it must have at least {number} upper-case letters"),
        PasswordRule::Special => {
            format!("it must have at least {number} characters that are neither letters nor digits")
        }
        PasswordRule::Common => "it is one of those that everybody tries first".to_owned(),
        PasswordRule::Longest => format!("it must have at most {number} bytes"),
    }
}

/// A kind of objects in words.
pub fn name(noun: Noun) -> &'static str {
    match noun {
        Noun::User => "user",
        Noun::Organization => "organization",
        Noun::Team => "team",
        Noun::Token => "token",
        Noun::Application => "application",
        Noun::Authenticator => "authenticator",
        Noun::RoleDefinition => "role",
        Noun::UserAssignment | Noun::TeamAssignment => "role assignment",
        Noun::Entry => "entry",
        Noun::Setting => "setting",
        Noun::Session => "session",
    }
}
