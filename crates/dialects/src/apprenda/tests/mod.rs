//! Plays every transcript against the server half, and the recorded logins against the client half; what transcripts
//! cannot show is tested beside.

mod body;
mod client;
mod entry;
mod proof;
mod token;

use std::collections::HashMap;

use bytes::Bytes;
use http::{Request, Response};
use identity::action::{Fields, OrganizationFields, UserFields};
use identity::model::object::Object;
use identity::model::role::ManagedRole;
use identity::model::secret::Secret;
use serde_json::{Value, json};

use super::{Apprenda, wire};
use crate::bed::{Bed, HOST, PASSWORD, transcript};

#[tokio::test]
async fn the_server_half_answers_as_recorded() {
    for (name, transcript) in transcript::all(&Apprenda) {
        let bed = cloud().await;
        let values = values(&bed).await;
        transcript::play_with(&bed, &Apprenda, &name, &transcript, &values).await;
    }
}

/// A bed with tenants: alice belongs to Acme, carol to Acme and Globex, dave to none. The administrator is the only
/// Platform Operator.
async fn cloud() -> Bed {
    let bed = Bed::new().await;
    let operator = bed.authority.operator().await.unwrap();
    let context = bed.context();
    for username in ["carol", "dave"] {
        let fields = UserFields {
            username: Some(username.to_owned()),
            password: Some(Secret::new(PASSWORD)),
            ..UserFields::default()
        };
        bed.authority.create(&context, &operator, Fields::User(fields), false).await.unwrap();
    }
    for (name, members) in [("Acme", &["alice", "carol"][..]), ("Globex", &["carol"])] {
        let fields = OrganizationFields { name: Some(name.to_owned()), ..OrganizationFields::default() };
        let written = bed.authority.create(&context, &operator, Fields::Organization(fields), false).await;
        let Object::Organization(organization) = written.unwrap().unwrap().object else { panic!() };
        let mut users = Vec::new();
        for member in members {
            users.push(bed.authority.user_named(member).await.unwrap().unwrap().user.id.0);
        }
        let (role, id) = (ManagedRole::OrganizationMember, organization.id.0);
        bed.authority.associate(&context, &operator, role, id, &users).await.unwrap();
    }
    bed
}

/// What the placeholders of requests stand for: alice's session in all spellings.
async fn values(bed: &Bed) -> HashMap<&'static str, String> {
    let session = sign_in(bed, "developer", "alice").await;
    HashMap::from([
        ("session encoded", session.replace('=', "%3D")),
        ("session small", session.replace('=', "%3d")),
        ("session twice", session.replace('=', "%253D")),
        ("session", session),
        ("dead", format!("{}==", "A".repeat(98))),
        ("token", bed.token("alice", "read").await),
    ])
}

/// A login's request.
fn login(portal: &str, body: &Value) -> Request<Bytes> {
    let request = Request::post(format!("{}{portal}", wire::SESSIONS)).header("host", HOST);
    let request = request.header("content-type", "application/json");
    request.body(Bytes::from(body.to_string())).unwrap()
}

/// The token of a new session, in its canonical form.
async fn sign_in(bed: &Bed, portal: &str, username: &str) -> String {
    let body = json!({ "username": username, "password": PASSWORD });
    let answer = bed.send(&Apprenda, login(portal, &body)).await;
    assert_eq!(answer.status(), 201, "{:?}", answer.body());
    read(&answer)["apprendaSessionToken"].as_str().unwrap().replace("%3D", "=")
}

/// An answer's body.
fn read(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

/// The answer to a request without a body.
async fn ask(bed: &Bed, method: &str, path: &str, token: Option<&str>) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path).header("host", HOST);
    if let Some(token) = token {
        request = request.header("ApprendaSessionToken", token);
    }
    bed.send(&Apprenda, request.body(Bytes::new()).unwrap()).await
}
