//! Tests of the server half beyond single exchanges: what one request changes for the next.

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Method, Request, Response};

use crate::bed::{Bed, HOST};

mod login;
mod open;
mod setting;

/// The answer to a request with these headers and this body.
async fn ask(bed: &Bed, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let path = format!("/api/gateway/v1/{path}");
    let mut request = Request::builder().method(method).uri(path).header("host", HOST);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    bed.send(crate::named("aap").unwrap(), request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap())
        .await
}

/// The value that an answer gives to a cookie.
fn cookie(response: &Response<Bytes>, name: &str) -> Option<String> {
    response.headers().get_all(SET_COOKIE).iter().find_map(|line| {
        let (it, rest) = line.to_str().unwrap().split_once('=').unwrap();
        (it == name).then(|| rest.split(';').next().unwrap().to_owned())
    })
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}
