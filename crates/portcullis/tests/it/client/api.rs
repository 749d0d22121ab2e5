//! `portcullis api` at laboratories of every platform, in every style of death, and with bodies of any size.

use std::io::Read as _;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;

use super::bench::{Home, serve};
use super::said;
use crate::support::http::Request;
use crate::support::lab::{Lab, PASSWORD};
use crate::support::server::write_secret;

/// A list of each platform, without the root of its API, with small pages.
const LISTS: [(&str, &str, &str); 6] = [
    ("aap", "/api/controller/v2/hosts/", "page_size=7"),
    ("awx", "projects/", "page_size=7"),
    ("catalyst", "device", "count=7"),
    ("catalyst", "alarms", "count=7"),
    ("catalyst", "data/device/statistics/interfacestatistics", "count=7"),
    ("apprenda", "clouds", "pageSize=7"),
];

/// A path of each platform that can be made, and how long it is called by the laboratory.
const MADE: [(&str, &str); 4] = [
    ("aap", "/api/controller/v2/projects/"),
    ("awx", "/api/v2/projects/"),
    ("catalyst", "/dataservice/template/feature"),
    ("apprenda", "/soc/api/v1/clouds"),
];

#[test]
fn pages_come_as_one_list_on_every_platform() {
    for (platform, list, size) in LISTS {
        let (lab, home) = (Lab::start(platform), Home::new());
        home.enter(&lab, platform);
        let all = home.json(&["api", list, "-q", size, "--paginate"]);
        assert_eq!(all.as_array().unwrap().len(), 60, "{platform}");
        let mut names: Vec<String> = all.as_array().unwrap().iter().map(ToString::to_string).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 60, "{platform}: no row comes twice");
        let table = home.done(&["api", list, "-q", size, "--paginate", "-o", "table"]);
        assert_eq!(table.lines().count(), 61, "{platform}: {table}");
        let output = home.run(&["api", list, "-q", size, "--paginate", "--pages-max", "2"]);
        let cut: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(cut.as_array().unwrap().len(), 14, "{platform}: {}", said(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains("--pages-max"), "{}", said(&output));
        // One page is the platform's own words.
        assert!(home.json(&["api", list, "-q", size]).is_object(), "{platform}");
    }
}

#[test]
fn three_hundred_rows() {
    let (lab, home) = (Lab::start("awx"), Home::new());
    home.enter(&lab, "awx");
    for number in 0..240 {
        let request = Request::new(lab.http, "POST", "/api/v2/projects/").basic("admin", PASSWORD);
        request.json(&json!({ "name": format!("\u{1b}[2J{number}") })).send().expect(201);
    }
    let all = home.json(&["api", "projects/", "--paginate"]);
    assert_eq!(all.as_array().unwrap().len(), 300);
    assert!(lab.ran("GET", "/api/v2/projects/") >= 12, "it took twelve pages");
    for form in ["table", "json"] {
        let text = home.done(&["api", "projects/", "--paginate", "-o", form]);
        assert!(!text.contains('\u{1b}'), "{form}");
    }
}

/// How often a list was asked for, whether that ran or not.
fn asked_for(lab: &Lab, path: &str) -> u64 {
    lab.state()["requests"]["paths"][format!("GET {path}")].as_u64().unwrap_or(0)
}

#[test]
fn a_session_that_is_over_is_renewed_once_in_every_style() {
    for (platform, path) in MADE {
        let (lab, home) = (Lab::start(platform), Home::new());
        home.enter(&lab, platform);
        let call = |further: &[&str]| home.run(&[&["api", path][..], further].concat());
        for fault in ["", "expire", "evict", "login-page", "redirect", "empty-401", "cookie"] {
            // Apprenda's contract has no cookies: its sessions are tokens in a header, and no answer can end one so.
            if (platform, fault) == ("apprenda", "cookie") {
                continue;
            }
            let spoil = || {
                if fault.is_empty() {
                    lab.expire();
                } else {
                    lab.fault(&format!("{fault}@GET:{path}"));
                }
            };
            let before = lab.count("/logins");
            let asked = asked_for(&lab, path);
            spoil();
            let output = call(&["--password-file", "password", "-o", "json"]);
            assert!(output.status.success(), "{platform} {fault}: {}", said(&output));
            let logins = lab.count("/logins") - before;
            // A session that lives on at the server may be lengthened there without a login.
            let lives_on = matches!(fault, "login-page" | "redirect" | "empty-401");
            assert!(logins == 1 || (lives_on && logins == 0), "{platform} {fault}: {logins} logins");
            assert_eq!(asked_for(&lab, path), asked + 2, "{platform} {fault}: asked again, once");
            lab.clear_faults();
            // What was won is saved: the next call needs no login.
            assert!(call(&[]).status.success(), "{platform} {fault}");
            assert_eq!(lab.count("/logins"), before + logins, "{platform} {fault}: it was saved");
        }
        lab.expire();
        let before = lab.count("/logins");
        let told = home.ends(&["api", path], 5);
        assert!(told.contains("portcullis login"), "{platform}: {told}");
        assert_eq!(lab.count("/logins"), before, "{platform}: without a password nobody signs in");
    }
}

#[test]
fn a_wrong_password_is_told_from_a_session_that_is_over() {
    for (platform, path) in MADE {
        let (lab, home) = (Lab::start(platform), Home::new());
        home.enter(&lab, platform);
        write_secret(&home.folder.join("wrong"), "not-the-password");
        lab.expire();
        let before = lab.count("/failed_logins");
        let told = home.ends(&["api", path, "--password-file", "wrong"], 3);
        assert!(told.contains("name and password"), "{platform}: {told}");
        assert!(!told.contains(" is over"), "{platform}: {told}");
        assert_eq!(lab.count("/failed_logins"), before + 1, "{platform}: it is tried once");
    }
}

#[test]
fn a_session_that_dies_again_is_not_renewed_again() {
    let (lab, home) = (Lab::start("awx"), Home::new());
    home.enter(&lab, "awx");
    let before = lab.count("/logins");
    lab.fault("expire@GET:/api/v2/projects/x*");
    home.ends(&["api", "projects/", "--password-file", "password"], 5);
    assert_eq!(lab.count("/logins"), before + 1);
}

#[test]
fn a_change_runs_once_whatever_happens() {
    for (platform, path) in MADE {
        let (lab, home) = (Lab::start(platform), Home::new());
        home.enter(&lab, platform);
        let change = |key: &str| {
            let header = format!("X-Lab-Key: {key}");
            home.run(&["api", "POST", path, "-F", "name=x", "-H", &header, "--password-file", "password"])
        };
        lab.expire();
        let output = change("expired");
        assert!(output.status.success(), "{platform}: {}", said(&output));
        assert_eq!(lab.ran_key("expired"), 1, "{platform}: repeated, as it had not run");
        lab.rotate();
        let output = change("rotated");
        assert!(output.status.success(), "{platform}: {}", said(&output));
        assert_eq!(lab.ran_key("rotated"), 1, "{platform}: with a fresh CSRF token");
        for (fault, ran) in [("drop:after", 1), ("drop:before", 0)] {
            lab.fault(&format!("{fault}@POST:{path}x*"));
            let output = change(fault);
            assert_eq!(output.status.code(), Some(4), "{platform} {fault}: {}", said(&output));
            lab.clear_faults();
            assert_eq!(lab.ran_key(fault), ran, "{platform} {fault}: never repeated");
        }
    }
}

#[test]
fn failures_end_with_their_codes_and_show_what_came() {
    let (lab, home) = (Lab::start("awx"), Home::new());
    home.enter(&lab, "awx");
    let output = home.run(&["api", "projects/9999/"]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert_eq!(output.stdout, b"{\"detail\":\"Not found.\"}\n", "{}", said(&output));
    for status in [500, 503, 429] {
        lab.fault(&format!("status:{status}@/api/v2/projects/"));
        let told = home.ends(&["api", "projects/"], 4);
        assert!(told.contains(&status.to_string()), "{told}");
    }
    home.ends(&["api", "nowhere/", "-o", "table"], 3);
    let told = home.ends(&["api", "projects/", "-o", "table", "-d", "{", "--paginate"], 2);
    assert!(told.contains("--paginate"), "{told}");
    let shown = home.done(&["api", "me/", "-i"]);
    assert!(shown.starts_with("HTTP/1.1 200 OK\n") && !shown.contains("awx_sessionid="), "{shown}");
}

#[test]
fn the_proof_goes_nowhere_else() {
    let (lab, home) = (Lab::start("awx"), Home::new());
    home.enter(&lab, "awx");
    let asked = lab.count("/requests/total");
    let elsewhere = serve(Arc::new(|_, _| panic!("somebody came here")));
    for url in
        [format!("http://{elsewhere}/"), format!("https://{elsewhere}/"), format!("http://{}/", lab.http)]
    {
        let told = home.ends(&["api", &url], 3);
        assert!(told.contains("--profile"), "{told}");
    }
    for header in ["Authorization: Bearer x", "cookie: a=b", "X-CSRFToken: x", "Host: evil.example"] {
        let told = home.ends(&["api", "me/", "-H", header], 3);
        assert!(told.contains("saved sign-in"), "{told}");
    }
    assert_eq!(lab.count("/requests/total"), asked, "nothing was sent");
    let own = format!("{}/api/v2/me/", lab.base());
    assert_eq!(home.json(&["api", &own])["count"], 1);
}

/// Signs in with a ready token at a plain server that answers like AWX to whoever asks who they are.
fn enter_plain(
    home: &Home,
    answer: impl Fn(&str, &mut super::bench::Exchange) + Send + Sync + 'static,
) -> String {
    let address = serve(Arc::new(move |asked: &str, exchange: &mut super::bench::Exchange| {
        if asked == "GET /api/v2/me/" {
            let me = r#"{"count":1,"next":null,"previous":null,"results":[{"id":1,"username":"ann"}]}"#;
            return exchange.answer("200 OK", "Content-Type: application/json\r\n", me.as_bytes());
        }
        answer(asked, exchange);
    }));
    let base = format!("http://{address}");
    home.done(&["login", &base, "--platform", "awx", "--token-file", "token"]);
    base
}

#[test]
fn a_redirect_to_another_server_is_not_followed() {
    let home = Home::new();
    let elsewhere = serve(Arc::new(|_, _| panic!("somebody came here")));
    enter_plain(&home, move |asked, exchange| match asked {
        "GET /away" => exchange.answer("302 Found", &format!("Location: http://{elsewhere}/x\r\n"), b""),
        "GET /here" => exchange.answer("302 Found", "Location: /there\r\n", b""),
        _ => exchange.answer("200 OK", "Content-Type: text/plain\r\n", b"there"),
    });
    let told = home.ends(&["api", "/away"], 3);
    assert!(told.contains("not followed"), "{told}");
    assert_eq!(home.done(&["api", "/here"]), "there");
    home.ends(&["api", "/here", "-o", "json"], 1);
}

/// The size of the bodies that are too large to be kept.
const LARGE: usize = 100 << 20;
/// How much more memory such a body may take than a small one, in KiB.
const ROOM: u64 = 24 * 1024;

/// The most memory that a process has had, in KiB; none once it has ended.
fn highest(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Reads all that a command prints while its memory is looked at.
fn measured(home: &Home, arguments: &[&str]) -> (usize, u64) {
    let mut child = home.command(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let (mut chunk, mut count, mut most) = (vec![0; 1 << 20], 0, 0);
    let reader = std::thread::spawn(move || {
        loop {
            match out.read(&mut chunk).unwrap() {
                0 => return count,
                more => count += more,
            }
        }
    });
    while child.try_wait().unwrap().is_none() {
        most = most.max(highest(&child).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success(), "{arguments:?}");
    (reader.join().unwrap(), most)
}

#[test]
fn bodies_of_any_size_take_little_memory() {
    let home = Home::new();
    let came = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&came);
    enter_plain(&home, move |asked, exchange| match asked {
        "GET /large" => exchange.flood(LARGE),
        "GET /small" => exchange.flood(1 << 20),
        "PUT /large" => {
            counted.store(exchange.swallow(), Ordering::SeqCst);
            // A moment in which the memory of the sender can be looked at.
            std::thread::sleep(Duration::from_millis(300));
            exchange.answer("204 No Content", "", b"");
        }
        _ => exchange.answer("404 Not Found", "", b""),
    });
    std::fs::File::create(home.folder.join("body")).unwrap().set_len(LARGE as u64).unwrap();
    let (count, usual) = measured(&home, &["api", "/small", "-o", "raw"]);
    assert_eq!(count, 1 << 20);
    let (count, most) = measured(&home, &["api", "/large", "-o", "raw"]);
    assert_eq!(count, LARGE);
    assert!(usual > 0 && most < usual + ROOM, "down: {most} KiB, usually {usual} KiB");
    let (_, most) = measured(&home, &["api", "PUT", "/large", "-d", "@body"]);
    assert_eq!(came.load(Ordering::SeqCst), LARGE as u64);
    assert!(most < usual + ROOM, "up: {most} KiB, usually {usual} KiB");
    let told = home.ends(&["api", "/large", "-o", "json"], 1);
    assert!(told.contains("-o raw"), "{told}");
}

#[test]
fn whoever_stops_reading_ends_it_quietly() {
    let home = Home::new();
    enter_plain(&home, |_, exchange| exchange.flood(LARGE));
    let command = home.command(&["api", "/large"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = command.unwrap();
    let mut first = [0; 1000];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", said(&output));
}
