//! A visitor for tests: a browser with a session, that reads the forms it is shown.

use bytes::Bytes;
use http::{Method, Request, Response};
use identity::action::ApplicationFields;
use identity::model::application::{ClientType, GrantType};
use identity::model::csrf;

use crate::bed::HOST;
use crate::oauth::bed::{Office, Registered, text};
use crate::oauth::{Flavour, wire};
use crate::platform::wire::{CSRF_FIELD, SESSION_COOKIE};

/// A browser. Without a session it holds no cookie.
#[derive(Clone, Default)]
pub struct Visitor {
    /// Its `Cookie` header.
    pub cookies: String,
    /// Its CSRF token.
    pub token: String,
    /// What it says it prefers.
    pub language: &'static str,
}

impl Visitor {
    /// A browser in which this user is signed in.
    pub async fn new(office: &Office, name: &str) -> Self {
        let signed_in = office.bed.sign_in(name).await;
        let token = signed_in.csrf_token;
        let cookies = format!("csrftoken={token}; {SESSION_COOKIE}={}", signed_in.secret.expose());
        Self { cookies, token, language: "en" }
    }

    /// The answer to a path below the root.
    pub async fn get(&self, office: &Office, flavour: &'static Flavour, path: &str) -> Response<Bytes> {
        self.send(office, flavour, (Method::GET, path), "").await
    }

    /// The answer to a form with this browser's token, from our own page.
    pub async fn post(
        &self,
        office: &Office,
        flavour: &'static Flavour,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Response<Bytes> {
        let mut all = vec![(CSRF_FIELD, self.token.as_str())];
        all.extend_from_slice(fields);
        self.send(office, flavour, (Method::POST, path), &encoded(&all)).await
    }

    /// The answer to a request.
    pub async fn send(
        &self,
        office: &Office,
        flavour: &'static Flavour,
        (method, path): (Method, &str),
        form: &str,
    ) -> Response<Bytes> {
        let mut request = Request::builder()
            .uri(format!("{}{path}", flavour.root))
            .header("content-type", wire::FORM_TYPE)
            .header("accept-language", self.language);
        if !self.cookies.is_empty() {
            request = request.header("cookie", &self.cookies);
        }
        if method == Method::POST {
            request = request.header("origin", format!("https://{HOST}"));
        }
        let request = request.method(method).body(Bytes::copy_from_slice(form.as_bytes())).unwrap();
        office.send(flavour, request).await
    }
}

/// The fields of a confidential application that gets tokens by codes.
pub fn code_fields() -> ApplicationFields {
    ApplicationFields {
        client_type: Some(ClientType::Confidential),
        grant_type: Some(GrantType::AuthorizationCode),
        requires_pkce: Some(false),
        ..ApplicationFields::default()
    }
}

/// A request of an application, with these parameters beside its name.
pub fn query(application: &Registered, more: &[(&str, &str)]) -> String {
    let client_id = application.application.client_id.as_str();
    let mut all = vec![("response_type", "code"), ("client_id", client_id)];
    all.extend_from_slice(more);
    format!("/authorize/?{}", encoded(&all))
}

/// Parameters as browsers send them.
pub fn encoded(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, Some(*value))).collect();
    crate::oauth::consent::append("", &pairs).trim_start_matches('?').to_owned()
}

/// The hidden fields of the form on a page, unescaped.
pub fn hidden(page: &Response<Bytes>) -> Vec<(String, String)> {
    text(page)
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            let (value, _) = rest.split_once("\">").unwrap();
            (name.to_owned(), unescaped(value))
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// Where an answer sends the browser.
pub fn location(response: &Response<Bytes>) -> &str {
    response.headers().get("location").map_or("", |it| it.to_str().unwrap())
}

/// The parameter of an address.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let form = crate::drf::form::Form::urlencoded(address.split_once('?')?.1.as_bytes()).unwrap();
    form.one(name).unwrap().map(str::to_owned)
}

/// Whether a page is guarded as all pages here must be.
pub fn assert_guarded(page: &Response<Bytes>) {
    let header = |name: &str| {
        let mut all = page.headers().get_all(name).iter();
        let value = all.next().unwrap_or_else(|| panic!("no {name}")).to_str().unwrap();
        assert!(all.next().is_none(), "{name} twice");
        value
    };
    let policy = header("content-security-policy");
    for part in ["default-src 'none';", "style-src 'sha256-", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(
        policy.contains("form-action 'self'") && !policy.contains("unsafe") && !policy.contains("script")
    );
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("cache-control").contains("no-store"));
    assert!(["same-origin", "no-referrer"].contains(&header("referrer-policy")));
    let body = text(page);
    assert!(!body.contains("<script") && !body.contains("style=") && !body.contains("javascript:"));
    assert!(body.starts_with("<!DOCTYPE html>\n<html lang=\""));
}

/// A token under a mask is the same token.
pub fn bare(token: &str) -> String {
    csrf::bare(token, csrf::Place::Field).unwrap()
}
