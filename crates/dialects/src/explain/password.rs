//! Passwords that were not taken. The client is told the same in all cases; those who run the gateway may know which it
//! was.

use identity::model::refusal_log::Cause;
use jiff::Timestamp;

use super::{Door, Explanation, instant, said};

impl Door<'_> {
    pub(super) fn password_wrong(&self) -> Explanation {
        match self.cause() {
            Some(Cause::NoSuchUser) => said(
                "password.no-such-user",
                "There is no user of the name that was given.",
                "look for a slip in the name; `portcullis user list` shows the names",
            ),
            Some(Cause::NoPassword) => said(
                "password.user-has-none",
                "The user has no password.",
                "give it one with `portcullis user passwd`, or use a token",
            ),
            Some(Cause::PasswordEmpty) => said(
                "password.empty",
                "The name or the password was empty.",
                format!("send both: {}", self.help().sign_in),
            ),
            Some(Cause::PasswordTooLong) => said(
                "password.too-long",
                "The password is longer than any password can be.",
                "look at what the client really sends",
            ),
            Some(Cause::Disabled) => user_disabled(),
            Some(Cause::Changed) => said(
                "password.changed",
                "The password was changed, or the user disabled, while it was being looked at.",
                "try again with the new password",
            ),
            Some(Cause::AccountClosed(until)) => account_locked(*until),
            Some(Cause::AddressClosed(until)) => self.address_locked(*until),
            Some(Cause::WrongPassword) => said(
                "password.wrong",
                "The user exists, and the password is another one.",
                "look at what the client really sends; `portcullis user passwd` sets a new password",
            ),
            _ => said(
                "login.unreadable",
                "No password was looked at: the login did not have a name and a password, each once, where its contract \
                 has them.",
                format!("look at the media type and the fields of the body: {}", self.help().sign_in),
            ),
        }
    }

    /// What is known of the password that an application showed for a user.
    pub(super) fn password_facts(&self, explanation: Explanation) -> Explanation {
        match self.cause() {
            Some(_) => {
                let password = self.password_wrong();
                explanation.with("password_rule", password.rule).with("password", password.what)
            }
            None => explanation,
        }
    }

    pub(super) fn address_locked(&self, until: Timestamp) -> Explanation {
        said(
            "address.locked",
            "The client's address has used up its failures; nothing that it claims is looked at for a while.",
            "wait as long as Retry-After says, and stop what sends wrong passwords from there",
        )
        .with("locked_until", instant(until))
        .with("address", &self.refused.address)
    }
}

pub(super) fn user_disabled() -> Explanation {
    said(
        "user.disabled",
        "The password is right, and the user is disabled.",
        "let an administrator enable the user, or `portcullis user enable`",
    )
}

pub(super) fn account_locked(until: Timestamp) -> Explanation {
    said(
        "account.locked",
        "The account had too many wrong passwords; nobody looks at its passwords for a while, right or wrong.",
        "wait, and find who sends the wrong ones: the audit log has each sign_in_failure",
    )
    .with("locked_until", instant(until))
}
