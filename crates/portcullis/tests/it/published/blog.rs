//! The page on session authentication for API calls of the AAP gateway.

use super::{bash, gateway};
use crate::support::need;

const TOOLS: &[&str] = &["bash", "curl", "awk", "jq"];

#[test]
fn step_by_step() {
    if !need("step_by_step", TOOLS) {
        return;
    }
    let server = gateway();

    let page = bash(&server, "curl -s -c - https://$ADDRESS/api/gateway/v1/login/");
    let island = page.split("id=\"drf_csrf\">").nth(1).expect("the page holds the island");
    let island: serde_json::Value = serde_json::from_str(island.split("</script>").next().unwrap()).unwrap();
    assert_eq!(island["csrfHeaderName"], "X-CSRFToken");
    let token = island["csrfToken"].as_str().unwrap();
    assert_eq!(token.len(), 64);
    assert!(page.contains("\tcsrftoken\t"), "the cookie jar holds the token: {page}");

    let head = bash(
        &server,
        &format!(
            "CSRFTOKEN={token}; AAP_HOSTNAME=$ADDRESS; AAP_USERNAME=$NAME; AAP_PASSWORD=$PASSWORD
             curl -s -X POST -D - -H 'Content-Type: application/x-www-form-urlencoded' \\
               --referer https://$AAP_HOSTNAME/api/gateway/v1/login/ \\
               -H \"X-CSRFToken: $CSRFTOKEN\" \\
               --data \"username=$AAP_USERNAME&password=$AAP_PASSWORD\" \\
               --cookie \"csrftoken=$CSRFTOKEN\" \\
               https://$AAP_HOSTNAME/api/gateway/v1/login/"
        ),
    );
    let names: Vec<_> = head.lines().skip(1).filter_map(|line| line.split_once(": ")).collect();
    let value = |name: &str| {
        names
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .unwrap_or_else(|| panic!("{name}: {head}"))
            .1
            .trim()
    };
    assert!(head.lines().next().unwrap().contains(" 302"), "{head}");
    assert_eq!(value("location"), "/api/gateway/v1/");
    assert_eq!(value("content-length"), "0");
    assert_eq!(value("cache-control"), "max-age=0, no-cache, no-store, must-revalidate, private");
    let session = head.lines().find(|line| line.contains("gateway_sessionid=")).expect("a session cookie");
    for attribute in ["HttpOnly", "Max-Age=900", "Path=/", "SameSite=Lax", "Secure", "expires="] {
        assert!(session.contains(attribute), "{attribute} in {session}");
    }
    let secret = session.split("gateway_sessionid=").nth(1).unwrap().split(';').next().unwrap();
    assert!(secret.len() == 32 && secret.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()));

    let status = bash(
        &server,
        &format!(
            "curl -s -X GET -H 'Cookie: gateway_sessionid={secret};' https://$ADDRESS/api/gateway/v1/status/ | jq -r .status"
        ),
    );
    assert!(["good", "degraded"].contains(&status.trim()), "{status}");
}

#[test]
fn complete_script() {
    if !need("complete_script", TOOLS) {
        return;
    }
    let server = gateway();
    // Two slips of the page are mended: the variable is set under one name and read under another, and jq
    // keeps its quotes without -r.
    let answer = bash(
        &server,
        r#"AAP_HOSTNAME=$ADDRESS
AAP_USERNAME=$NAME
AAP_PASSWORD=$PASSWORD
CSRFTOKEN=$(curl -s -c - https://$AAP_HOSTNAME/api/gateway/v1/login/ | awk '/<script type="application\/json" id="drf_csrf">/{flag=1; next} /<\/script>/{flag=0} flag' | jq -r .csrfToken)
SESSIONID=$(curl -s -X POST -D - -H 'Content-Type: application/x-www-form-urlencoded' \
  --referer https://$AAP_HOSTNAME/api/gateway/v1/login/ \
  -H "X-CSRFToken: $CSRFTOKEN" \
  --data "username=$AAP_USERNAME&password=$AAP_PASSWORD" \
  --cookie "csrftoken=$CSRFTOKEN" \
  https://$AAP_HOSTNAME/api/gateway/v1/login/ | awk '/gateway_sessionid/ {print $2}')
curl -s -X GET -H "Cookie: $SESSIONID" https://$AAP_HOSTNAME/api/gateway/v1/status/ | jq ."#,
    );
    let status: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert!(status["services"].is_array(), "{answer}");
    assert!(status["time"].is_string(), "{answer}");
}
