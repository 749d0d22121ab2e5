//! Cases 131 to 135: one request in, one request out, or none and the connection closed.

use super::rig::{Rig, answers, service, status};
use super::upstream::{Reply, Upstream};

const PATH: &str = "/api/controller/open/x";

/// What one connection with these bytes leads to: the statuses that the client sees and the requests that
/// the service sees.
async fn check(bytes: &str) -> (Vec<u16>, usize) {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let text = rig.raw(bytes.replace("PATH", PATH).as_bytes()).await;
    let statuses = text.split("HTTP/1.1 ").skip(1).map(|it| status(&format!("x {it}"))).collect();
    (statuses, upstream.seen().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn case_131_two_lengths_are_refused_and_nothing_is_forwarded() {
    for lines in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "X: 1\nContent-Length: 44\r\n\r\n",
        "X: 1\rContent-Length: 44\r\n\r\n",
    ] {
        let smuggled = "GET /api/controller/open/smuggled HTTP/1.1\r\nHost: gw\r\n\r\n";
        let (statuses, seen) = check(&format!("POST PATH HTTP/1.1\r\nHost: gw\r\n{lines}{smuggled}")).await;
        assert_eq!((statuses, seen), (vec![400], 0), "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_131_underscore_spellings_frame_nothing() {
    let bytes = "POST PATH HTTP/1.1\r\nHost: gw\r\nTransfer_Encoding: chunked\r\nContent-Length: 5\r\nConnection: close\r\n\r\n0\r\n\r\n";
    assert_eq!(check(bytes).await, (vec![200], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_132_old_versions_have_no_transfer_encoding() {
    let chunked = "POST PATH HTTP/1.0\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(check(chunked).await.1, 0);
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let old = rig.raw(format!("GET {PATH} HTTP/1.0\r\nHost: gw\r\n\r\n").as_bytes()).await;
    assert!(old.starts_with("HTTP/1.0 200") || old.starts_with("HTTP/1.1 200"), "{old}");
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_112_a_fragment_is_refused_on_the_wire() {
    assert_eq!(check("GET PATH#/../secret HTTP/1.1\r\nHost: gw\r\n\r\n").await, (vec![400], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_134_the_body_of_a_refused_request_is_no_request() {
    let inner = "GET /api/controller/open/smuggled HTTP/1.1\r\nHost: gw\r\n\r\n";
    let length = inner.len();
    for path in ["/api/controller/v2/closed/", "/nowhere"] {
        let (statuses, seen) =
            check(&format!("POST {path} HTTP/1.1\r\nHost: gw\r\nContent-Length: {length}\r\n\r\n{inner}"))
                .await;
        assert_eq!((statuses.len(), seen), (1, 0), "{path}");
    }
    let (statuses, seen) = check(&format!(
        "GET PATH HTTP/1.1\r\nHost: gw\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{inner}"
    ))
    .await;
    assert_eq!((statuses, seen), (vec![200], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_134_pipelined_requests_are_answered_in_turn() {
    let one = "GET PATH HTTP/1.1\r\nHost: gw\r\n\r\n";
    let last = "GET PATH HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n";
    assert_eq!(check(&format!("{one}{one}{last}")).await, (vec![200, 200, 200], 3));
    let (statuses, seen) = check(&format!("{one}GET PATH HTTP/1.1\r\nHost: gw\r\nX : 1\r\n\r\n{one}")).await;
    assert_eq!((statuses, seen), (vec![200, 400], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn case_135_continue_is_said_only_if_the_body_is_wanted() {
    let upstream = Upstream::ok().await;
    let rig = Rig::before(service(&[upstream.address])).await;
    let refused = "POST /api/controller/v2/closed/ HTTP/1.1\r\nHost: gw\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    let answer = rig.raw(refused.as_bytes()).await;
    assert_eq!((status(&answer), answers(&answer)), (401, 1), "{answer}");
    let wanted = format!(
        "POST {PATH} HTTP/1.1\r\nHost: gw\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
    );
    let answer = rig.raw(wanted.as_bytes()).await;
    assert!(answer.ends_with("ok"), "{answer}");
    let seen = upstream.only();
    assert!(seen.all("expect").is_empty());
    assert_eq!(seen.body, b"hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_135_an_answer_before_the_end_of_the_request_ends_the_connection_to_the_service() {
    let upstream =
        Upstream::start(|_, _| Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec()))
            .await;
    let rig = Rig::before(service(&[upstream.address])).await;
    // The service reads a head without a length that it knows, so it answers at once.
    let half = format!("POST {PATH} HTTP/1.1\r\nHost: gw\r\nContent-Length: 10\r\n\r\nhalf");
    rig.raw(half.as_bytes()).await;
    assert_eq!(status(&rig.get(PATH, "").await), 200);
    assert!(upstream.seen().iter().all(|it| it.line().starts_with("GET")), "{:?}", upstream.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_forms_of_targets() {
    assert_eq!(check("CONNECT gw:443 HTTP/1.1\r\nHost: gw:443\r\n\r\n").await, (vec![405], 0));
    assert_eq!(check("TRACE PATH HTTP/1.1\r\nHost: gw\r\n\r\n").await, (vec![405], 0));
    assert_eq!(check("get PATH HTTP/1.1\r\nHost: gw\r\n\r\n").await, (vec![501], 0));
    assert_eq!(check("GET PATH HTTP/1.1\r\n\r\n").await, (vec![400], 0));
    assert_eq!(check("GET PATH HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").await, (vec![400], 0));
    assert_eq!(
        check("GET http://gwPATH HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n").await,
        (vec![200], 1)
    );
    assert_eq!(check("OPTIONS * HTTP/1.1\r\nHost: gw\r\n\r\n").await, (vec![400], 0));
}
