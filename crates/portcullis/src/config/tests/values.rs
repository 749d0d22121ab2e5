//! What right configurations mean.

use std::path::Path;
use std::time::Duration;

use gateway::config::{IdentityProof, Network, PublicPath, Target};

use super::super::{Audit, Config, Format, Level, add_demo, parse, parse_address};

#[track_caller]
fn read(text: &str) -> Config {
    parse("p.toml", Path::new("/etc"), text).unwrap()
}

fn exact(path: &str) -> PublicPath {
    PublicPath::Exact(path.to_owned())
}

#[test]
fn nothing_written_is_everything_by_default() {
    let config = read("");
    assert_eq!(config.listen.https, None);
    assert_eq!((config.passwords.memory_kib, config.passwords.iterations), (19_456, 2));
    assert_eq!(config.token.life, Duration::from_secs(31_536_000));
    assert_eq!(config.session.sweep_interval, Duration::from_secs(10));
    assert_eq!((config.log.format, config.log.level), (Format::Text, Level::Info));
    assert_eq!(config.log.audit, Audit::DataDirectory);
    let attempts = config.limits.attempts;
    assert_eq!((attempts.free_max, attempts.day_max, attempts.address_minute_max), (10, 100, 400));
    assert_eq!(attempts.steps.iter().map(jiff::SignedDuration::as_secs).collect::<Vec<_>>(), [1, 3, 5, 10]);
    assert!(config.services.is_empty() && config.trusted_proxies.is_empty() && config.tls.is_none());
}

#[test]
fn the_published_example_means_what_it_says() {
    let config = read(
        r#"
        [listen]
        https = ["127.0.0.1:8443"]
        http = ["localhost:8080", "[::1]:8080"]
        [passwords]
        memory_kib = 64
        iterations = 1
        [[service]]
        name = "controller"
        path = "/api/controller/"
        upstream = ["http://127.0.0.1:8052", "https://node2.example"]
        dialect = "aap"
        identity = "signed-jwt"
        public = ["/api/controller/v2/", "/api/controller/static/**"]
        "#,
    );
    assert_eq!(config.listen.https, Some(vec![parse_address("127.0.0.1:8443").unwrap()]));
    let http = config.listen.http.unwrap();
    assert_eq!(http, [parse_address("127.0.0.1:8080").unwrap(), parse_address("[::1]:8080").unwrap()]);
    assert_eq!((config.passwords.memory_kib, config.passwords.iterations), (64, 1));
    let service = &config.services[0];
    assert_eq!((service.name.as_str(), service.path.as_str()), ("controller", "/api/controller/"));
    assert_eq!(service.dialect.name(), "aap");
    assert_eq!(service.identity, IdentityProof::SignedJwt);
    assert!(service.allow.everybody && !service.allow.administrators);
    let below = PublicPath::Below("/api/controller/static/".to_owned());
    assert_eq!(service.public, [exact("/api/controller/v2/"), below]);
    let Target::Upstream { nodes, path, ca, ping } = &service.target else { panic!("no upstream") };
    assert_eq!(
        nodes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["http://127.0.0.1:8052/", "https://node2.example/"]
    );
    assert_eq!((path, ca, ping), (&None, &None, &None));
}

#[test]
fn public_paths_of_known_components_are_open_unless_the_entry_says_otherwise() {
    let service = |name: &str, extra: &str| {
        let path = format!("/api/{name}/");
        let text =
            format!("[[service]]\nname = {name:?}\npath = {path:?}\nupstream = [\"http://h\"]\n{extra}\n");
        read(&text).services.remove(0).public
    };
    let controller = [exact("/api/controller/v2/"), exact("/api/controller/v2/ping/")];
    assert_eq!(service("controller", ""), controller);
    assert_eq!(service("controller", "dialect = \"astra\""), controller);
    assert_eq!(service("galaxy", ""), [exact("/api/galaxy/")]);
    assert_eq!(service("eda", ""), []);
    assert_eq!(service("controller", "public = []"), []);
}

#[test]
fn rules_of_who_may_call_are_kept_apart() {
    let config = read(
        "[[service]]\nname = \"s\"\npath = \"/s/\"\nupstream = [\"http://h\"]\n\
         allow = [\"administrators\", \"user:al\", \"team:Ops\", \"team:Org/Dev\"]\nidentity = \"headers\"\n\
         connect_timeout = 1\nrequest_timeout = 2\nidle_timeout = 3\nbody_max = 4\nconcurrency_max = 5\n",
    );
    let service = &config.services[0];
    assert!(!service.allow.everybody && service.allow.administrators);
    assert_eq!(service.allow.users, ["al"]);
    assert_eq!(service.allow.teams, ["Ops", "Org/Dev"]);
    assert_eq!(service.connect_timeout, Duration::from_secs(1));
    assert_eq!(service.request_timeout, Some(Duration::from_secs(2)));
    assert_eq!(service.idle_timeout, Some(Duration::from_secs(3)));
    assert_eq!((service.body_max, service.concurrency_max), (4, 5));
    assert_eq!(service.identity, IdentityProof::Headers);
}

#[test]
fn two_services_may_share_a_path_on_different_hosts() {
    let entry = |name: &str, host: &str| {
        format!("[[service]]\nname = {name:?}\npath = \"/s/\"\nhost = {host:?}\nupstream = [\"http://h\"]\n")
    };
    let config = read(&(entry("a", "A.example") + &entry("b", "b.example")));
    assert_eq!(config.services[0].host.as_deref(), Some("a.example"));
    assert_eq!(config.services.len(), 2);
}

#[test]
fn a_token_life_of_zero_is_taken_at_its_word() {
    assert_eq!(read("[token]\naccess_token_expire_seconds = 0\n").token.life, Duration::ZERO);
    assert_eq!(read("[token]\nlife_days = 2\n").token.life, Duration::from_secs(172_800));
}

#[test]
fn grants_are_what_the_file_says() {
    let nothing = read("").oauth;
    assert_eq!((nothing.public_url, nothing.allows_password), (None, true));
    let config = read(
        "[oauth]\npublic_url = \"https://gate.example.com:8443\"\npassword_grant = false\n\
         grant_life_days = 7\ndevice_code_expire_seconds = 60\ndevice_interval_seconds = 2\n\
         [awx]\nprefix = \"controller\"\n",
    );
    assert_eq!(config.oauth.public_url.as_deref(), Some("https://gate.example.com:8443"));
    assert!(!config.oauth.allows_password);
    assert_eq!(config.oauth.grant_life, Duration::from_secs(604_800));
    assert_eq!(config.oauth.device_life, Duration::from_secs(60));
    assert_eq!(config.oauth.device_interval, Duration::from_secs(2));
    assert_eq!(config.awx.prefix.as_deref(), Some("controller"));
    assert_eq!(read("").awx, super::super::Awx::default());
}

#[test]
fn networks_are_read_with_and_without_their_bits() {
    let config = read("[trusted_proxies]\nnetworks = [\"10.0.0.0/8\", \"::1\", \"192.0.2.7\"]\n");
    let network = |address: &str, bits| Network { address: address.parse().unwrap(), bits };
    assert_eq!(
        config.trusted_proxies,
        [network("10.0.0.0", 8), network("::1", 128), network("192.0.2.7", 32)]
    );
}

#[test]
fn lowering_all_connections_lowers_those_of_one_address() {
    let door = read("[limits]\nconnections_max = 7\n").limits.door;
    assert_eq!((door.connections_max, door.connections_per_address_max), (7, 7));
}

#[test]
fn the_demo_fills_only_the_gaps() {
    let mut services = read(
        "[[service]]\nname = \"mine\"\npath = \"/api/galaxy/\"\nupstream = [\"http://h\"]\n\
         [[service]]\nname = \"eda\"\npath = \"/elsewhere/\"\nupstream = [\"http://h\"]\n",
    )
    .services;
    add_demo(&mut services);
    let names: Vec<&str> = services.iter().map(|it| it.name.as_str()).collect();
    let added = ["controller", "awx", "manager", "soc", "developer", "account"];
    assert_eq!(names, [&["mine", "eda"][..], &added].concat());
    assert!(matches!(services[2].target, Target::Echo));
    assert_eq!(services[2].identity, IdentityProof::SignedJwt);
    assert_eq!((services[3].path.as_str(), services[3].dialect.name()), ("/api/v2/", "awx"));
    let newer = services[4..].iter().map(|it| (it.path.as_str(), it.dialect.name()));
    let wanted = [
        ("/dataservice/", "catalyst"),
        ("/soc/", "apprenda"),
        ("/developer/", "apprenda"),
        ("/account/", "apprenda"),
    ];
    assert!(newer.eq(wanted));
}

#[test]
fn a_service_of_awx_lies_beside_the_contract_s_own_endpoints() {
    let services = read(
        "[[service]]\nname = \"awx\"\npath = \"/api/v2/\"\nupstream = [\"http://h\"]\ndialect = \"awx\"\n\
         [[service]]\nname = \"hosts\"\npath = \"/api/v2/inventories/\"\nupstream = [\"http://h\"]\n",
    )
    .services;
    assert_eq!(services[0].dialect.name(), "awx");
    let public = ["/api/v2/", "/api/v2/ping/", "/api/v2/auth/"].map(|it| PublicPath::Exact(it.to_owned()));
    assert_eq!(services[0].public, public);
    assert!(services[1].public.is_empty());
}
