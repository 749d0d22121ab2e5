//! The published pages' own requests, typed in a shell with curl, against the laboratory.

use std::process::Command;

use crate::support::lab::{Lab, PASSWORD};
use crate::support::need;

/// What a script prints; it is told the host as `$ADDRESS` and the password as `$PASSWORD`.
#[track_caller]
fn bash(test: &str, lab: &Lab, script: &str) -> Option<String> {
    if !need(test, &["bash", "curl", "jq"]) {
        return None;
    }
    let output = Command::new("bash")
        .args(["-euc", script])
        .current_dir(lab.folder())
        .env("ADDRESS", lab.https.to_string())
        .env("CURL_CA_BUNDLE", lab.certificate())
        .env("PASSWORD", PASSWORD)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(printed)
}

/// The login of the pages of the platform and of Astra, with the session in `$SESSION`.
const FORM: &str = r#"
CSRFTOKEN=$(curl -s -c - "https://$ADDRESS$LOGIN" | awk '/\tcsrftoken\t/ {print $7}')
SESSION=$(curl -s -X POST -D - -o /dev/null -H 'Content-Type: application/x-www-form-urlencoded' \
    --referer "https://$ADDRESS$LOGIN" -H "X-CSRFToken: $CSRFTOKEN" \
    --data "username=admin&password=$PASSWORD" --cookie "csrftoken=$CSRFTOKEN" \
    "https://$ADDRESS$LOGIN" | awk '/sessionid=/ {print $2}')
"#;

#[test]
fn the_session_of_the_platform() {
    let lab = Lab::start("aap");
    let script = format!(
        "LOGIN=/api/gateway/v1/login/\n{FORM}
        curl -sS -H \"Cookie: $SESSION\" https://$ADDRESS/api/gateway/v1/me/ | jq -r .results[0].username
        curl -sS -H \"Cookie: $SESSION\" https://$ADDRESS/api/controller/v2/jobs/ | jq .count"
    );
    let Some(printed) = bash("the_session_of_the_platform", &lab, &script) else { return };
    assert_eq!(printed, "admin\n60\n");
    assert_eq!((lab.count("/logins"), lab.ran("GET", "/api/controller/v2/jobs/")), (1, 1));
}

#[test]
fn the_three_ways_of_astra() {
    let lab = Lab::start("astra");
    let script = format!(
        "LOGIN=/api/geteway/v1/login/\n{FORM}
        for endpoint in gateway/v1/users/ controller/v2/hosts/ galaxy/v3/collections/ eda/v1/projects/; do
            curl -s --cookie \"${{SESSION%;}}\" https://$ADDRESS/api/$endpoint -L | jq '.count > 0'
        done
        curl -s --user \"admin:$PASSWORD\" https://$ADDRESS/api/gateway/v1/users/ -L | jq '.count > 3'
        TOKEN=$(curl -s -u \"admin:$PASSWORD\" -X POST https://$ADDRESS/api/gateway/v1/tokens/ | jq -r .token)
        curl -s -H \"Authorization: Bearer $TOKEN\" https://$ADDRESS/api/controller/v2/jobs/ | jq .count"
    );
    let Some(printed) = bash("the_three_ways_of_astra", &lab, &script) else { return };
    assert_eq!(printed, format!("{}60\n", "true\n".repeat(5)));
    assert_eq!((lab.count("/logins"), lab.count("/tokens/made")), (1, 1));
}

#[test]
fn the_token_of_awx() {
    let lab = Lab::start("awx");
    let script = r#"
        TOKEN=$(curl -s -X POST "https://$ADDRESS/api/v2/users/1/personal_tokens/" -u "admin:$PASSWORD" \
            -H "Content-Type: application/json" -d '{"description": "API Access", "scope": "write"}' | jq -r .token)
        curl -sS -H "Authorization: Bearer $TOKEN" "https://$ADDRESS/api/v2/job_templates/" | jq .count
        curl -sS -X POST -H "Authorization: Bearer $TOKEN" -H 'X-Lab-Key: launch' \
            "https://$ADDRESS/api/v2/job_templates/7/launch/" | jq -r .done"#;
    let Some(printed) = bash("the_token_of_awx", &lab, script) else { return };
    assert_eq!(printed, "60\nlaunch\n");
    assert_eq!((lab.ran_key("launch"), lab.count("/tokens/made")), (1, 1));
}

#[test]
fn the_session_of_the_manager() {
    let lab = Lab::start("catalyst");
    let script = r#"
        curl -sS -c jar -d "j_username=admin" --data-urlencode "j_password=$PASSWORD" "https://$ADDRESS/j_security_check"
        XSRF=$(curl -sS -b jar "https://$ADDRESS/dataservice/client/token")
        curl -sS -b jar "https://$ADDRESS/dataservice/device" | jq '.data | length'
        curl -sS -b jar -X POST -H "X-XSRF-TOKEN: $XSRF" -H 'Content-Type: application/json' -d '{"host-name": "new"}' \
            "https://$ADDRESS/dataservice/template/feature" | jq -r '."host-name"'
        curl -sS -b jar -o /dev/null -w '%{http_code}\n' -X POST -H "X-XSRF-TOKEN: $XSRF" "https://$ADDRESS/logout?nocache=1"
        curl -sS -b jar -o /dev/null -w '%{http_code}\n' "https://$ADDRESS/dataservice/device""#;
    let Some(printed) = bash("the_session_of_the_manager", &lab, script) else { return };
    assert_eq!(printed, "60\nnew\n302\n401\n");
    assert_eq!((lab.count("/logins"), lab.count("/logouts"), lab.count("/sessions/alive")), (1, 1, 0));
}

#[test]
fn the_session_of_apprenda() {
    let lab = Lab::start("apprenda");
    let script = r#"
        TOKEN=$(curl -sS -X POST -H 'Content-Type: application/json' \
            -d "{ \"username\" : \"admin\", \"password\" : \"$PASSWORD\" }" \
            "https://$ADDRESS/authentication/api/v1/sessions/soc" | jq -r .ApprendaSessionToken)
        curl -sS -H "ApprendaSessionToken: $TOKEN" "https://$ADDRESS/soc/api/v1/nodes" | jq .totalCount
        curl -sS -X DELETE -o /dev/null -w '%{http_code}\n' "https://$ADDRESS/authentication/api/v1/sessions/soc/$TOKEN"
        curl -sS -H "ApprendaSessionToken: $TOKEN" -o /dev/null -w '%{http_code}\n' "https://$ADDRESS/soc/api/v1/nodes""#;
    let Some(printed) = bash("the_session_of_apprenda", &lab, script) else { return };
    assert_eq!(printed, "60\n204\n401\n");
    assert_eq!((lab.count("/logins"), lab.count("/logouts")), (1, 1));
}
