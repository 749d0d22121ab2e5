//! The documentation of what is served: an `OpenAPI` document, and a page that says where it is.

use axum::extract::Request;
use axum::response::Response;
use http::header::{ACCEPT, ALLOW, CONTENT_SECURITY_POLICY};
use http::{HeaderValue, Method, StatusCode};

use super::{address, fields, table};
use crate::drf::endpoint::Tables;
use crate::drf::openapi::{self, About, Schema};
use crate::drf::{respond, yaml};
use crate::platform::wire::SESSION_COOKIE;

/// The kinds of objects in the document.
static SCHEMAS: &[Schema] = &[
    Schema { name: "User", path: "/api/gateway/v1/users/", fields: fields::USER },
    Schema { name: "Organization", path: "/api/gateway/v1/organizations/", fields: fields::ORGANIZATION },
    Schema { name: "Team", path: "/api/gateway/v1/teams/", fields: fields::TEAM },
    Schema { name: "OAuth2Token", path: "/api/gateway/v1/tokens/", fields: fields::TOKEN },
    Schema { name: "OAuth2Application", path: "/api/gateway/v1/applications/", fields: fields::APPLICATION },
    Schema { name: "AppUrl", path: table::APP_URLS, fields: fields::APP_URL },
    Schema { name: "Authenticator", path: "/api/gateway/v1/authenticators/", fields: fields::AUTHENTICATOR },
    Schema {
        name: "GatewayRoleDefinition",
        path: "/api/gateway/v1/role_definitions/",
        fields: fields::ROLE_DEFINITION,
    },
    Schema {
        name: "RoleUserAssignment",
        path: "/api/gateway/v1/role_user_assignments/",
        fields: fields::USER_ASSIGNMENT,
    },
    Schema {
        name: "GatewayRoleTeamAssignment",
        path: "/api/gateway/v1/role_team_assignments/",
        fields: fields::TEAM_ASSIGNMENT,
    },
    Schema { name: "Entry", path: "/api/gateway/v1/activitystream/", fields: fields::ENTRY },
];

/// What is described where the layer does not say what is served.
const OWN: Tables = &[table::ENDPOINTS];

/// The page.
pub(super) async fn index(request: Request) -> Response {
    if let Some(response) = unread(request.method()) {
        return response;
    }
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n  <head>\n    <meta charset=\"utf-8\">\n    <title>AAP gateway API</title>\n  \
         </head>\n  <body>\n    <h1>AAP gateway API</h1>\n    <p>The OpenAPI document: \
         <a href=\"{root}docs/schema/\">YAML</a>, <a href=\"{root}docs/schema/?format=json\">JSON</a>.</p>\n  \
         </body>\n</html>\n",
        root = address::V1
    );
    let mut response = respond::html(StatusCode::OK, page);
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    );
    response
}

/// The document: YAML unless JSON is asked for.
pub(super) async fn schema(request: Request) -> Response {
    if let Some(response) = unread(request.method()) {
        return response;
    }
    let tables = request.extensions().get::<Tables>().copied().unwrap_or(OWN);
    let about = About { title: "AAP gateway API", version: "v1", session_cookie: SESSION_COOKIE };
    let document = openapi::document(about, tables, SCHEMAS);
    let query = request.uri().query().unwrap_or_default();
    let format = query.split('&').find_map(|pair| pair.strip_prefix("format="));
    let accepted = request.headers().get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    match format {
        Some("json") => {
            let body = document.to_string().into_bytes();
            respond::with_body(StatusCode::OK, "application/vnd.oai.openapi+json", body)
        }
        Some("yaml" | "") => as_yaml(&document),
        Some(_) => respond::detail(StatusCode::NOT_FOUND, "Not found."),
        None if accepted.contains("application/json") => respond::json(StatusCode::OK, &document),
        None if accepted.contains("application/vnd.oai.openapi+json") => {
            let body = document.to_string().into_bytes();
            respond::with_body(StatusCode::OK, "application/vnd.oai.openapi+json", body)
        }
        None => as_yaml(&document),
    }
}

fn as_yaml(document: &serde_json::Value) -> Response {
    respond::with_body(StatusCode::OK, "application/vnd.oai.openapi", yaml::write(document).into_bytes())
}

/// The answer to a method that does not read.
fn unread(method: &Method) -> Option<Response> {
    if *method == Method::GET || *method == Method::HEAD {
        return None;
    }
    let text = format!("Method \"{method}\" not allowed.");
    let mut response = respond::detail(StatusCode::METHOD_NOT_ALLOWED, &text);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    Some(response)
}
