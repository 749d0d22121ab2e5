//! Who may say for whom it asks: the two settings of AWX's contract, and the proxy's signature.

use identity::model::setting::SettingValue;
use identity::port::SettingWrite;

use super::rig::{Rig, TestRandom, config, keys, service};
use super::scratch::Scratch;
use super::upstream::Upstream;
use crate::Keys;

const PATH: &str = "/api/controller/open/x";
const LINES: &str = "X-Real-Address: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n";

async fn set(rig: &Rig, name: &'static str, texts: &[&str]) {
    let value = SettingValue::List(texts.iter().map(|it| (*it).to_owned()).collect());
    let writes = vec![SettingWrite { name, value: Some(value) }];
    let operator = rig.authority.operator().await.unwrap();
    rig.authority.write_settings(&rig.context(), &operator, writes, false).await.unwrap();
}

/// The client's address and the odd field, as the service learns them.
async fn learned(rig: &Rig, upstream: &Upstream, lines: &str) -> (String, bool) {
    rig.get(PATH, lines).await;
    let seen = upstream.seen().pop().unwrap();
    (seen.one("x-forwarded-for").to_owned(), !seen.all("x-real-address").is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_count_as_soon_as_they_are_changed() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let unknown = ("127.0.0.1".to_owned(), true);
    assert_eq!(learned(&rig, &upstream, LINES).await, unknown, "nothing is listed");
    set(&rig, "awx.REMOTE_HOST_HEADERS", &["HTTP_X_REAL_ADDRESS", "REMOTE_ADDR"]).await;
    let refused = ("127.0.0.1".to_owned(), false);
    assert_eq!(learned(&rig, &upstream, LINES).await, refused, "nobody is allowed");
    set(&rig, "awx.PROXY_IP_ALLOWED_LIST", &["192.0.2.1"]).await;
    assert_eq!(learned(&rig, &upstream, LINES).await, refused, "another is allowed");
    set(&rig, "awx.PROXY_IP_ALLOWED_LIST", &["192.0.2.1", "127.0.0.0/8"]).await;
    assert_eq!(learned(&rig, &upstream, LINES).await, ("1.2.3.4".to_owned(), true));
    set(&rig, "awx.REMOTE_HOST_HEADERS", &["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_ADDRESS"]).await;
    assert_eq!(learned(&rig, &upstream, LINES).await, ("5.6.7.8".to_owned(), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_of_this_moment_by_a_known_key_is_believed() {
    let upstream = Upstream::ok().await;
    let scratch = Scratch::new("proxy-key");
    let other = Keys::load(&Keys::generate().unwrap()).unwrap();
    let file = scratch.path().join("proxy.pem");
    std::fs::write(&file, other.public_pem()).unwrap();
    let mut config = config(vec![service(&[upstream.address])]);
    config.trusted_proxy_key = Some(file);
    let rig = Rig::start(config.clone()).await;
    set(&rig, "awx.REMOTE_HOST_HEADERS", &["HTTP_X_REAL_ADDRESS", "REMOTE_ADDR"]).await;

    let lines = |keys: &Keys, age: i128| {
        let at = rig.context().now.as_nanosecond() - age * 1_000_000;
        format!("{LINES}X-Trusted-Proxy: {}\r\n", keys.sign_trusted_proxy(at, &TestRandom).unwrap())
    };
    for known in [&keys(), &other] {
        assert_eq!(learned(&rig, &upstream, &lines(known, 0)).await.0, "1.2.3.4");
        for age in [5_000, -5_000] {
            assert_eq!(learned(&rig, &upstream, &lines(known, age)).await.0, "127.0.0.1", "{age}");
        }
    }
    let stranger = Keys::load(&Keys::generate().unwrap()).unwrap();
    let twice = format!("{}{}", lines(&other, 0), lines(&other, 0).trim_start_matches(LINES));
    let now = rig.context().now.as_nanosecond();
    for lines in [
        lines(&stranger, 0),
        twice,
        format!("{LINES}X-Trusted-Proxy: DEAD-BEEF\r\n"),
        format!("{LINES}X-Trusted-Proxy: {now}-zz\r\n"),
        format!("{LINES}X-Trusted-Proxy: {now}-\r\n"),
        format!("{LINES}X-Trusted-Proxy: {now}\r\n"),
        format!("{LINES}X-Trusted-Proxy: -{}\r\n", "00".repeat(256)),
        format!("{LINES}X_Trusted_Proxy: {}\r\n", other.sign_trusted_proxy(now, &TestRandom).unwrap()),
    ] {
        assert_eq!(learned(&rig, &upstream, &lines).await.0, "127.0.0.1", "{lines}");
    }

    // A key that can no longer be read takes nothing away from what was told before.
    std::fs::write(config.trusted_proxy_key.as_ref().unwrap(), "no key").unwrap();
    assert!(rig.gateway.reload(&config).is_err());
    assert_eq!(learned(&rig, &upstream, &lines(&other, 0)).await.0, "1.2.3.4");
    config.trusted_proxy_key = None;
    rig.gateway.reload(&config).unwrap();
    assert_eq!(learned(&rig, &upstream, &lines(&other, 0)).await.0, "127.0.0.1");
}
