//! A bed for tests: an installation with applications, asked in the words of either contract.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use identity::action::{ApplicationFields, Fields, OrganizationFields, TokenFields, UserFields};
use identity::model::application::{Allowances, Application, ClientType, GrantType};
use identity::model::object::Object;
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{Flavour, routes, wire};
use crate::bed::{Bed, HOST};
use crate::dialect::Doorway;
use crate::platform;

/// Both contracts.
pub static FLAVOURS: [&Flavour; 2] = [&Flavour::AAP, &Flavour::AWX];

/// An installation with one organization.
pub struct Office {
    /// Its users and its clock.
    pub bed: Bed,
    organization: i64,
}

/// An application, and what only its maker saw.
pub struct Registered {
    /// The application.
    pub application: Application,
    /// Its secret; empty if it has none.
    pub secret: String,
}

impl Registered {
    /// The value of `Authorization` by which it shows itself.
    pub fn basic(&self) -> String {
        basic(&self.application.client_id, &self.secret)
    }
}

/// The value of `Authorization` for a name and a secret.
pub fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

impl Office {
    /// A new one.
    pub async fn new() -> Self {
        let bed = Bed::new().await;
        let operator = bed.authority.operator().await.unwrap();
        let fields = OrganizationFields { name: Some("Office".to_owned()), ..OrganizationFields::default() };
        let written =
            bed.authority.create(&bed.context(), &operator, Fields::Organization(fields), false).await;
        let Object::Organization(organization) = written.unwrap().unwrap().object else { panic!() };
        Self { bed, organization: organization.id.0 }
    }

    /// A new application.
    pub async fn register(&self, name: &str, fields: ApplicationFields) -> Registered {
        let operator = self.bed.authority.operator().await.unwrap();
        let fields = ApplicationFields {
            name: Some(name.to_owned()),
            organization: Some(self.organization),
            redirect_uris: fields.redirect_uris.or_else(|| Some("https://client.example/cb".to_owned())),
            ..fields
        };
        let context = self.bed.context();
        let written =
            self.bed.authority.create(&context, &operator, Fields::Application(fields), false).await;
        let written = written.unwrap().unwrap();
        let Object::Application(application) = written.object else { panic!() };
        let secret = written.client_secret.map(|it| it.expose().to_owned()).unwrap_or_default();
        Registered { application, secret }
    }

    /// A confidential application that gets tokens by passwords.
    pub async fn password_application(&self) -> Registered {
        self.register("password", password_fields()).await
    }

    /// The number of a user.
    pub async fn user(&self, name: &str) -> i64 {
        self.principal(name).await.user().id.0
    }

    /// Switches a user off.
    pub async fn disable(&self, name: &str) {
        let id = self.user(name).await;
        let operator = self.bed.authority.operator().await.unwrap();
        let fields = Fields::User(UserFields { is_enabled: Some(false), ..UserFields::default() });
        let context = self.bed.context();
        self.bed.authority.update(&context, &operator, id, fields, false).await.unwrap();
    }

    /// A token that a user makes for an application, and its refresh token.
    pub async fn token_for(&self, name: &str, by: &Registered) -> (Value, Option<Value>) {
        let principal = self.principal(name).await;
        let application = Some(Some(by.application.id.0));
        let fields = Fields::Token(TokenFields { application, ..TokenFields::default() });
        let written = self.bed.authority.create(&self.bed.context(), &principal, fields, false).await;
        let written = written.unwrap().unwrap();
        let value = |secret: Secret| Value::from(secret.expose());
        (written.token.map(value).unwrap(), written.refresh_token.map(value))
    }

    /// A user who has signed in.
    pub async fn principal(&self, name: &str) -> Principal {
        let session = self.bed.sign_in(name).await;
        let session = Some((SessionKind::Gateway, session.secret));
        let presented = Presented { session, is_safe: true, ..Presented::default() };
        let found = self.bed.authority.authenticate(&presented, &self.bed.context()).await.unwrap();
        found.known().unwrap()
    }

    /// The answer to a request.
    pub async fn send(&self, flavour: &'static Flavour, request: Request<Bytes>) -> Response<Bytes> {
        self.send_behind(flavour, "", request).await
    }

    /// The answer to a request that came behind this prefix.
    pub async fn send_behind(
        &self,
        flavour: &'static Flavour,
        prefix: &'static str,
        mut request: Request<Bytes>,
    ) -> Response<Bytes> {
        let doorway =
            Doorway { is_secure: self.bed.is_secure, host: HOST.to_owned(), prefix, ..Doorway::default() };
        request.extensions_mut().insert(doorway);
        request.extensions_mut().insert(self.bed.context());
        let dialect = crate::named("aap").unwrap();
        let state = platform::state(Arc::clone(&self.bed.authority), dialect);
        let response = routes(state, flavour).oneshot(request.map(Body::from)).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, to_bytes(body, 1024 * 1024).await.unwrap())
    }

    /// The answer to a form at a path below the root.
    pub async fn post(
        &self,
        flavour: &'static Flavour,
        path: &str,
        authorization: Option<&str>,
        form: &str,
    ) -> Response<Bytes> {
        self.send(flavour, request(flavour, path, authorization, form)).await
    }

    /// The body of an answer that must have this status.
    pub async fn json(
        &self,
        flavour: &'static Flavour,
        path: &str,
        by: &Registered,
        form: &str,
    ) -> (StatusCode, Value) {
        let response = self.post(flavour, path, Some(&by.basic()), form).await;
        (response.status(), serde_json::from_slice(response.body()).unwrap_or_default())
    }
}

/// A form for a path below the root.
pub fn request(flavour: &Flavour, path: &str, authorization: Option<&str>, form: &str) -> Request<Bytes> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(format!("{}{path}", flavour.root))
        .header("content-type", wire::FORM_TYPE);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.body(Bytes::copy_from_slice(form.as_bytes())).unwrap()
}

/// The fields of a confidential application that gets tokens by passwords.
pub fn password_fields() -> ApplicationFields {
    ApplicationFields {
        client_type: Some(ClientType::Confidential),
        grant_type: Some(GrantType::Password),
        ..ApplicationFields::default()
    }
}

/// The fields of an application without a secret.
pub fn public_fields(allowances: Allowances) -> ApplicationFields {
    ApplicationFields {
        client_type: Some(ClientType::Public),
        grant_type: Some(GrantType::Password),
        allowances: Some(allowances),
        ..ApplicationFields::default()
    }
}

/// The text of an answer's body.
pub fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}
