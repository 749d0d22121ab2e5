//! Requests that may come from a foreign page: what was missing or did not fit.

use identity::model::csrf::{Forgery, Place};

use super::{Door, Explanation, said};

impl Door<'_> {
    pub(super) fn forged(&self, forgery: &Forgery) -> Explanation {
        let (rule, what) = match forgery {
            Forgery::Origin(_) => ("csrf.origin", "The request's Origin is not this gateway's."),
            Forgery::RefererAbsent => {
                ("csrf.referer-missing", "The request came over https without Origin and Referer.")
            }
            Forgery::RefererMalformed => ("csrf.referer-malformed", "The request's Referer is no address."),
            Forgery::RefererInsecure => {
                ("csrf.referer-insecure", "The request's Referer is a page over plain http.")
            }
            Forgery::Referer(_) => ("csrf.referer", "The request's Referer is another site's page."),
            Forgery::CrossSite => ("csrf.cross-site", "The browser says that another site made the request."),
            Forgery::CookieAbsent => {
                ("csrf.cookie-missing", "The request lacks the cookie with the CSRF token.")
            }
            Forgery::TokenAbsent => (
                "csrf.header-missing",
                "The request changes something with a session, and lacks the CSRF token in a header or form.",
            ),
            Forgery::TokenLength(_) => ("csrf.token-length", "The CSRF token has a length that none has."),
            Forgery::TokenCharacters(_) => {
                ("csrf.token-characters", "The CSRF token has characters that none has.")
            }
            Forgery::TokenWrong(_) => {
                ("csrf.token-wrong", "The CSRF token is not the one that belongs to this session.")
            }
        };
        let explanation = said(rule, what, format!("send {}", self.help().change));
        match forgery {
            Forgery::Origin(page) | Forgery::Referer(page) => explanation.with("page", page.origin()),
            Forgery::RefererAbsent => explanation.with("missing_header", "Referer"),
            Forgery::CookieAbsent => self.with_name(explanation, "missing_cookie", Place::Cookie),
            Forgery::TokenAbsent => self.with_name(explanation, "missing_header", Place::Header),
            Forgery::TokenLength(place) | Forgery::TokenCharacters(place) | Forgery::TokenWrong(place) => {
                explanation.with("token_in", place_of(*place))
            }
            Forgery::RefererMalformed | Forgery::RefererInsecure | Forgery::CrossSite => explanation,
        }
    }

    /// The contract's own name of its CSRF token. Every contract has "csrf" or "xsrf" in it.
    fn with_name(&self, explanation: Explanation, fact: &'static str, place: Place) -> Explanation {
        let names = self.dialect.map_or(&[][..], |it| match place {
            Place::Cookie => it.wire().cookies,
            Place::Header | Place::Field => it.wire().headers,
        });
        match names.iter().find(|it| it.to_ascii_lowercase().contains("srf")) {
            Some(name) => explanation.with(fact, *name),
            None => explanation,
        }
    }
}

fn place_of(place: Place) -> &'static str {
    match place {
        Place::Cookie => "its cookie",
        Place::Header => "a header",
        Place::Field => "a form field",
    }
}
