//! Bodies that are read as a whole before anybody knows who sends them: many slow ones do not fill the memory, and
//! hinder nobody but who sends them.

use std::time::Duration;

use identity::model::policy::Policy;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::rig::{Rig, config, raw, read_all, service, status};
use super::upstream::Upstream;
use crate::config::{Network, Service};

/// Bytes that each slow client has sent of its body.
const SENT: usize = 1024 * 1000;

fn head(path: &str, address: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: \
         {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn many_slow_bodies_of_one_client_take_only_so_much_memory() {
    let upstream = Upstream::ok().await;
    let cloud = Service {
        name: "soc".into(),
        path: "/soc/".into(),
        dialect: dialects::named("apprenda").unwrap(),
        allow: Policy { everybody: true, ..Policy::default() },
        ..service(&[upstream.address])
    };
    let mut config = config(vec![cloud]);
    config.trusted_proxies = vec![Network { address: "127.0.0.1".parse().unwrap(), bits: 32 }];
    let rig = Rig::start(config).await;
    let login = "/authentication/api/v1/sessions/soc";
    let ask = async |path: &str, address: &str| {
        status(&raw(rig.address(), format!("{}{{}}", head(path, address, 2)).as_bytes()).await)
    };
    assert_eq!((ask("/soc/x", "192.0.2.1").await, ask(login, "192.0.2.1").await), (401, 400));
    let mut slow = Vec::new();
    for number in 0..70 {
        let mut stream = TcpStream::connect(rig.address()).await.unwrap();
        let path = if number % 2 == 0 { "/soc/x" } else { login };
        let begun = format!("{}{}", head(path, "192.0.2.1", SENT + 10), " ".repeat(SENT));
        // The last ones may be told no before they have sent all of it.
        let _ = stream.write_all(begun.as_bytes()).await;
        slow.push(stream);
    }
    // What does not fit is told so at once, and the others are waited for.
    let mut refused = 0;
    for stream in slow.iter_mut().rev() {
        let answer = read_all(stream, Duration::from_millis(60)).await;
        assert!([0, 503].contains(&status(&answer)), "{answer}");
        refused += usize::from(status(&answer) == 503);
    }
    // Somebody else may still come.
    let others = (ask("/soc/x", "192.0.2.2").await, ask(login, "192.0.2.2").await);
    assert_eq!(others, (401, 400));
    drop(slow);
    assert!((3..=40).contains(&refused), "{refused} of 70");
    assert_eq!((ask("/soc/x", "192.0.2.1").await, ask(login, "192.0.2.1").await), (401, 400));
    assert!(upstream.seen().is_empty());
}
