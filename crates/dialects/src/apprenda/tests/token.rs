//! Tokens: their form, and their three spellings.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::model::session::{SessionKind, digest};
use identity::port::Random;

use super::super::token::{canonical, new};
use crate::shown_path;

/// Different bytes each time.
struct Bytes(AtomicU64);

impl Random for Bytes {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let step = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            *byte = ((step ^ (step >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40).to_le_bytes()[0];
        }
    }
}

#[test]
fn a_token_is_two_random_guids() {
    let random = Bytes(AtomicU64::new(1));
    for _ in 0..500 {
        let token = new(&random);
        assert_eq!(token.expose().len(), 100);
        let text = String::from_utf8(STANDARD.decode(token.expose()).unwrap()).unwrap();
        let (left, right) = text.split_once('|').unwrap();
        assert_ne!(left, right);
        for guid in [left, right] {
            let parts: Vec<&str> = guid.split('-').collect();
            assert_eq!(parts.iter().map(|it| it.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            assert!(parts.concat().bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')));
            assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{guid}");
        }
    }
}

#[test]
fn three_spellings_are_one_session() {
    let random = Bytes(AtomicU64::new(7));
    for _ in 0..500 {
        let token = new(&random);
        let wanted = digest(SessionKind::Cloud, &token);
        for sign in ["=", "%3D", "%3d", "%253D", "%253d"] {
            let sent = token.expose().replace('=', sign);
            let found = canonical(&sent).unwrap();
            assert_eq!(digest(SessionKind::Cloud, &found), wanted, "{sent}");
        }
        // Some programs encode one of the two, and some every character.
        let mixed = token.expose().replacen('=', "%3D", 1);
        assert_eq!(canonical(&mixed).unwrap(), token);
        let all = token.expose().bytes().fold(String::new(), |all, it| format!("{all}%{it:02X}"));
        assert_eq!(canonical(&all).unwrap(), token);
    }
}

#[test]
fn what_is_no_token_is_none() {
    let token = new(&Bytes(AtomicU64::new(3)));
    let token = token.expose();
    let cases = [
        String::new(),
        "=".to_owned(),
        "tenants".to_owned(),
        token[..98].to_owned(),
        token[..99].to_owned(),
        format!("{token}="),
        format!("a{token}"),
        token.replace('=', "%25253D"),
        token.replace("==", "=%3"),
        token.replace("==", "%FF%FE"),
        format!("{}é==", &token[..96]),
        format!("é{}==", &token[..97]),
        format!("{}+==", &token[..97]),
        format!("{}/==", &token[..97]),
        format!("{}%00==", &token[..97]),
        format!("{token}, {token}"),
        "%3D".repeat(100),
        "A".repeat(10_000),
        "1c5d49d0-8953-4945-bab7-a137bfdfc8fa".to_owned(),
    ];
    for case in cases {
        assert!(canonical(&case).is_none(), "{case}");
    }
}

#[test]
fn logs_show_no_token_wherever_it_stands_in_a_path() {
    let plain = format!("{}==", "a1B2".repeat(25).split_at(98).0);
    for token in [plain.clone(), plain.replace('=', "%3D"), plain.replace('=', "%253d")] {
        for (start, end) in
            [("/cloud/authentication/api/v1/sessions/soc/", ""), ("/", "/more"), ("/sessions/", "/")]
        {
            assert_eq!(shown_path(&format!("{start}{token}{end}")), format!("{start}…"));
        }
    }
    for path in ["/", "", "/soc/api/v1/x", &format!("/{}", "a".repeat(100)), &format!("/{plain}b")] {
        assert_eq!(shown_path(path), path);
    }
}
