//! What is held, given to other programs: commands, curl, and those that ask as git does.

use std::process::{Command, Stdio};

use super::{PASSWORD, Wanderer, said};
use crate::support::need;

const ASK: &str =
    "curl -sS -H \"Authorization: Bearer $CONTROLLER_OAUTH_TOKEN\" \"$CONTROLLER_HOST/api/v2/me/\"";

#[test]
fn a_command_calls_the_platform_with_what_it_got() {
    if !need("a_command_calls_the_platform_with_what_it_got", &["curl", "sh"]) {
        return;
    }
    let wanderer = Wanderer::new();
    wanderer.login("awx", &["--method", "token"]);
    let got = wanderer.done(&["exec", "--", "sh", "-c", ASK]);
    assert!(got.contains("\"alice\""), "{got}");
    // The command's own code is passed through, and its arguments are its own.
    for code in [0, 3, 77] {
        let output = wanderer.run(&["exec", "--", "sh", "-c", &format!("exit {code}")], "");
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    }
    let got = wanderer
        .run(&["exec", "--", "sh", "-c", "cat; printf %s \"$1$PORTCULLIS_PROFILE\"", "x", "--help"], "in ");
    assert!(String::from_utf8_lossy(&got.stdout).starts_with("in --help127.0.0.1-"), "{}", said(&got));
    let told = wanderer.fails(&["exec", "--", "no-such-program"], 1);
    assert!(told.contains("no-such-program"), "{told}");
    // Without a check of certificates the tools are told so, and no file of certificates is named.
    let (url, further) = (wanderer.url(), ["--insecure", "--profile", "careless"]);
    let usual = ["login", &url, "--platform", "awx", "--user", "alice", "--password-file", "password"];
    assert!(wanderer.run(&[&usual[..], &["--method", "token"], &further].concat(), "").status.success());
    let got = wanderer.done(&["exec", "--", "sh", "-c", "echo $CONTROLLER_VERIFY_SSL/$CURL_CA_BUNDLE"]);
    assert_eq!(got.trim(), "false/");
}

#[test]
fn a_shell_takes_the_environment() {
    if !need("a_shell_takes_the_environment", &["curl", "sh"]) {
        return;
    }
    let wanderer = Wanderer::new();
    wanderer.login("awx", &["--method", "token"]);
    let lines = wanderer.done(&["env"]);
    let output = Command::new("sh").args(["-c", &format!("{lines}\n{ASK}")]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"alice\""), "{}", said(&output));
    assert!(wanderer.done(&["env", "--shell", "fish"]).contains("set -gx CONTROLLER_OAUTH_TOKEN '"));
    assert!(wanderer.done(&["env", "--shell", "powershell"]).contains("$Env:CONTROLLER_OAUTH_TOKEN = '"));
    // A session is nothing for an environment: it says so and shows nothing.
    wanderer.login("awx", &["--profile", "session"]);
    let output = wanderer.run(&["env"], "");
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--method"), "{}", said(&output));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("TOKEN"), "{}", said(&output));
}

#[test]
fn curl_takes_the_headers() {
    if !need("curl_takes_the_headers", &["curl", "bash"]) {
        return;
    }
    let wanderer = Wanderer::new();
    for (platform, further, path) in [
        ("aap", &[][..], "/api/gateway/v1/me/"),
        ("awx", &["--method", "token"], "/api/v2/me/"),
        ("catalyst", &[], "/dataservice/client/server"),
    ] {
        wanderer.login(platform, further);
        std::fs::write(wanderer.home.join("lines"), wanderer.done(&["header"])).unwrap();
        std::fs::write(wanderer.home.join("config"), wanderer.done(&["header", "--curl"])).unwrap();
        let (url, ca) = (format!("{}{path}", wanderer.url()), wanderer.ca());
        for arguments in [&["-H", "@lines", "--cacert", &*ca][..], &["-K", "config"]] {
            let output = Command::new("curl")
                .args(["-sS", "-f"])
                .args(arguments)
                .arg(&url)
                .current_dir(&wanderer.home)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert!(output.status.success(), "{platform} {arguments:?}: {}", said(&output));
            assert!(String::from_utf8_lossy(&output.stdout).contains("alice"), "{}", said(&output));
        }
    }
}

#[test]
fn headers_are_for_one_server() {
    let wanderer = Wanderer::new();
    wanderer.login("aap", &["--method", "token"]);
    let there = format!("{}/api/gateway/v1/me/", wanderer.url());
    assert!(wanderer.done(&["header", &there]).contains("Authorization: Bearer "));
    for elsewhere in [
        "https://evil.example/",
        &format!("http://{}/", wanderer.server.http),
        &format!("{there}x").replace("https", "http"),
    ] {
        let told = wanderer.fails(&["header", elsewhere], 3);
        assert!(told.contains("is not where"), "{told}");
    }
}

#[test]
fn a_credential_helper_answers_for_one_server() {
    let wanderer = Wanderer::new();
    let host = wanderer.server.https.to_string();
    let ask = |lines: &str| {
        let output = wanderer.run(&["credential", "get"], lines);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let question = format!("protocol=https\nhost={host}\n\n");
    assert_eq!(ask(&question), "", "nobody is signed in");
    wanderer.login("aap", &["--method", "token", "--profile", "token"]);
    wanderer.login("aap", &["--profile", "session"]);
    let answer = ask(&question);
    let value = answer.lines().find_map(|it| it.strip_prefix("password=")).unwrap().to_owned();
    assert!(answer.contains("username=alice\n"), "{answer}");
    assert_eq!(wanderer.server.me(|request| request.bearer(&value)), 200);
    assert!(ask(&format!("capability[]=authtype\n{question}")).contains("authtype=Bearer\n"));
    for other in ["protocol=http", "protocol=https"] {
        assert_eq!(ask(&format!("{other}\nhost=evil.example\n\n")), "");
    }
    assert_eq!(ask(&format!("protocol=http\nhost={host}\n\n")), "");
    assert_eq!(ask(&format!("protocol=https\nhost={host}\nusername=bob\n\n")), "");
    for action in ["store", "erase"] {
        let lines = format!("protocol=https\nhost={host}\nusername=alice\npassword=other\n\n");
        let output = wanderer.run(&["credential", action], &lines);
        assert!(output.status.success() && output.stdout.is_empty(), "{}", said(&output));
    }
    assert_eq!(ask(&question), answer, "neither changed anything");
    wanderer.login("awx", &["--method", "basic", "--store-password", "--profile", "basic"]);
    assert_eq!(ask(&question), format!("username=alice\npassword={PASSWORD}\n"), "the current one first");
}
