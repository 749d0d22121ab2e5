//! Services behind the gateway: what the gateway refused for them, and what they refused themselves.

use super::{PASSWORD, expect_rule, fact};
use crate::support::upstream::Answer;
use crate::support::{Server, Upstream};

fn service(name: &str, dialect: &str, upstream: &Upstream, more: &str) -> String {
    format!(
        "[[service]]\nname = \"{name}\"\npath = \"/{name}/\"\nupstream = [\"{}\"]\ndialect = \"{dialect}\"\n{more}\n",
        upstream.url()
    )
}

#[test]
fn a_policy_and_the_service_itself_are_told_apart() {
    let upstream = Upstream::scripted(|received| {
        let status = received.target.rsplit('/').next().and_then(|it| it.parse().ok()).unwrap_or(200);
        Answer::status(status, "from the service")
    });
    let config = ["aap", "awx", "catalyst"]
        .iter()
        .flat_map(|dialect| {
            let open = service(&format!("{dialect}-open"), dialect, &upstream, "");
            let closed =
                service(&format!("{dialect}-closed"), dialect, &upstream, "allow = [\"administrators\"]");
            [open, closed]
        })
        .collect::<String>();
    let server = Server::with_config(&config);
    server.make_user("plain", PASSWORD);
    let (_, token) = server.make_token("plain", PASSWORD, "write");
    for dialect in ["aap", "awx", "catalyst"] {
        let closed = server.get(&format!("/{dialect}-closed/x")).bearer(&token).send().expect(403);
        let told = expect_rule(&server, &closed, "policy.not-allowed");
        assert_eq!(fact(&told, "policy"), format!("allow of service {dialect}-closed"));
        assert_eq!((told["username"].as_str(), told["dialect"].as_str()), (Some("plain"), Some(dialect)));
        let anonymous = server.get(&format!("/{dialect}-open/x")).send();
        assert_eq!(expect_rule(&server, &anonymous, "proof.missing")["service"], format!("{dialect}-open"));
        for status in [401, 403] {
            let answer =
                server.get(&format!("/{dialect}-open/{status}")).bearer(&token).send().expect(status);
            let told = expect_rule(&server, &answer, "service.said-so");
            assert_eq!(fact(&told, "service"), format!("{dialect}-open"));
        }
        // Everything else that a service says is its own business.
        for status in [200, 404, 429, 500] {
            let answer =
                server.get(&format!("/{dialect}-open/{status}")).bearer(&token).send().expect(status);
            assert_eq!(server.try_shell(&["explain", &super::id(&answer)], "").status.code(), Some(3));
        }
    }
}
