//! Tokens revoked and asked about by applications: only their own, and the whole family at once.

use std::sync::Arc;

use serde_json::json;

use super::grants::{App, Pair, SITES, Site, error};
use super::shared::Shared;
use crate::support::{ADMIN_PASSWORD, Options, Server};

const PASSWORD: &str = "a wall of old stones 5";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

fn assert_dead(server: &Server, site: &Site, app: &App, pair: &Pair) {
    for door in SITES {
        assert_eq!(door.known(server, &pair.access), 401, "{}", door.root);
    }
    assert_eq!(error(&site.refresh(server, app, &pair.refresh).expect(400)), "invalid_grant");
}

#[test]
fn case_084_an_application_revokes_its_own_tokens_and_no_others() {
    let server = gateway();
    let own = App::new(&server, "c84-own", "confidential", "password");
    let other = App::new(&server, "c84-other", "confidential", "password");
    let public = App::new(&server, "c84-public", "public", "password");
    let (_, personal) = server.make_token("admin", ADMIN_PASSWORD, "write");
    for site in SITES {
        let pair = site.by_password(&server, &own, "admin", ADMIN_PASSWORD);
        for foreign in [&other, &public] {
            for token in [&pair.access, &pair.refresh, &personal] {
                let answer = site.revoke(&server, foreign, &[("token", token)]).expect(200);
                assert_eq!(answer.body.len(), 0, "nobody is told whose it is");
            }
        }
        for unknown in ["nothing", &"a".repeat(30), &"a".repeat(5000), "é", "\0"] {
            assert_eq!(site.revoke(&server, &own, &[("token", unknown)]).status, 200, "{unknown:?}");
        }
        assert_eq!(error(&site.revoke(&server, &own, &[]).expect(400)), "invalid_request");
        let nameless = server.post(&site.at("revoke_token")).form(&[("token", &pair.access)]).send();
        assert_eq!(error(&nameless.expect(401)), "invalid_client");
        let wrong = App { secret: Some("x".repeat(128)), ..own.clone() };
        let answer = site.revoke(&server, &wrong, &[("token", &pair.access)]).expect(401);
        assert_eq!(error(&answer), "invalid_client");
        let session = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let by_session = session.on(server.post(&site.at("revoke_token")));
        assert_eq!(by_session.form(&[("token", &pair.access)]).send().status, 401);
        assert_eq!((site.known(&server, &pair.access), site.known(&server, &personal)), (200, 200));
        // A wrong hint leads nobody astray.
        let hint = [("token", &*pair.access), ("token_type_hint", "refresh_token")];
        site.revoke(&server, &own, &hint).expect(200);
        assert_dead(&server, &site, &own, &pair);
        let pair = site.by_password(&server, &own, "admin", ADMIN_PASSWORD);
        let hint = [("token", &*pair.refresh), ("token_type_hint", "rainbow")];
        site.revoke(&server, &own, &hint).expect(200);
        assert_dead(&server, &site, &own, &pair);
        // In an address it would be in a log.
        let pair = site.by_password(&server, &own, "admin", ADMIN_PASSWORD);
        let target = format!("{}?token={}", site.at("revoke_token"), pair.access);
        assert_eq!(own.ask(server.post(&target), &[]).send().status, 400);
        assert_eq!(server.get(&target).send().status, 405);
        assert_eq!(site.known(&server, &pair.access), 200);
    }
}

#[test]
fn case_085_a_family_dies_from_either_end() {
    let server = gateway();
    let app = App::new(&server, "c85-family", "confidential", "password");
    for (site, other) in [(SITES[0], SITES[1]), (SITES[1], SITES[0])] {
        let pair = site.by_password(&server, &app, "admin", ADMIN_PASSWORD);
        other.revoke(&server, &app, &[("token", &pair.access)]).expect(200);
        assert_dead(&server, &site, &app, &pair);
        let pair = site.by_password(&server, &app, "admin", ADMIN_PASSWORD);
        other.revoke(&server, &app, &[("token", &pair.refresh)]).expect(200);
        assert_dead(&server, &site, &app, &pair);
        // By an API, whichever.
        for list in ["/api/v2/tokens/", "/api/gateway/v1/tokens/"] {
            let pair = site.by_password(&server, &app, "admin", ADMIN_PASSWORD);
            let target = format!("{list}?application={}", app.id);
            let found = server.as_admin("GET", &target).send().expect(200).json();
            assert_eq!(found["count"], 1, "{found}");
            let id = found["results"][0]["id"].as_i64().unwrap();
            server.request("DELETE", &format!("{list}{id}/")).bearer(&pair.access).send().expect(204);
            assert_dead(&server, &site, &app, &pair);
        }
    }
}

#[test]
fn case_085_a_family_dies_with_its_application_organization_and_user() {
    let server = gateway();
    for site in SITES {
        let name = format!("c85-{}", site.granted);
        let id = server.make_user(&name, PASSWORD);
        let keep = App::new(&server, &format!("{name}-keep"), "confidential", "password");
        let kept = site.by_password(&server, &keep, &name, PASSWORD);
        let app = App::new(&server, &format!("{name}-gone"), "confidential", "password");
        let pair = site.by_password(&server, &app, &name, PASSWORD);
        server.as_admin("DELETE", &format!("/api/v2/applications/{}/", app.id)).send().expect(204);
        assert_eq!(site.known(&server, &pair.access), 401);
        assert_eq!(error(&site.refresh(&server, &app, &pair.refresh).expect(401)), "invalid_client");
        let organization = server.make("organizations", &json!({"name": format!("{name}-home")}));
        let app = App::with(
            &server,
            &format!("{name}-home"),
            "confidential",
            "password",
            &json!({"organization": organization}),
        );
        let pair = site.by_password(&server, &app, &name, PASSWORD);
        server.as_admin("DELETE", &format!("/api/v2/organizations/{organization}/")).send().expect(204);
        assert_eq!(site.known(&server, &pair.access), 401);
        assert_eq!(site.refresh(&server, &app, &pair.refresh).status, 401);
        assert_eq!(site.known(&server, &kept.access), 200);
        server.as_admin("DELETE", &format!("/api/v2/users/{id}/")).send().expect(204);
        assert_dead(&server, &site, &keep, &kept);
    }
}

#[test]
fn case_087_introspection_tells_an_application_of_its_own_live_tokens_only() {
    let server = gateway();
    let own = App::new(&server, "c87-own", "confidential", "password");
    let other = App::new(&server, "c87-other", "confidential", "password");
    let public = App::new(&server, "c87-public", "public", "password");
    let may = App::by_shell(&server, "c87-may", &["--grant", "password", "--allow", "introspection"]);
    let (_, personal) = server.make_token("admin", ADMIN_PASSWORD, "write");
    server.make_user("c87", PASSWORD);
    for site in SITES {
        let pair = site.by_password(&server, &own, "c87", PASSWORD);
        let path = site.at("introspect");
        let ask = |app: &App, token: &str| app.ask(server.post(&path), &[("token", token)]).send();
        let nameless = server.post(&path).form(&[("token", &pair.access)]).send().expect(401);
        assert_eq!(nameless.json(), json!({"error": "invalid_client"}));
        assert_eq!(error(&ask(&public, &pair.access).expect(401)), "invalid_client");
        for known in [
            server.post(&path).bearer(&pair.access),
            server.post(&path).basic("admin", ADMIN_PASSWORD),
            server.get(&format!("{path}?token={}", pair.access)).basic("admin", ADMIN_PASSWORD),
        ] {
            assert!(matches!(known.form(&[("token", &pair.access)]).send().status, 401 | 405));
        }
        let told = ask(&own, &pair.access).expect(200).json();
        assert_eq!((&told["active"], &told["username"]), (&json!(true), &json!("c87")));
        assert_eq!(told["client_id"], own.client_id);
        assert!(!told.to_string().contains(&pair.access));
        let nothing = json!({"active": false});
        for (app, token) in [
            (&other, &pair.access),
            (&other, &personal),
            (&own, &personal),
            (&own, &pair.refresh),
            (&own, own.secret.as_ref().unwrap()),
            (&may, &"a".repeat(30)),
        ] {
            assert_eq!(ask(app, token).expect(200).json(), nothing);
        }
        assert_eq!(ask(&may, &personal).expect(200).json()["username"], "admin");
        server.shell(&["user", "disable", "c87"]);
        assert_eq!(ask(&own, &pair.access).expect(200).json(), nothing);
        assert_eq!(ask(&may, &pair.access).expect(200).json(), nothing);
        server.shell(&["user", "enable", "c87"]);
        site.revoke(&server, &own, &[("token", &pair.access)]).expect(200);
        assert_eq!(ask(&own, &pair.access).expect(200).json(), nothing);
    }
}
