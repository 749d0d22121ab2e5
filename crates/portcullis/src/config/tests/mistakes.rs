//! A table of mistakes, each with the line that the operator gets to read.

use std::path::Path;

use super::super::parse;

/// A service that is right, for mistakes elsewhere.
const SERVICE: &str = "[[service]]\nname = \"s\"\npath = \"/s/\"\nupstream = [\"http://127.0.0.1:1\"]\n";

fn problems(text: &str) -> Vec<String> {
    match parse("p.toml", Path::new("/nonexistent"), text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
pub fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(problems(text), [*expected], "in:\n{text}");
    }
}

#[track_caller]
fn check_service(table: &[(&str, &str)]) {
    for (line, expected) in table {
        let found = problems(&format!("{SERVICE}{line}\n"));
        assert_eq!(found, [*expected], "in: {line}");
    }
}

#[test]
fn the_file_names_line_and_key_of_wrong_names() {
    check(&[
        ("[listn]\n", "p.toml:1: listn: unknown key; did you mean `listen`?"),
        ("[services]\n", "p.toml:1: services: unknown key; did you mean `service`?"),
        ("[trusted-proxies]\n", "p.toml:1: trusted-proxies: unknown key; did you mean `trusted_proxies`?"),
        ("\n[listen]\nhtps = []\n", "p.toml:3: listen.htps: unknown key; did you mean `https`?"),
        ("[listen]\nHTTP = []\n", "p.toml:2: listen.HTTP: unknown key; did you mean `http`?"),
        ("[passwords]\nmemory = 1\n", "p.toml:2: passwords.memory: unknown key; did you mean `memory_kib`?"),
        (
            "[passwords]\niteration = 1\n",
            "p.toml:2: passwords.iteration: unknown key; did you mean `iterations`?",
        ),
        (
            "[token]\naccess_token_expire_second = 1\n",
            "p.toml:2: token.access_token_expire_second: unknown key; did you mean `access_token_expire_seconds`?",
        ),
        (
            "[limits]\ndrain-timeout = 1\n",
            "p.toml:2: limits.drain-timeout: unknown key; did you mean `drain_timeout`?",
        ),
        ("[log]\nfromat = \"json\"\n", "p.toml:2: log.fromat: unknown key; did you mean `format`?"),
        (
            "[log]\niterations = 2\n",
            "p.toml:2: log.iterations: unknown key here; it belongs to section [passwords]",
        ),
        ("[tls]\nzzz = 2\n", "p.toml:2: tls.zzz: unknown key; the keys here are certificate, key"),
        (
            "demo = true\n",
            &format!(
                "p.toml:1: demo: unknown key; the keys here are {}",
                super::super::SECTIONS.map(|(name, _)| name).join(", ")
            ),
        ),
    ]);
    check_service(&[
        ("nmae = \"x\"", "p.toml:5: service[1].nmae: unknown key; did you mean `name`?"),
        ("upstreams = []", "p.toml:5: service[1].upstreams: unknown key; did you mean `upstream`?"),
        (
            "request-timeout = 5",
            "p.toml:5: service[1].request-timeout: unknown key; did you mean `request_timeout`?",
        ),
    ]);
}

#[test]
fn the_file_names_line_and_key_of_wrong_types_and_syntax() {
    check(&[
        ("listen = 1\n", "p.toml:1: listen: is a section: write [listen], not a whole number"),
        ("[[listen]]\n", "p.toml:1: listen: stands once: write [listen], not [[listen]] or a list"),
        ("[service]\nname = \"x\"\n", "p.toml:1: service: is a list: write [[service]] before each service"),
        ("service = [1]\n", "p.toml:1: service: is a list of tables: write [[service]] before each service"),
        (
            "[listen]\nhttps = \"127.0.0.1:1\"\n",
            "p.toml:2: listen.https: must be a list of texts: write [\"127.0.0.1:1\"]",
        ),
        ("[listen]\nhttps = 8443\n", "p.toml:2: listen.https: must be a list of texts, not a whole number"),
        (
            "[listen]\nhttps = [8443]\n",
            "p.toml:2: listen.https: must be a text in quotes, not a whole number",
        ),
        (
            "[passwords]\nmemory_kib = \"1\"\n",
            "p.toml:2: passwords.memory_kib: must be a whole number, not a text",
        ),
        (
            "[passwords]\nmemory_kib = 1.5\n",
            "p.toml:2: passwords.memory_kib: must be a whole number, not a fraction",
        ),
        (
            "[limits]\ndrain_timeout = \"10s\"\n",
            "p.toml:2: limits.drain_timeout: must be a whole number of seconds without unit or quotes, not \"10s\"",
        ),
        (
            "[limits]\nfailure_waits = 3\n",
            "p.toml:2: limits.failure_waits: must be a list of whole numbers, not a whole number",
        ),
        ("[log]\naccess = 1\n", "p.toml:2: log.access: must be true or false, not a whole number"),
        ("[log]\nlevel = \"a\\u0007b\"\n", "p.toml:2: log.level: must not contain control characters"),
        ("[log]\n[log]\n", "p.toml:2: duplicate key"),
    ]);
    assert!(problems("[listen\n")[0].starts_with("p.toml:1: "));
}

#[test]
fn the_file_names_line_and_key_of_wrong_values() {
    check(&[
        ("[passwords]\nmemory_kib = 0\n", "p.toml:2: passwords.memory_kib: must be between 8 and 262144"),
        ("[passwords]\niterations = -1\n", "p.toml:2: passwords.iterations: must be between 1 and 32"),
        ("[session]\nsweep_interval = 0\n", "p.toml:2: session.sweep_interval: must be between 1 and 3600"),
        (
            "[token]\nlife_days = 1\naccess_token_expire_seconds = 1\n",
            "p.toml:2: token.life_days: give either this or `access_token_expire_seconds`, not both",
        ),
        (
            "[limits]\nfailure_waits = []\n",
            "p.toml:1: limits.failure_waits: must list 1 to 32 waits in seconds",
        ),
        (
            "[limits]\nfailure_waits = [5, 1]\n",
            "p.toml:1: limits.failure_waits: each wait must be at least as long as the one before",
        ),
        (
            "[limits]\nfailures_free = 10\nfailures_per_day = 9\n",
            "p.toml:1: limits.failures_per_day: must not be below `failures_free`",
        ),
        (
            "[limits]\nconnections_max = 5\nconnections_per_address_max = 6\n",
            "p.toml:1: limits.connections_per_address_max: must not be above `connections_max`",
        ),
        ("[log]\nlevel = \"inf\"\n", "p.toml:2: log.level: \"inf\" is unknown; did you mean \"info\"?"),
        (
            "[log]\nformat = \"xml\"\n",
            "p.toml:2: log.format: \"xml\" is unknown; it can be \"json\", \"text\"",
        ),
        (
            "[log]\naudit = \"no/such/file\"\n",
            "p.toml:2: log.audit: there is no directory for the file /nonexistent/no/such/file",
        ),
    ]);
}

#[test]
fn the_file_names_line_and_key_of_wrong_addresses_and_files() {
    check(&[
        (
            "[listen]\nhttps = [\"8443\"]\n",
            "p.toml:2: listen.https: \"8443\" is not an address and a port such as 127.0.0.1:8443 or [::]:8443",
        ),
        (
            "[listen]\nhttps = [\"::1\"]\n",
            "p.toml:2: listen.https: \"::1\" has no port; write for example [::1]:8443",
        ),
        (
            "[listen]\nhttp = [\"http://127.0.0.1:80\"]\n",
            "p.toml:2: listen.http: \"http://127.0.0.1:80\" is a URL; write an address and a port such as 127.0.0.1:8443",
        ),
        (
            "[listen]\nhttps = [\"127.0.0.1:1\", \"localhost:1\"]\n",
            "p.toml:2: listen.https: 127.0.0.1:1 is given twice",
        ),
        (
            "[listen]\nhttps = [\"127.0.0.1:1\"]\nhttp = [\"127.0.0.1:1\"]\n",
            "p.toml:1: listen.http: 127.0.0.1:1 is given for https too",
        ),
        (
            "[listen]\nhttps = []\n",
            "p.toml:1: listen.https: nothing is left to listen on: give an address here or in `http`",
        ),
        (
            "[listen]\nhosts = [\"*.example\"]\n",
            "p.toml:2: listen.hosts: \"*.example\" is a pattern; write each host out",
        ),
        (
            "[listen]\nhosts = [\"a:1\"]\n",
            "p.toml:2: listen.hosts: \"a:1\" is not the name of a host without scheme, port and path",
        ),
        ("[listen]\nnode = \"é\"\n", "p.toml:2: listen.node: must be 1 to 128 visible ASCII characters"),
        (
            "[trusted_proxies]\nnetworks = [\"0.0.0.0/0\"]\n",
            "p.toml:2: trusted_proxies.networks: \"0.0.0.0/0\" trusts the whole world: any client could then claim any address",
        ),
        (
            "[trusted_proxies]\nnetworks = [\"::/0\"]\n",
            "p.toml:2: trusted_proxies.networks: \"::/0\" trusts the whole world: any client could then claim any address",
        ),
        (
            "[trusted_proxies]\nnetworks = [\n  \"10.0.0.0/8\",\n  \"10.0.0.0/33\",\n]\n",
            "p.toml:4: trusted_proxies.networks: \"10.0.0.0/33\" is not a network such as 10.0.0.0/8 or an address such as ::1",
        ),
        (
            "[trusted_proxies]\nnetworks = [\"proxy.example\"]\n",
            "p.toml:2: trusted_proxies.networks: \"proxy.example\" is not a network such as 10.0.0.0/8 or an address such as ::1",
        ),
    ]);
    assert_eq!(
        problems("[tls]\ncertificate = \"c.pem\"\n"),
        [
            "p.toml:1: tls.key: missing: a certificate needs its private key",
            "p.toml:2: tls.certificate: there is no file /nonexistent/c.pem"
        ]
    );
}

#[test]
fn the_file_names_line_and_key_of_wrong_services() {
    check_service(&[
        ("dialect = \"app\"", "p.toml:5: service[1].dialect: \"app\" is unknown; did you mean \"aap\"?"),
        (
            "identity = \"jwt\"",
            "p.toml:5: service[1].identity: \"jwt\" is unknown; it can be \"signed-jwt\", \"headers\", \"session\", \"none\"",
        ),
        (
            "host = \"https://a\"",
            "p.toml:5: service[1].host: \"https://a\" is not the name of a host without scheme, port and path",
        ),
        (
            "upstream_path = \"v2\"",
            "p.toml:5: service[1].upstream_path: must begin and end with a slash: write \"/v2/\"",
        ),
        (
            "upstream_ca = \"ca.pem\"",
            "p.toml:5: service[1].upstream_ca: there is no file /nonexistent/ca.pem",
        ),
        ("ping = \"ping\"", "p.toml:5: service[1].ping: must begin with a slash"),
        ("connect_timeout = 0", "p.toml:5: service[1].connect_timeout: must be between 1 and 300"),
        ("concurrency_max = 0", "p.toml:5: service[1].concurrency_max: must be between 1 and 1000000"),
        (
            "allow = []",
            "p.toml:1: service[1].allow: an empty list lets nobody in; leave it out for everybody who signed in",
        ),
        (
            "allow = [\"everyone\"]",
            "p.toml:5: service[1].allow: \"everyone\" is no rule; did you mean \"everybody\"?",
        ),
        (
            "allow = [\"admins\"]",
            "p.toml:5: service[1].allow: \"admins\" is no rule; did you mean \"administrators\"?",
        ),
        (
            "allow = [\"users:bob\"]",
            "p.toml:5: service[1].allow: \"users:bob\" is no rule; write \"user:NAME\"",
        ),
        (
            "allow = [\"team:/x\"]",
            "p.toml:5: service[1].allow: \"team:/x\" is no rule; write \"team:NAME\" or \"team:ORGANIZATION/NAME\"",
        ),
        (
            "public = [\"/t/\"]",
            "p.toml:5: service[1].public: \"/t/\" is outside of the service's path \"/s/\"",
        ),
        (
            "public = [\"/s/*/x\"]",
            "p.toml:5: service[1].public: \"/s/*/x\": `**` can stand only at the end, after a slash",
        ),
        (
            "public = [\"/s/../t/\"]",
            "p.toml:5: service[1].public: \"/s/../t/\" must not contain the segments . and ..",
        ),
        (
            "public = [\"/s/?a=b\"]",
            "p.toml:5: service[1].public: \"/s/?a=b\" must be a path without query and fragment",
        ),
        (
            "public = [\"/s/%2e/\"]",
            "p.toml:5: service[1].public: \"/s/%2e/\" must be written without percent signs",
        ),
        (
            "public = [\"/s/a/**\", \"/s/a/b\"]",
            "p.toml:5: service[1].public: \"/s/a/b\" overlaps with \"/s/a/**\"",
        ),
    ]);
}

#[test]
fn the_file_names_line_and_key_of_wrong_upstreams() {
    let service =
        |upstream: &str| format!("[[service]]\nname = \"s\"\npath = \"/s/\"\nupstream = {upstream}\n");
    for (upstream, expected) in [
        ("[]", "must list 1 to 256 URLs"),
        ("[\"127.0.0.1:80\"]", "\"127.0.0.1:80\" must begin with http:// or https://"),
        ("[\"ftp://h\"]", "\"ftp://h\" must begin with http:// or https://"),
        ("[\"/x\"]", "\"/x\" is not a URL such as http://127.0.0.1:8052"),
        ("[\"http://u:p@h\"]", "must not hold a user name or password"),
        (
            "[\"http://h/x\"]",
            "\"http://h/x\" must end after the host and port; a path goes into `upstream_path`",
        ),
        ("[\"http://h:0\"]", "\"http://h:0\" names port 0"),
        ("[\"http://h\", \"http://h\"]", "\"http://h\" is given twice"),
    ] {
        let found = problems(&service(upstream));
        let line = if upstream == "[]" { 1 } else { 4 };
        assert_eq!(found, [format!("p.toml:{line}: service[1].upstream: {expected}")], "in: {upstream}");
    }
}

#[test]
fn the_file_names_line_and_key_of_services_that_do_not_fit_together() {
    let two = |second: &str| format!("{SERVICE}\n[[service]]\n{second}upstream = [\"http://h\"]\n");
    for (second, expected) in [
        (
            "name = \"s\"\npath = \"/t/\"\n",
            "p.toml:6: service[2].name: \"s\" is the name of the service on line 1 already",
        ),
        (
            "name = \"t\"\npath = \"/s/\"\n",
            "p.toml:6: service[2].path: \"/s/\" is the path of service \"s\" on line 1 already",
        ),
        (
            "name = \"t\"\npath = \"/\"\npublic = [\"/s/x/\"]\n",
            "p.toml:6: service[2].public: \"/s/x/\" lies in the path \"/s/\" of service \"s\" and opens nothing",
        ),
        (
            "name = \"gateway\"\npath = \"/t/\"\n",
            "p.toml:7: service[2].name: \"gateway\" is the gateway's own name",
        ),
        (
            "name = \"a b\"\npath = \"/t/\"\n",
            "p.toml:7: service[2].name: must be 1 to 64 letters, digits, hyphens and underscores",
        ),
        (
            "name = \"t\"\npath = \"t\"\n",
            "p.toml:8: service[2].path: must begin and end with a slash: write \"/t/\"",
        ),
        ("name = \"t\"\npath = \"/t//u/\"\n", "p.toml:8: service[2].path: must not contain an empty segment"),
        ("name = \"t\"\npath = \"/t;u/\"\n", "p.toml:8: service[2].path: must not contain a semicolon"),
        (
            "name = \"t\"\npath = \"/api/gateway/\"\n",
            "p.toml:8: service[2].path: \"/api/gateway/\" is answered by the gateway itself (contract \"aap\")",
        ),
        (
            "name = \"t\"\npath = \"/portcullis/x/\"\n",
            "p.toml:8: service[2].path: \"/portcullis/x/\" is answered by the gateway itself: its own API is there",
        ),
        ("path = \"/t/\"\n", "p.toml:6: service[2].name: missing: every service needs it"),
        ("name = \"t\"\n", "p.toml:6: service[2].path: missing: every service needs it"),
    ] {
        assert_eq!(problems(&two(second)), [expected], "in:\n{second}");
    }
    let missing = problems("[[service]]\nname = \"s\"\npath = \"/s/\"\n");
    assert_eq!(
        missing,
        ["p.toml:1: service[1].upstream: missing: write for example upstream = [\"http://127.0.0.1:8052\"]"]
    );
}

#[test]
fn every_problem_is_found_and_they_stand_in_the_order_of_their_lines() {
    let found = problems("[log]\nlevel = \"x\"\nformat = 1\n[listen]\nhtps = []\nhttps = 1\n");
    let lines: Vec<&str> = found.iter().map(|it| it.split(": ").next().unwrap()).collect();
    assert_eq!(lines, ["p.toml:2", "p.toml:3", "p.toml:5", "p.toml:6"]);
}
