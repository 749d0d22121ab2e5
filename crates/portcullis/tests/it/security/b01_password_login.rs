//! Password login: only the exact password opens a door, and nothing else about a password does anything.

use serde_json::{Value, json};

use crate::security::doors::{DOORS, all_doors, is_shut, open_doors, open_to_everybody};
use crate::support::http::encode;
use crate::support::server::write_secret;
use crate::support::{ADMIN_PASSWORD, Options, Server};

/// A limit that these tests would reach.
const NO_WAITS: &str =
    "[limits]\nfailures_free = 100000\nfailures_per_day = 100000\nfailures_per_address_minute = 100000\n";

fn demo() -> Server {
    open_to_everybody(Server::start(Options {
        demo: true,
        config: NO_WAITS.to_owned(),
        ..Options::default()
    }))
}

/// Everything that the store holds, as far as it can be read as text.
fn store_text(server: &Server) -> String {
    let files = std::fs::read_dir(server.data_dir()).unwrap().flatten();
    let database = files.filter(|it| it.file_name().to_string_lossy().starts_with("portcullis.db"));
    database.map(|it| String::from_utf8_lossy(&std::fs::read(it.path()).unwrap()).into_owned()).collect()
}

/// The password hashes in the store that begin so.
fn hashes(server: &Server, beginning: &str) -> std::collections::BTreeSet<String> {
    let text = store_text(server);
    let is_part = |it: char| it.is_ascii_alphanumeric() || "$+/=,".contains(it);
    text.match_indices(beginning)
        .map(|(at, _)| text[at..].chars().take_while(|it| is_part(*it)).collect())
        .collect()
}

#[test]
fn case_001_only_the_exact_password() {
    let server = demo();
    let long = "0123456789 abcdefghij ".repeat(4) + "Tail of it";
    server.make_user("alice", &long);
    assert!(long.len() > 72);
    assert_eq!(open_doors(&server, "alice", &long), all_doors());
    let wrong = [
        format!("{long} "),
        format!(" {long}"),
        long.to_uppercase(),
        long.to_lowercase(),
        long[..72].to_owned(),
        long[..long.len() - 1].to_owned(),
        long.replace("Tail", "Tajl"),
        format!("{long}\u{a0}"),
    ];
    for password in wrong {
        assert_eq!(open_doors(&server, "alice", &password), [""; 0], "{password:?}");
    }
}

#[test]
fn case_001_whatever_its_letters() {
    let server = demo();
    for (number, password) in
        ["пароль с пробелами 1", "𝕡𝕒𝕤𝕤 🔑 ß ﬁ", "trailing space ", "ÅngstrÖm%20+&=;", "«»‹›\u{200b}x9"]
            .iter()
            .enumerate()
    {
        let name = format!("user{number}");
        server.make_user(&name, password);
        assert_eq!(open_doors(&server, &name, password), all_doors(), "{password:?}");
        let mut cut = (*password).to_owned();
        cut.pop();
        assert_eq!(open_doors(&server, &name, &cut), [""; 0], "{cut:?}");
    }
}

#[test]
fn case_002_long_passwords_and_two_spellings_of_one_letter() {
    let server = demo();
    for length in [64, 128, 200, 1024] {
        let (name, password) = (format!("long{length}"), "x y ".repeat(length / 4));
        // The API of the contract takes 128 characters, the shell takes more.
        write_secret(&server.folder().join("password"), &password);
        server.shell(&["user", "add", &name, "--password-file", "password"]);
        assert_eq!(open_doors(&server, &name, &password), all_doors(), "{length}");
    }
    // Composed and decomposed letters are different passwords: nothing is normalised, and that is documented.
    server.make_user("composed", "caf\u{e9} au lait 12");
    assert_eq!(open_doors(&server, "composed", "caf\u{e9} au lait 12"), all_doors());
    assert_eq!(open_doors(&server, "composed", "cafe\u{301} au lait 12"), [""; 0]);
}

#[test]
fn case_003_a_huge_password_is_refused_unread() {
    let server = demo();
    for size in [5000, 900_000, 4 * 1024 * 1024] {
        let password = "p".repeat(size);
        for (door, knock) in DOORS {
            let answer = knock(&server, "admin", &password);
            assert!(is_shut(&answer), "{door}, {size} bytes: {}", answer.status);
        }
    }
    assert_eq!(open_doors(&server, "admin", ADMIN_PASSWORD), all_doors());
}

#[test]
fn case_004_a_password_that_is_no_text() {
    let server = demo();
    let csrf = server.form_token();
    for (number, password) in [json!({"$ne": ""}), json!(["x"]), json!(null), json!(true), json!({"$gt": 1})]
        .into_iter()
        .enumerate()
    {
        let login = server
            .post("/api/gateway/v1/login/")
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .json(&json!({"username": "admin", "password": password}))
            .send();
        assert!(matches!(login.status, 400 | 401 | 415), "{password}: {}", login.status);
        assert_eq!(login.cookie("gateway_sessionid"), None);

        let user = json!({"username": format!("odd{number}"), "password": password});
        server.as_admin("POST", "/api/gateway/v1/users/").json(&user).send().expect(400);
    }
}

#[test]
fn case_005_no_password() {
    let server = demo();
    for password in ["", "\0", "\0\0\0"] {
        for name in ["admin", "nobody", ""] {
            for (door, knock) in DOORS {
                let answer = knock(&server, name, password);
                assert!(is_shut(&answer), "{door}, {name:?} {password:?}: {}", answer.status);
            }
        }
    }
    let csrf = server.form_token();
    for body in ["", "username=admin", "password=x", "username=&password=", "a=b"] {
        let answer = server
            .post("/api/gateway/v1/login/")
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .body("application/x-www-form-urlencoded", body)
            .send();
        assert!(matches!(answer.status, 400 | 401), "{body:?}: {}", answer.status);
        assert_eq!(answer.cookie("gateway_sessionid"), None, "{body:?}");
    }
}

#[test]
fn case_006_names_that_look_alike() {
    let server = demo();
    let alike = [
        "ADMIN",
        "Admin",
        " admin",
        "admin ",
        "admin\0",
        "\u{ff41}dmin",
        "ad\u{200b}min",
        "admin\u{301}",
        "\u{430}dmin",
        "admin\t",
        "admin/",
        "admin%00",
    ];
    for name in alike {
        assert_eq!(open_doors(&server, name, ADMIN_PASSWORD), [""; 0], "{name:?}");
        // It may be refused as a name, or be a user of its own; it is never a second way to the first one.
        let user = json!({"username": name, "password": "a different one 5"});
        let made = server.as_admin("POST", "/api/gateway/v1/users/").json(&user).send();
        assert!(matches!(made.status, 201 | 400), "{name:?}: {}", made.status);
        if made.status == 201 {
            let stored = made.json()["username"].as_str().unwrap().to_owned();
            let me = server
                .get("/api/gateway/v1/me/")
                .basic(&stored, "a different one 5")
                .send()
                .expect(200)
                .json();
            assert_eq!(me["results"][0]["is_superuser"], false, "{name:?}");
            assert_eq!(me["results"][0]["username"].as_str(), Some(&*stored));
        }
    }
    assert_eq!(open_doors(&server, "admin", ADMIN_PASSWORD), all_doors());
}

#[test]
fn case_007_a_user_without_password() {
    let server = demo();
    server.shell(&["user", "add", "robot", "--no-password"]);
    for password in ["", "robot", "null", "None", "!", "$encrypted$"] {
        assert_eq!(open_doors(&server, "robot", password), [""; 0], "{password:?}");
    }
    let token = server.shell_json(&["token", "create", "--user", "robot"]);
    assert_eq!(server.me(|request| request.bearer(token["token"].as_str().unwrap())), 200);
}

#[test]
fn case_008_a_raised_cost_renews_the_hash_at_the_next_sign_in() {
    let mut server = open_to_everybody(Server::start(Options { demo: true, ..Options::default() }));
    server.make_user("alice", "wonder land 42 x");
    assert_eq!(hashes(&server, "$argon2id$v=19$m=96,t=2,p=1$").len(), 0);
    server.configure("[passwords]\nmemory_kib = 96\niterations = 2\n");
    server.stop();
    server.start_again();
    assert_eq!(open_doors(&server, "alice", "wonder land 42 x"), all_doors());
    assert_eq!(hashes(&server, "$argon2id$v=19$m=96,t=2,p=1$").len(), 1);
    assert_eq!(open_doors(&server, "alice", "wonder land 42 x"), all_doors());
}

#[test]
fn case_009_hashes_at_rest() {
    let server = Server::with_config("[passwords]\n");
    let find = || hashes(&server, "$argon2id$v=19$m=19456,t=2,p=1$");
    server.make_user("one", "the same for both 9");
    let before = find().len();
    server.make_user("two", "the same for both 9");
    let found = find();
    assert_eq!(found.len(), before + 1, "the same password has two hashes, because each has its salt");
    assert!(found.iter().all(|hash| hash.split('$').nth(4).is_some_and(|salt| salt.len() >= 22)));
    let text = store_text(&server);
    assert!(!text.contains("the same for both 9") && !text.contains(ADMIN_PASSWORD));
}

#[test]
fn case_010_more_sign_ins_than_can_be_checked() {
    let server = Server::with_config(
        "[passwords]\nmemory_kib = 19456\niterations = 8\n[limits]\npassword_checks_max = 1\npassword_queue_max = 2\n",
    );
    let (_, token) = server.make_token("admin", ADMIN_PASSWORD, "read");
    let csrf = server.form_token();
    let answers: Vec<_> = std::thread::scope(|scope| {
        let sign_in = || {
            server
                .post("/api/gateway/v1/login/")
                .header("Cookie", format!("csrftoken={csrf}"))
                .header("X-CSRFToken", &*csrf)
                .form(&[("username", "admin"), ("password", ADMIN_PASSWORD)])
                .send()
        };
        let sign_ins: Vec<_> = (0..24).map(|_| scope.spawn(sign_in)).collect();
        // Tokens need no hash, so they go on as before.
        for _ in 0..20 {
            assert_eq!(server.me(|request| request.bearer(&token)), 200);
        }
        sign_ins.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let refused: Vec<_> = answers.iter().filter(|it| it.status == 503).collect();
    assert!(answers.iter().all(|it| matches!(it.status, 302 | 503)));
    assert!(!refused.is_empty() && refused.len() < answers.len(), "{} were refused", refused.len());
    assert!(refused.iter().all(|it| it.header("retry-after").is_some_and(|it| it.parse::<u32>().is_ok())));
}

#[test]
fn case_012_a_password_that_everybody_tries_first() {
    let server = demo();
    server.set(&json!({"password_min_length": 8}));
    for password in ["password", "12345678", "PASSWORD1", "short"] {
        let user = json!({"username": "weak", "password": password});
        let answer = server.as_admin("POST", "/api/gateway/v1/users/").json(&user).send().expect(400).json();
        assert!(answer["password"].is_array(), "{password}: {answer}");
    }
    server.make_user("strong", "a sentence of its own");
}

#[test]
fn case_013_no_account_that_everybody_knows() {
    let options = Options { is_fresh: true, is_password_left_open: true, demo: true, ..Options::default() };
    let mut server = Server::start(options);
    // It is printed once; whoever finds the right word in the output is in.
    let works = |output: &str, server: &Server| {
        output.split_whitespace().any(|word| {
            word.len() >= 12
                && server.me(|request| request.basic("admin", word.trim_matches(['"', '\'', '.']))) == 200
        })
    };
    let first = server.output();
    assert!(works(&first, &server), "{first}");
    for (name, password) in [
        ("admin", "admin"),
        ("admin", "password"),
        ("admin", ""),
        ("admin", "changeme"),
        ("root", "root"),
        ("_system", ""),
        ("_system", "_system"),
    ] {
        assert_eq!(open_doors(&server, name, password), [""; 0], "{name} {password}");
    }
    server.stop();
    server.start_again();
    let second = server.output();
    assert!(!works(&second, &server), "a second start must not print it: {second}");
}

#[test]
fn case_014_name_and_password_in_the_query() {
    let server = demo();
    server.make_user("alice", "wonder land 42 x");
    let csrf = server.form_token();
    let secret = encode("wonder land 42 x");
    let post = |query: &str, body: &str| {
        server
            .post(&format!("/api/gateway/v1/login/?{query}"))
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .body("application/x-www-form-urlencoded", body)
            .send()
    };
    let in_query = format!("username=alice&password={secret}");
    for body in ["", "username=alice", "username=alice&password=wrong"] {
        let answer = post(&in_query, body);
        assert!(matches!(answer.status, 400 | 401), "{body}: {}", answer.status);
        assert_eq!(answer.cookie("gateway_sessionid"), None);
    }
    server.get(&format!("/api/gateway/v1/me/?{in_query}")).send().expect(401);
    let audit = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap();
    for log in [server.output(), audit] {
        assert!(!log.contains(&secret) && !log.contains("wonder land"), "{log}");
    }
}

#[test]
fn case_015_the_same_field_twice() {
    let server = demo();
    server.make_user("alice", "wonder land 42 x");
    let csrf = server.form_token();
    let right = encode("wonder land 42 x");
    for body in [
        format!("username=alice&username=admin&password={right}"),
        format!("username=admin&username=alice&password={right}"),
        format!("username=alice&password={right}&password=wrong"),
        format!("username=alice&password=wrong&password={right}"),
    ] {
        let answer = server
            .post("/api/gateway/v1/login/")
            .header("Cookie", format!("csrftoken={csrf}"))
            .header("X-CSRFToken", &*csrf)
            .body("application/x-www-form-urlencoded", &*body)
            .send();
        assert!(matches!(answer.status, 400 | 401), "{body}: {}", answer.status);
    }
    let twice = r#"{"username": "twin", "password": "first one 12345", "password": "second one 12345"}"#;
    let answer = server.as_admin("POST", "/api/gateway/v1/users/").body("application/json", twice).send();
    assert_eq!(answer.status, 400, "{}", answer.text());
}

#[test]
fn case_016_names_of_the_system_are_names_of_nobody() {
    let server = demo();
    let unknown = server.get("/api/gateway/v1/me/").basic("nobody-at-all", "x").send();
    for name in ["_system", "system", "root", "viptela-reserved-system", "operator"] {
        for password in ["", "x", "_system", "$encrypted$"] {
            assert_eq!(open_doors(&server, name, password), [""; 0], "{name} {password}");
        }
        let answer = server.get("/api/gateway/v1/me/").basic(name, "x").send();
        assert_eq!((answer.status, &answer.body), (unknown.status, &unknown.body), "{name}");
    }
    let listed = server.as_admin("GET", "/api/gateway/v1/users/?username=_system").send().expect(200).json();
    assert_eq!(listed["count"], Value::from(0));
}
