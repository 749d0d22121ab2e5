//! The page on authentication for Apprenda's Platform Operations API: each request that it prints, typed with curl.
//! The page's address of a session lacks `/authentication` where it shows how to end one; both are typed.

use serde_json::{Value, json};

use super::{PASSWORD, USER, bash, gateway_with};
use crate::support::upstream::Upstream;
use crate::support::{Server, need};

/// The page's login. What stands behind it reads the answer from `answer` and its status from `status`.
const LOGIN: &str = r#"curl -sS -X POST -o answer -w '%{http_code}' -H 'Content-Type: application/json' \
    -d "{ \"username\" : \"$NAME\", \"password\" :  \"$PASSWORD\" }" \
    "https://$ADDRESS/authentication/api/v1/sessions/soc" >status
TOKEN=$(jq -r .ApprendaSessionToken answer)
"#;

fn start(test: &str) -> Option<(Server, Upstream)> {
    need(test, &["bash", "curl", "jq"]).then(|| gateway_with("apprenda", "/soc/"))
}

/// Whether nothing that reached the service shows the token, in any spelling.
#[track_caller]
fn expect_clean(upstream: &Upstream, token: &str) {
    let plain = token.replace("%3D", "=").replace("%3d", "=");
    let core = plain.trim_end_matches('=');
    assert_eq!((plain.len(), core.len()), (100, 98), "{token}");
    for request in upstream.received() {
        assert!(!format!("{request:?}").contains(core), "{request:?}");
        assert!(!String::from_utf8_lossy(&request.body).contains(core), "{request:?}");
        assert!(request.header("apprendasessiontoken").is_none(), "{request:?}");
        assert_eq!(request.header("x-forwarded-user"), Some(USER));
    }
}

#[test]
fn the_login_answers_as_printed() {
    let Some((server, _)) = start("the_login_answers_as_printed") else { return };
    let printed = bash(&server, &format!("{LOGIN}cat status; echo; cat answer"));
    let (status, answer) = printed.split_once('\n').unwrap();
    assert_eq!(status, "201");
    let answer: Value = serde_json::from_str(answer).unwrap();
    let token = answer["ApprendaSessionToken"].as_str().unwrap();
    assert!(token.len() == 104 && token.ends_with("%3D%3D"), "{answer}");
    assert_eq!(answer["apprendaSessionToken"], token, "the spelling that clients read");
    let href = answer["href"].as_str().unwrap();
    let address = format!("https://{}/authentication/api/v1/sessions/soc/", server.https);
    let in_address = href.strip_prefix(&address).unwrap_or_else(|| panic!("{href} below {address}"));
    assert_eq!(in_address.to_lowercase(), token.to_lowercase());
}

#[test]
fn a_wrong_password_is_told() {
    let Some((server, _)) = start("a_wrong_password_is_told") else { return };
    let printed = bash(
        &server,
        r#"curl -sS -X POST -w '\n%{http_code}' -H 'Content-Type: application/json' \
            -d "{\"username\": \"$NAME\", \"password\": \"wrong\"}" "https://$ADDRESS/authentication/api/v1/sessions/soc""#,
    );
    let (body, status) = printed.rsplit_once('\n').unwrap();
    assert_eq!(status, "400");
    let body: Value = serde_json::from_str(body).unwrap();
    assert!(body["message"].as_str().is_some_and(|it| !it.is_empty()), "{body}");
}

#[test]
fn the_token_goes_in_a_header_of_any_case() {
    let Some((server, upstream)) = start("the_token_goes_in_a_header_of_any_case") else { return };
    let printed = bash(
        &server,
        &format!(
            r#"{LOGIN}echo "$TOKEN"
            for name in ApprendaSessionToken apprendasessiontoken APPRENDASESSIONTOKEN aPPRENDAsessionTOKEN; do
                curl -sS -H "$name: $TOKEN" "https://$ADDRESS/soc/api/v1/nodes" | jq -c '[.method, .target, .user]'
            done
            for verb in POST PUT DELETE; do
                curl -sS -X $verb -H "ApprendaSessionToken: $TOKEN" -H 'Content-Type: application/json' -d '{{"a":1}}' \
                    "https://$ADDRESS/soc/api/v1/nodes/7" | jq -c '[.method, .body]'
            done
            curl -sS -o /dev/null -w '%{{http_code}}\n' "https://$ADDRESS/soc/api/v1/nodes""#
        ),
    );
    let (token, rest) = printed.split_once('\n').unwrap();
    let read = format!("[\"GET\",\"/soc/api/v1/nodes\",\"{USER}\"]\n").repeat(4);
    let written =
        ["POST", "PUT", "DELETE"].map(|verb| format!("[\"{verb}\",\"{{\\\"a\\\":1}}\"]\n")).concat();
    assert_eq!(rest, format!("{read}{written}401\n"));
    expect_clean(&upstream, token);
}

#[test]
fn the_token_goes_in_the_body_of_post_and_put() {
    let Some((server, upstream)) = start("the_token_goes_in_the_body_of_post_and_put") else { return };
    let printed = bash(
        &server,
        &format!(
            r#"{LOGIN}echo "$TOKEN"
            for verb in POST PUT; do
                curl -sS -X $verb -H 'Content-Type: application/json' \
                    -d "{{\"name\": \"x\", \"ApprendaSessionToken\": \"$TOKEN\", \"size\": 3}}" \
                    "https://$ADDRESS/soc/api/v1/clusters" | jq -c '[.method, (.body | fromjson)]'
            done
            curl -sS -o /dev/null -w '%{{http_code}}\n' -X DELETE -H 'Content-Type: application/json' \
                -d "{{\"ApprendaSessionToken\": \"$TOKEN\"}}" "https://$ADDRESS/soc/api/v1/clusters/7""#
        ),
    );
    let (token, rest) = printed.split_once('\n').unwrap();
    assert_eq!(
        rest, "[\"POST\",{\"name\":\"x\",\"size\":3}]\n[\"PUT\",{\"name\":\"x\",\"size\":3}]\n401\n",
        "a DELETE shows its token in the header"
    );
    expect_clean(&upstream, token);
}

#[test]
fn a_session_ends_by_both_addresses() {
    let Some((server, _)) = start("a_session_ends_by_both_addresses") else { return };
    let printed = bash(
        &server,
        &format!(
            r#"for base in "https://$ADDRESS/api/v1/sessions/soc" "https://$ADDRESS/authentication/api/v1/sessions/soc"; do
                {LOGIN}
                PLAIN=${{TOKEN%%%3D*}}
                for spelling in "$PLAIN==" "$PLAIN%3D%3D" "$PLAIN%3d%3d" "$PLAIN%253D%253D"; do
                    {LOGIN}
                    PLAIN=${{TOKEN%%%3D*}}
                    spelling=$(echo "$spelling" | sed "s/^[^=%]*/$PLAIN/")
                    curl -sS -o /dev/null -w '%{{http_code}} ' -H "ApprendaSessionToken: $TOKEN" "https://$ADDRESS/soc/api/v1/nodes"
                    curl -sS -o /dev/null -w '%{{http_code}} ' -X DELETE "$base/$spelling"
                    curl -sS -o /dev/null -w '%{{http_code}}\n' -H "ApprendaSessionToken: $TOKEN" "https://$ADDRESS/soc/api/v1/nodes"
                done
            done
            {LOGIN}
            curl -sS -o /dev/null -w '%{{http_code}}\n' -X DELETE "$(jq -r .href answer)"
            curl -sS -o /dev/null -w '%{{http_code}}\n' -H "ApprendaSessionToken: $TOKEN" "https://$ADDRESS/soc/api/v1/nodes""#
        ),
    );
    assert_eq!(printed, format!("{}204\n401\n", "200 204 401\n".repeat(8)));
}

#[test]
fn requests_that_come_in_clear_go_to_https() {
    let Some((server, _)) = start("requests_that_come_in_clear_go_to_https") else { return };
    let printed = bash(
        &server,
        r#"curl -sS -X POST -o /dev/null -w '%{http_code} %{redirect_url}\n' -H 'Content-Type: application/json' \
            -d "{\"username\": \"$NAME\", \"password\": \"$PASSWORD\"}" \
            "http://$PLAIN_ADDRESS/authentication/api/v1/sessions/soc"
        curl -sS -L -o answer -w '%{http_code}\n' -H 'Content-Type: application/json' \
            -d "{\"username\": \"$NAME\", \"password\": \"$PASSWORD\"}" \
            "http://$PLAIN_ADDRESS/authentication/api/v1/sessions/soc"
        TOKEN=$(jq -r .ApprendaSessionToken answer)
        curl -sS -o /dev/null -w '%{http_code} %{redirect_url}\n' -H "ApprendaSessionToken: $TOKEN" \
            "http://$PLAIN_ADDRESS/soc/api/v1/nodes"
        curl -sS -L --location-trusted -H "ApprendaSessionToken: $TOKEN" "http://$PLAIN_ADDRESS/soc/api/v1/nodes" | jq -r .user"#,
    );
    let https = server.https;
    assert_eq!(
        printed,
        format!(
            "307 https://{https}/authentication/api/v1/sessions/soc\n201\n307 https://{https}/soc/api/v1/nodes\n{USER}\n"
        )
    );
}

#[test]
fn only_platform_operators_get_in_where_that_is_asked() {
    let Some((server, _)) = start("only_platform_operators_get_in_where_that_is_asked") else { return };
    server.make("users", &json!({"username": "visitor", "password": PASSWORD}));
    let script = format!("NAME=visitor\n{LOGIN}cat status");
    assert_eq!(bash(&server, &script), "403");
    server.shell(&["setting", "set", "apprenda.platform_operators", "administrators,user:visitor"]);
    assert_eq!(bash(&server, &script), "201");
    server.shell(&["setting", "set", "apprenda.platform_operators", "administrators"]);
    server.shell(&["setting", "set", "apprenda.soc_authentication", "false"]);
    assert_eq!(bash(&server, &script), "201");
}

#[test]
fn the_length_of_a_session_is_set_for_the_platform() {
    let Some((server, _)) = start("the_length_of_a_session_is_set_for_the_platform") else { return };
    server.shell(&["setting", "set", "apprenda.session_minutes", "7"]);
    assert_eq!(bash(&server, &format!("{LOGIN}cat status")), "201");
    let listed = server.shell_json(&["session", "list", "--user", USER]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
}
