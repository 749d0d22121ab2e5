//! Tests of the server half beyond single exchanges: what one request changes for the next.

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Method, Request, Response};

use crate::awx::Awx;
use crate::bed::{Bed, HOST};

mod login;
mod open;
mod proof;
mod session;
mod setting;

/// A request with these headers and this body.
fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path).header("host", HOST);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// The answer to a request with these headers and this body.
async fn ask(bed: &Bed, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    bed.send(&Awx, request(method, path, headers, body)).await
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
