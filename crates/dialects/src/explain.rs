//! Explain: a refusal in sentences for those who run the gateway. Which rule refused, by which facts, and what to send
//! instead, in the words of the contract at whose door it happened. No secret is in it, and no name that was only
//! claimed.

mod password;
mod session;
mod source;

#[cfg(test)]
mod tests;

use identity::model::grant::GrantDenial;
use identity::model::pace::Load;
use identity::model::portal::Portal;
use identity::model::refusal_log::{Cause, Refused};
use identity::{Denial, Malformed};
use jiff::{SignedDuration, Timestamp};

use crate::dialect::{Dialect, Help};
use crate::named;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The rule: a short word that stays the same, such as `session.inactive`, for scripts.
    pub rule: &'static str,
    /// What happened, in one sentence.
    pub what: String,
    /// What is known beside it, each with its name.
    pub facts: Vec<(&'static str, String)>,
    /// What to send instead.
    pub advice: String,
}

/// How somebody shows itself at our own API, which is none of the contracts.
static OWN_HELP: Help = Help {
    sign_in: "sign in at the door of any contract, or make a token",
    proof: "exactly one proof of any contract: Authorization: Bearer, Authorization: Basic, or a session's cookie or header",
    change: "nothing can be changed here",
};

/// Explains a refusal.
pub fn explain(refused: &Refused) -> Explanation {
    let door = Door { dialect: named(refused.dialect), refused };
    match &refused.denial {
        Some(denial) => door.denied(denial),
        None => door.not_ours(),
    }
}

/// A refusal, and the contract in whose words it was told.
struct Door<'a> {
    dialect: Option<&'static dyn Dialect>,
    refused: &'a Refused,
}

impl Door<'_> {
    fn help(&self) -> &'static Help {
        self.dialect.map_or(&OWN_HELP, |it| it.help())
    }

    /// To sign in, and then to show it.
    fn anew(&self) -> String {
        let help = self.help();
        format!("sign in: {}; then send {}", help.sign_in, help.proof)
    }

    fn cause(&self) -> Option<&Cause> {
        self.refused.cause.as_ref()
    }

    fn denied(&self, denial: &Denial) -> Explanation {
        match denial {
            Denial::NoProof(None) => {
                said("proof.missing", "The request showed nothing that tells who asks.", self.anew())
            }
            Denial::NoProof(Some(ended)) => self.session_ended(ended),
            Denial::MalformedProof(malformed) => self.malformed(*malformed),
            Denial::WrongPassword => self.password_wrong(),
            Denial::Disabled => password::user_disabled(),
            Denial::Locked(until) => password::account_locked(*until),
            Denial::TooManyAttempts(after) => {
                self.address_locked(self.refused.at.saturating_add(*after).unwrap_or(Timestamp::MAX))
            }
            Denial::TooManyRequests(after) => self.too_many_requests(*after),
            Denial::TokenRevoked => said(
                "token.unknown",
                "The token is none of ours, was revoked, or its user is gone or disabled.",
                format!("make a new token; {}", self.anew()),
            ),
            Denial::TokenExpired => said(
                "token.expired",
                "The token's life is over.",
                format!("make a new token; {}", self.anew()),
            ),
            Denial::MissingScope => self.scope_missing(),
            Denial::NotPermitted => self.not_permitted(),
            Denial::NotPermittedField(field) => said(
                "right.field",
                "The user may change the object, but not this part of it.",
                "leave the field out, or ask an administrator",
            )
            .with("field", *field),
            Denial::ExternalUser(source) => said(
                "user.external",
                "Users of an external source may have no tokens.",
                "use a session or a local user, or let an administrator set ALLOW_OAUTH2_FOR_EXTERNAL_USERS",
            )
            .with("source", source),
            Denial::Forged(forgery) => self.forged(forgery),
            Denial::MethodOff => said(
                "method.off",
                "This way of signing in is switched off.",
                "use another way, or let an administrator switch it on",
            ),
            Denial::Grant(grant) => self.grant(*grant),
        }
    }

    fn malformed(&self, malformed: Malformed) -> Explanation {
        let (rule, what) = match malformed {
            Malformed::BasicEmpty => ("proof.basic-empty", "`Authorization: Basic` has no value."),
            Malformed::BasicSpaces => {
                ("proof.basic-spaces", "The value of `Authorization: Basic` has spaces in it.")
            }
            Malformed::BasicEncoding => (
                "proof.basic-encoding",
                "The value of `Authorization: Basic` is not base64 of UTF-8 text with a colon.",
            ),
            Malformed::Bearer => {
                ("proof.bearer", "The value of `Authorization` holds characters that no token has.")
            }
            Malformed::Several => ("proof.several", "There is more than one proof where one may be."),
            Malformed::Unencrypted => {
                ("proof.unencrypted", "The proof came over plain http, where this contract takes none.")
            }
        };
        let https = if malformed == Malformed::Unencrypted { "over https " } else { "" };
        said(rule, what, format!("send {https}{}", self.help().proof))
    }

    fn too_many_requests(&self, after: SignedDuration) -> Explanation {
        let (rule, what) = match self.cause() {
            Some(Cause::Pace(Load::Bulk)) => {
                ("pace.bulk", "The caller has used up its requests that ask for much at once.")
            }
            _ => ("pace.ordinary", "The caller has used up its requests."),
        };
        let at = self.refused.at.saturating_add(after).unwrap_or(Timestamp::MAX);
        said(
            rule,
            what,
            "wait as long as Retry-After says; ask more seldom, or let an administrator raise the rate",
        )
        .with("again_at", instant(at))
    }

    fn scope_missing(&self) -> Explanation {
        let explanation = said(
            "scope.missing",
            "The token does not reach this far: its scope has no word for such a request.",
            "use a token with the scope that is needed",
        );
        let is_safe = matches!(&*self.refused.method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
        let explanation = explanation.with("scope_needed", if is_safe { "read" } else { "write" });
        match self.cause() {
            Some(Cause::Scope(scope)) => explanation.with("scope_of_token", scope),
            _ => explanation,
        }
    }

    fn not_permitted(&self) -> Explanation {
        match self.cause() {
            Some(Cause::Policy) => {
                let service = self.refused.service.as_deref().unwrap_or("-");
                said(
                    "policy.not-allowed",
                    "The service is not open to this user.",
                    "add the user or one of its teams to `allow` of the service, or use another user",
                )
                .with("policy", format!("allow of service {service}"))
            }
            Some(Cause::Portal(Portal::Operations)) => said(
                "portal.not-operator",
                "The user is not in the list of Platform Operators, which guards this portal.",
                "add the user to the setting apprenda.platform_operators, or use one that is in it",
            ),
            Some(Cause::Portal(Portal::Developer | Portal::Account)) => said(
                "portal.no-tenant",
                "The user belongs to no tenant, and this portal is for tenants.",
                "add the user to an organization",
            ),
            Some(Cause::Tenant) => said(
                "tenant.not-allowed",
                "The named tenant does not exist, the user may not act for it, or the service is not told of tenants.",
                "name a tenant that the user may act for, or none",
            ),
            Some(Cause::Guarded) => said(
                "session.guarded",
                "The path shows, changes or ends what the gateway is signed in with at the service, which all callers share.",
                "use the gateway's own endpoints for that, or ask whoever runs the service",
            ),
            _ => said(
                "right.missing",
                "The user has no right to do this.",
                "use a user with that right, or ask an administrator",
            ),
        }
    }

    fn grant(&self, grant: GrantDenial) -> Explanation {
        let explanation = said(
            grant_rule(grant),
            grant_sentence(grant),
            "begin the grant anew, with what the application was registered with",
        );
        match grant {
            GrantDenial::InvalidRequest(text) | GrantDenial::InvalidGrant(Some(text)) => {
                self.password_facts(explanation.with("answer", text))
            }
            _ => explanation,
        }
    }

    /// No rule of the gateway: the service behind it answered so, or an endpoint of our own that told no more.
    fn not_ours(&self) -> Explanation {
        match &self.refused.service {
            Some(service) => said(
                "service.said-so",
                "The gateway let the request through, and the service itself answered so.",
                "look at the service's own log, under the same request id",
            )
            .with("service", service),
            None => said(
                "endpoint.said-so",
                "The gateway's own endpoint answered so, and left no more about it.",
                self.anew(),
            ),
        }
    }
}

fn grant_rule(grant: GrantDenial) -> &'static str {
    match grant {
        GrantDenial::InvalidRequest(_) => "grant.invalid-request",
        GrantDenial::InvalidClient => "grant.invalid-client",
        GrantDenial::InvalidGrant(_) => "grant.invalid-grant",
        GrantDenial::UnauthorizedClient => "grant.unauthorized-client",
        GrantDenial::UnsupportedGrantType => "grant.unsupported-type",
        GrantDenial::InvalidScope => "grant.invalid-scope",
        GrantDenial::AccessDenied => "grant.access-denied",
        GrantDenial::AuthorizationPending => "grant.pending",
        GrantDenial::SlowDown => "grant.slow-down",
        GrantDenial::ExpiredToken => "grant.device-expired",
        GrantDenial::RefreshExpired => "grant.refresh-expired",
    }
}

fn grant_sentence(grant: GrantDenial) -> &'static str {
    match grant {
        GrantDenial::InvalidRequest(_) => "The application's request lacks something, or says it twice.",
        GrantDenial::InvalidClient => "The application is unknown, or did not show its secret.",
        GrantDenial::InvalidGrant(_) => "The code, refresh token or password that was shown is not good.",
        GrantDenial::UnauthorizedClient => "This is not one of the application's grants.",
        GrantDenial::UnsupportedGrantType => "There is no such grant.",
        GrantDenial::InvalidScope => "The scope is unknown, or wider than what was granted.",
        GrantDenial::AccessDenied => "The user said no.",
        GrantDenial::AuthorizationPending => "The user has not answered yet.",
        GrantDenial::SlowDown => "The user has not answered yet, and the device asks too often.",
        GrantDenial::ExpiredToken => "The device code's life is over.",
        GrantDenial::RefreshExpired => "The refresh token's life is over.",
    }
}

fn said(rule: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Explanation {
    Explanation { rule, what: what.into(), facts: Vec::new(), advice: advice.into() }
}

impl Explanation {
    /// The same with one more fact.
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.facts.push((name, value.into()));
        self
    }
}

/// An instant in UTC, to the second.
fn instant(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// A span in seconds.
fn span(span: SignedDuration) -> String {
    format!("{} s", span.as_secs())
}
