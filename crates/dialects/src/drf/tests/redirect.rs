//! Where a browser may be sent.

use crate::dialect::Doorway;
use crate::drf::redirect::safe;

fn doorway() -> Doorway {
    Doorway { is_secure: true, host: "gw.example:8443".to_owned(), ..Doorway::default() }
}

#[test]
fn case_107_no_address_leads_elsewhere() {
    for evil in [
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\n/evil.example",
        "https://evil.example/",
        "HTTPS://EVIL.EXAMPLE/",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https://gw.example:8443@evil.example/",
        "https://gw.example:8443.evil.example/",
        "https://gw.example/",
        "http://gw.example:8443/",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil",
        "./evil",
        "/..//evil.example",
        "/a/../../b",
        "/a//evil.example",
        "/a\"b",
        "/<script>",
        "/é",
        "https://gw.example:8443//evil.example",
    ] {
        assert_eq!(safe(evil, &doorway()), None, "{evil:?}");
    }
    assert_eq!(safe(&format!("/{}", "a".repeat(8000)), &doorway()), None);
}

#[test]
fn pages_of_this_host_are_followed_by_their_path() {
    for (next, location) in [
        ("/", "/"),
        ("/overview", "/overview"),
        ("/%09/a", "/%09/a"),
        ("/o/authorize/?redirect_uri=https://a//b&x=..", "/o/authorize/?redirect_uri=https://a//b&x=.."),
        ("https://gw.example:8443/a?b#c", "/a?b#c"),
        ("https://GW.example:8443", "/"),
    ] {
        assert_eq!(safe(next, &doorway()).as_deref(), Some(location), "{next:?}");
    }
    assert_eq!(safe("https:///a", &Doorway { is_secure: true, ..Doorway::default() }), None);
}
