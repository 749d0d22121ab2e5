//! The authorization endpoint: a page on which a user lets an application in (RFC 6749 section 3.1; AAP
//! contract section C4, AWX contract section D4).

use axum::body::Body;
use axum::extract::State as Extracted;
use axum::response::Response;
use http::header::{REFERRER_POLICY, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use identity::action::{Authorization, AuthorizationRefusal};
use identity::model::principal::Principal;
use identity::{Denial, Refusal};

use super::consent::{Question, append};
use super::form::{Fields, FormError};
use super::page::{self, ConsentPage};
use super::{Site, wire};
use crate::drf::html::next;
use crate::drf::html::visit::{Visit, put, session_digest};

/// Asks the user, or answers the application at once if the user need not be asked.
pub async fn get(Extracted(site): Extracted<Site>, parts: Parts) -> Response {
    let visit = match Visit::new(&site.state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let question = Fields::query(&parts).map_err(FormError::text).and_then(|fields| Question::read(&fields));
    let question = match question {
        Ok(question) => question,
        Err(text) => return bad(&visit, text),
    };
    ask(&site, &visit, &question).await.unwrap_or_else(|refusal| visit.refuse(&refusal))
}

/// Hears the user.
pub async fn post(Extracted(site): Extracted<Site>, parts: Parts, body: Body) -> Response {
    let visit = match Visit::new(&site.state, &parts) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let fields = match Fields::body(&parts, body).await {
        Ok(fields) => fields,
        Err(error) => return bad(&visit, error.text()),
    };
    let question = match Question::read(&fields) {
        Ok(question) => question,
        Err(text) => return bad(&visit, text),
    };
    hear(&site, &visit, &question, &fields).await.unwrap_or_else(|refusal| visit.refuse(&refusal))
}

async fn ask(site: &Site, visit: &Visit<'_>, question: &Question) -> Result<Response, Refusal> {
    let Some(principal) = visit.principal().await? else { return Ok(to_login(site, visit, question)) };
    let authority = &site.state.authority;
    let response = match authority.read_authorization(question.request()).await {
        Ok(authorization) => {
            // A HEAD request only looks, so it never makes a code.
            let is_asked = visit.parts.method == Method::HEAD
                || authority
                    .needs_consent(visit.context, &principal, &authorization, question.is_auto)
                    .await?;
            if is_asked {
                consent(site, visit, &principal, question, &authorization).await?
            } else {
                allow(site, visit, &principal, question, &authorization).await?
            }
        }
        Err(refusal) => refused(site, visit, question, refusal)?,
    };
    Ok(kept_alive(site, visit, &principal, response))
}

async fn hear(
    site: &Site,
    visit: &Visit<'_>,
    question: &Question,
    fields: &Fields,
) -> Result<Response, Refusal> {
    let Some(principal) = visit.principal().await? else { return Ok(to_login(site, visit, question)) };
    let Some(digest) = session_digest(&principal) else { return Ok(to_login(site, visit, question)) };
    // The form must come from the page of this very session: nobody consents with another's form.
    if let Err(forgery) = visit.judge_form(fields.get(site.state.brand.csrf_field), &digest) {
        return Ok(visit.forbidden(&forgery));
    }
    let response = match site.state.authority.read_authorization(question.request()).await {
        Ok(authorization) if fields.get(wire::ALLOW).is_some_and(is_yes) => {
            allow(site, visit, &principal, question, &authorization).await?
        }
        Ok(authorization) => {
            let pairs = [(wire::ERROR, Some(wire::ACCESS_DENIED))];
            to_application(site, visit, question, &authorization.redirect_uri, &pairs)
        }
        Err(refusal) => refused(site, visit, question, refusal)?,
    };
    Ok(kept_alive(site, visit, &principal, response))
}

/// Whether the button's value says yes; some values of a flag say no.
fn is_yes(value: &str) -> bool {
    !["false", "0"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

/// The page that asks.
async fn consent(
    site: &Site,
    visit: &Visit<'_>,
    principal: &Principal,
    question: &Question,
    authorization: &Authorization,
) -> Result<Response, Refusal> {
    let organization = site.state.authority.organization_of(&authorization.application).await?;
    let live = session_digest(principal);
    let token = visit.token(live.as_ref());
    let text = page::consent(&ConsentPage {
        language: visit.language,
        csrf_field: site.state.brand.csrf_field,
        token: &visit.mask(&token),
        question,
        authorization,
        organization: organization.as_deref(),
        username: &principal.user().username,
    });
    let targets = crate::drf::html::target(&authorization.redirect_uri);
    let mut response = visit.page_towards(StatusCode::OK, text, &targets);
    let cookie = (site.state.brand.csrf_cookie)(&token, visit.context.now, visit.doorway.is_secure);
    put(&mut response, SET_COOKIE, &cookie);
    Ok(response)
}

/// A code for the application.
async fn allow(
    site: &Site,
    visit: &Visit<'_>,
    principal: &Principal,
    question: &Question,
    authorization: &Authorization,
) -> Result<Response, Refusal> {
    let to = &authorization.redirect_uri;
    match site.state.authority.give_code(visit.context, principal, authorization).await {
        Ok(code) => Ok(to_application(site, visit, question, to, &[(wire::CODE, Some(code.expose()))])),
        Err(Refusal::Denied(Denial::ExternalUser(_))) => {
            let pairs = [
                (wire::ERROR, Some(wire::ACCESS_DENIED)),
                (wire::ERROR_DESCRIPTION, Some(wire::EXTERNAL_USER)),
            ];
            Ok(to_application(site, visit, question, to, &pairs))
        }
        Err(refusal) => Err(refusal),
    }
}

/// The answer to a request that cannot be put to the user. Only an address that is the application's own is
/// ever redirected to (RFC 9700 section 4.11).
fn refused(
    site: &Site,
    visit: &Visit<'_>,
    question: &Question,
    refusal: AuthorizationRefusal,
) -> Result<Response, Refusal> {
    match refusal {
        AuthorizationRefusal::UnknownApplication => Ok(bad(
            visit,
            if question.names_application() { wire::INVALID_CLIENT_ID } else { wire::MISSING_CLIENT_ID },
        )),
        AuthorizationRefusal::ForeignRedirect => Ok(bad(visit, wire::FOREIGN_REDIRECT)),
        AuthorizationRefusal::Told { redirect_uri, error, description } => {
            let pairs = [(wire::ERROR, Some(error)), (wire::ERROR_DESCRIPTION, description)];
            Ok(to_application(site, visit, question, &redirect_uri, &pairs))
        }
        AuthorizationRefusal::Refused(refusal) => Err(refusal),
    }
}

/// 302 to the application with these parameters, its state, and who answers (RFC 9207).
fn to_application(
    site: &Site,
    visit: &Visit<'_>,
    question: &Question,
    redirect_uri: &str,
    pairs: &[(&str, Option<&str>)],
) -> Response {
    let issuer = site.issuer(visit.doorway);
    let mut all = pairs.to_vec();
    all.push((wire::STATE, question.state()));
    all.push((wire::ISSUER, Some(&issuer)));
    let mut response = visit.redirect(&append(redirect_uri, &all));
    // The application learns where the browser comes from by `iss`, and nothing of our addresses.
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// 302 to the login page, which leads back here.
fn to_login(site: &Site, visit: &Visit<'_>, question: &Question) -> Response {
    let path = visit.doorway.address(visit.parts.uri.path());
    let back = match visit.parts.uri.query() {
        Some(query) if visit.parts.method != Method::POST => format!("{path}?{query}"),
        _ => append(&path, &question.pairs()),
    };
    visit.redirect(&next::login(&visit.doorway.address(site.flavour.login), &back))
}

/// The page of a request that cannot be answered to anybody else.
fn bad(visit: &Visit<'_>, text: &str) -> Response {
    visit.page(StatusCode::BAD_REQUEST, page::error(visit.language, wire::INVALID_REQUEST, text))
}

/// An answer that also keeps the session alive, in the contract's words.
pub(super) fn kept_alive(
    site: &Site,
    visit: &Visit<'_>,
    principal: &Principal,
    mut response: Response,
) -> Response {
    if !visit.presented.is_quiet {
        let headers = response.headers_mut();
        site.state.dialect.keep_alive(&visit.presented, principal, visit.doorway, headers);
    }
    response
}
