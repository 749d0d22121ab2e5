//! The command line of the client: what it takes, what it refuses, and how failures are told.

use clap::Parser as _;
use client::{Base, TalkError};
use dialects::Rejection;
use identity::{Fault, Origin};

use super::login::plan::of_host;
use super::refusal::Moment;
use super::secrets::kind;
use crate::command::CommandLine;
use crate::exit::Exit;

fn is_taken(line: &str) -> bool {
    CommandLine::try_parse_from(line.split_whitespace()).is_ok()
}

#[test]
fn every_documented_form_is_taken() {
    for line in [
        "portcullis login",
        "portcullis login --profile p --password-stdin",
        "portcullis login https://h",
        "portcullis login h:8443 --platform awx --user ann --method token --profile p --insecure",
        "portcullis login h --ca f --tenant t --portal developer --password-stdin -o json",
        "portcullis login h --password-file f --keyring --store-password --method basic",
        "portcullis login h --token-file f --platform catalyst",
        "portcullis login h --token-stdin",
        "portcullis login h --method device --client-id c --client-secret-file f --scope read --description d",
        "portcullis logout",
        "portcullis logout --profile p",
        "portcullis logout --all",
        "portcullis whoami --profile p -o json",
        "portcullis status",
        "portcullis status --offline --profile p -o json",
        "portcullis profile list -o json",
        "portcullis profile use p",
        "portcullis profile show",
        "portcullis profile show p -o json",
        "portcullis profile remove p",
        "portcullis env --shell fish --profile p",
        "portcullis env --shell powershell",
        "portcullis exec -- true",
        "portcullis exec --profile p -- ls -l --all",
        "portcullis exec ls -l",
        "portcullis header --curl --profile p",
        "portcullis header https://h/x",
        "portcullis credential get",
        "portcullis credential --profile p erase",
        "portcullis man",
        "portcullis man d",
    ] {
        assert!(is_taken(line), "{line}");
    }
}

#[test]
fn what_is_ambiguous_or_unsafe_is_refused() {
    for line in [
        "portcullis login h --password secret",
        "portcullis login h --token secret",
        "portcullis login h --client-id c --client-secret s",
        "portcullis login h --client-secret-file f",
        "portcullis login h --insecure --ca f",
        "portcullis login h --password-stdin --password-file f",
        "portcullis login h --password-stdin --token-stdin",
        "portcullis login h --platform tower",
        "portcullis login h --method cookie",
        "portcullis login h --portal admin",
        "portcullis profile",
        "portcullis profile use",
        "portcullis exec",
        "portcullis env --shell cobol",
        "portcullis credential",
        "portcullis credential approve",
    ] {
        assert!(!is_taken(line), "{line}");
    }
}

#[test]
fn failures_are_told_apart_and_say_what_to_do() {
    let using = Moment::Using { profile: "prod", base: "https://h" };
    for (moment, error, exit, words) in [
        (Moment::SigningIn, TalkError::Refused(Rejection::Password), Exit::Refused, "name and password"),
        (Moment::SigningIn, TalkError::Refused(Rejection::BasicOff), Exit::Refused, "--method session"),
        (Moment::SigningIn, TalkError::Refused(Rejection::TooMany(None)), Exit::Unreachable, "wait"),
        (Moment::SigningIn, TalkError::Lost("x".to_owned()), Exit::Foreign, "--platform"),
        (using, TalkError::Refused(Rejection::Over), Exit::SignedOut, "portcullis login --profile prod"),
        (using, TalkError::Refused(Rejection::Token), Exit::SignedOut, "portcullis login --profile prod"),
        (using, TalkError::Refused(Rejection::Absent), Exit::Refused, "no such thing"),
        (using, TalkError::Fault(Fault::new(Origin::Upstream, "gone")), Exit::Unreachable, "gone"),
        (using, TalkError::Fault(Fault::new(Origin::Internal, "bug")), Exit::Failed, "bug"),
    ] {
        let stop = moment.talk(error);
        assert_eq!(stop.exit, exit, "{:#}", stop.error);
        assert!(stop.error.to_string().contains(words), "{words} in {:#}", stop.error);
    }
}

#[test]
fn what_a_server_says_cannot_steer_the_terminal() {
    let stop = Moment::SigningIn.talk(TalkError::Refused(Rejection::NotPermitted("\u{1b}[2J".to_owned())));
    assert!(!stop.error.to_string().contains('\u{1b}'), "{:#}", stop.error);
}

#[test]
fn a_profile_is_named_after_its_host() {
    let name = |url: &str, user| of_host(&client::base(url).unwrap().0, user);
    assert_eq!(name("https://AWX.example.com/", None), "awx.example.com");
    assert_eq!(name("https://m.example:8443", None), "m.example-8443");
    assert_eq!(name("http://[::1]:80/", None), "::1".replace("::", "").as_str());
    assert_eq!(name("h", Some("ann@corp")), "h-ann-corp");
    assert!(name(&format!("https://{}.example", "x".repeat(60)), Some("ann")).len() <= 64);
    let _: fn(&http::Uri) -> Result<Base, _> = Base::of;
}

#[test]
fn a_secret_is_one_line_of_bounded_length() {
    let taken = |text: &str| kind("token").one_line(text.to_owned()).map(|it| it.expose().to_owned());
    assert_eq!(taken("a b \r\n").unwrap(), "a b ");
    assert_eq!(taken("  a\n").unwrap(), "  a");
    for wrong in ["", "\n", "\r\n", "a\n\n", "a\r", "a\nb", "a\0", &"x".repeat(16 * 1024 + 1)] {
        assert!(taken(wrong).is_err(), "{:?}", &wrong[..wrong.len().min(9)]);
    }
}
