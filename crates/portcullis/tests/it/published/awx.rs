//! The page about AWX's ways to sign in, command by command.

use super::{bash, gateway};
use crate::support::{Server, need};

fn start(test: &str) -> Option<Server> {
    need(test, &["bash", "curl", "jq", "awk"]).then(gateway)
}

/// The page's session: signing in without a CSRF token never worked, and the answer says what is missing.
#[test]
fn the_login_as_printed_is_refused_with_a_reason_and_works_with_what_it_asks_for() {
    let Some(server) = start("the_login_as_printed_is_refused_with_a_reason_and_works_with_what_it_asks_for")
    else {
        return;
    };
    let printed = bash(
        &server,
        r#"curl -sS -X POST "https://$ADDRESS/api/login/" \
            -H "Content-Type: application/x-www-form-urlencoded" \
            -d "username=$NAME&password=$PASSWORD" -c cookies.txt -w '\n%{http_code}'"#,
    );
    assert!(printed.ends_with("\n403"), "{printed}");
    for word in ["csrftoken", "X-CSRFToken", "/api/login/"] {
        assert!(printed.contains(word), "{word} is not named: {printed}");
    }
    let signed_in = bash(
        &server,
        r#"curl -sS -o /dev/null -c cookies.txt "https://$ADDRESS/api/login/"
        curl -sS -o /dev/null -w '%{http_code}\n' -b cookies.txt -c cookies.txt \
            --referer "https://$ADDRESS/api/login/" \
            -H "X-CSRFToken: $(awk '$6 == "csrftoken" {print $7}' cookies.txt)" \
            -d "username=$NAME&password=$PASSWORD" "https://$ADDRESS/api/login/"
        curl -sS -X GET "https://$ADDRESS/api/v2/me/" -b cookies.txt | jq -r .results[0].username
        curl -sS -o /dev/null -w '%{http_code}\n' -b cookies.txt -c cookies.txt "https://$ADDRESS/api/logout/"
        curl -sS -o /dev/null -w '%{http_code}\n' "https://$ADDRESS/api/v2/me/" -b cookies.txt"#,
    );
    assert_eq!(signed_in, "302\noperator\n302\n401\n");
}

#[test]
fn basic_works_as_printed() {
    let Some(server) = start("basic_works_as_printed") else { return };
    let printed = bash(
        &server,
        r#"curl -sS -X GET "https://$ADDRESS/api/v2/me/" -u "$NAME:$PASSWORD" | jq -c .results[0]"#,
    );
    assert!(printed.contains(r#""username":"operator""#), "{printed}");
    for key in ["id", "email", "is_superuser", "is_system_auditor"] {
        assert!(printed.contains(&format!("\"{key}\":")), "{key} is missing: {printed}");
    }
}

#[test]
fn tokens_are_made_listed_used_and_revoked_as_printed() {
    let Some(server) = start("tokens_are_made_listed_used_and_revoked_as_printed") else { return };
    let printed = bash(
        &server,
        r#"TOKEN=$(curl -sS -X POST "https://$ADDRESS/api/v2/users/1/personal_tokens/" \
            -u "$NAME:$PASSWORD" -H "Content-Type: application/json" \
            -d '{"description": "My API Token", "application": null, "scope": "write"}')
        echo "$TOKEN" | jq -c '[(.token | length), .refresh_token, (.expires | length > 0), .scope]'
        YOUR_TOKEN=$(echo "$TOKEN" | jq -r .token)
        curl -sS -o /dev/null -w '%{http_code}\n' -X GET "https://$ADDRESS/api/v2/job_templates/" \
            -H "Authorization: Bearer $YOUR_TOKEN"
        ID=$(echo "$TOKEN" | jq -r .id)
        USER=$(echo "$TOKEN" | jq -r .user)
        curl -sS -X GET "https://$ADDRESS/api/v2/users/$USER/personal_tokens/" \
            -H "Authorization: Bearer $YOUR_TOKEN" | jq -c '[.count, .results[0].id == '"$ID"', .results[0].token]'
        curl -sS -o /dev/null -w '%{http_code}\n' -X DELETE \
            "https://$ADDRESS/api/v2/users/$USER/personal_tokens/$ID/" -H "Authorization: Bearer $YOUR_TOKEN"
        curl -sS -o /dev/null -w '%{http_code}\n' "https://$ADDRESS/api/v2/me/" \
            -H "Authorization: Bearer $YOUR_TOKEN""#,
    );
    assert_eq!(printed, "[30,null,true,\"write\"]\n200\n[1,true,\"************\"]\n204\n401\n");
}

#[test]
fn an_application_is_made_as_printed() {
    let Some(server) = start("an_application_is_made_as_printed") else { return };
    let printed = bash(
        &server,
        r#"curl -sS -X POST "https://$ADDRESS/api/v2/applications/" -u "$NAME:$PASSWORD" \
            -H "Content-Type: application/json" \
            -d '{"name": "My Application", "description": "Integration app", "client_type": "confidential",
                 "authorization_grant_type": "password", "organization": 1}' > application.json
        jq -c '[(.client_id | length), (.client_secret | length)]' application.json
        curl -sS -u "$(jq -r '.client_id + ":" + .client_secret' application.json)" \
            "https://$ADDRESS/api/o/token/" -d grant_type=password -d "username=$NAME" \
            -d "password=$PASSWORD" | jq -c '[(.access_token | length), .token_type, .scope]'"#,
    );
    assert_eq!(printed, "[40,128]\n[30,\"Bearer\",\"read write\"]\n");
}

#[test]
fn the_complete_flow_runs_as_printed() {
    let Some(server) = start("the_complete_flow_runs_as_printed") else { return };
    let printed = bash(
        &server,
        r#"TOKEN_RESPONSE=$(curl -s -X POST "https://$ADDRESS/api/v2/users/1/personal_tokens/" \
            -u "$NAME:$PASSWORD" -H "Content-Type: application/json" \
            -d '{"description": "API Access", "scope": "write"}')
        TOKEN=$(echo $TOKEN_RESPONSE | jq -r '.token')
        curl -sS -o /dev/null -w '%{http_code}\n' -X GET "https://$ADDRESS/api/v2/job_templates/" \
            -H "Authorization: Bearer $TOKEN"
        curl -sS -X GET "https://$ADDRESS/api/v2/me/" -H "Authorization: Bearer $TOKEN" \
            | jq -r .results[0].username"#,
    );
    assert_eq!(printed, "200\noperator\n");
}

#[test]
fn the_errors_read_as_printed() {
    let Some(server) = start("the_errors_read_as_printed") else { return };
    let printed = bash(
        &server,
        r#"curl -sS -w '\n%{http_code}\n' "https://$ADDRESS/api/v2/me/"
        READ=$(curl -sS -X POST "https://$ADDRESS/api/v2/tokens/" -u "$NAME:$PASSWORD" \
            -H "Content-Type: application/json" -d '{"scope": "read"}' | jq -r .token)
        curl -sS -w '\n%{http_code}' -X POST "https://$ADDRESS/api/v2/tokens/" -H "Authorization: Bearer $READ""#,
    );
    let (none, forbidden) = printed.split_once("401\n").unwrap();
    assert!(none.starts_with(r#"{"detail":"Authentication credentials were not provided."#), "{printed}");
    assert_eq!(forbidden, "{\"detail\":\"You do not have permission to perform this action.\"}\n403");
}
