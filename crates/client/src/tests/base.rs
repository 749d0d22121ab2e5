//! What somebody may type as the address of a server.

use crate::{Base, Malformed, base};

fn read(text: &str) -> (String, Option<String>) {
    let (base, hint) = base(text).unwrap();
    (base.as_str().to_owned(), hint)
}

#[test]
fn a_name_alone_is_https() {
    assert_eq!(read("Host.Example"), ("https://host.example".to_owned(), None));
    assert_eq!(read("host:8443"), ("https://host:8443".to_owned(), None));
    assert_eq!(read(" https://host:443/ "), ("https://host".to_owned(), None));
    assert_eq!(read("http://host:80"), ("http://host".to_owned(), None));
    assert_eq!(read("[::1]:8443"), ("https://[::1]:8443".to_owned(), None));
}

#[test]
fn a_path_is_a_hint_and_not_part_of_the_base() {
    assert_eq!(read("https://host/api/"), ("https://host".to_owned(), Some("/api/".to_owned())));
    assert_eq!(
        read("host:8443/dataservice"),
        ("https://host:8443".to_owned(), Some("/dataservice".to_owned()))
    );
    assert_eq!(read("https://host/#/login"), ("https://host".to_owned(), None));
}

#[test]
fn what_is_no_address_is_refused_without_being_repeated() {
    for text in ["", " ", "https://", "ftp://host", "https://host:0", "host:99999", "ho st"] {
        assert!(base(text).is_err(), "{text}");
    }
    let error = base("https://ann:hunter2@host").unwrap_err();
    assert_eq!(error, Malformed::Userinfo);
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn only_the_same_scheme_host_and_port_is_the_same_base() {
    let (base, _) = base("https://host:8443").unwrap();
    let holds = |text: &str| base.holds(&text.parse().unwrap());
    assert!(holds("https://HOST:8443/x?y"));
    for other in
        ["http://host:8443/", "https://host/", "https://host:84431/", "https://host.evil:8443/", "/x"]
    {
        assert!(!holds(other), "{other}");
    }
    assert_eq!(base.at("/a?b=c").unwrap(), "https://host:8443/a?b=c");
    assert_eq!(base.at("//evil/a").unwrap(), "https://host:8443//evil/a");
    assert!(Base::of(&"https://u@host/".parse().unwrap()).is_err());
}
