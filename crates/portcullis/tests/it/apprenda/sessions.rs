//! How long a session lives, by a clock that the test turns: its length is fixed, or counts anew from each use.

use super::{CLOUDS, Platform, answer, fields, services, token_in};
use crate::security::clock::Clock;
use crate::support::{ADMIN_PASSWORD, Options, Upstream};

fn start(test: &str) -> Option<(Platform, Clock)> {
    let upstream = Upstream::scripted(|_| answer(200, "{\"items\":[]}"));
    let options = Options { config: services(&upstream), ..Options::default() };
    let (server, clock) = Clock::start(test, options)?;
    Some((Platform { server, upstream }, clock))
}

#[test]
fn a_session_of_a_fixed_length_ends_however_it_is_used() {
    let Some((platform, clock)) = start("a_session_of_a_fixed_length") else { return };
    platform.set("apprenda.session_minutes", "10");
    let token = platform.admin();
    for seconds in [200, 400, 590] {
        clock.set(seconds);
        assert!(platform.is_alive(&token), "{seconds}");
    }
    clock.set(601);
    assert!(!platform.is_alive(&token));
    clock.set(0);
    assert!(!platform.is_alive(&token), "what is over stays over");
    // Another length is for later sign-ins.
    platform.set("apprenda.session_minutes", "20");
    let token = platform.admin();
    platform.set("apprenda.session_minutes", "1");
    clock.set(1190);
    assert!(platform.is_alive(&token));
    clock.set(1201);
    assert!(!platform.is_alive(&token));
}

#[test]
fn a_session_of_a_sliding_length_ends_when_it_rests() {
    let Some((platform, clock)) = start("a_session_of_a_sliding_length") else { return };
    platform.set("apprenda.session_minutes", "10");
    platform.set("apprenda.session_is_sliding", "true");
    let (used, idle) = (platform.admin(), platform.admin());
    for turn in 1..=20 {
        clock.set(turn * 590);
        assert!(platform.is_alive(&used), "{turn}");
    }
    assert!(!platform.is_alive(&idle));
    clock.set(20 * 590 + 601);
    assert!(!platform.is_alive(&used));
}

#[test]
fn nobody_is_put_out_by_the_sign_ins_of_others() {
    let platform = Platform::new();
    let first = platform.admin();
    let others: Vec<_> = std::thread::scope(|scope| {
        let log_in = || {
            let answer = platform.log_in("soc", &fields("admin", ADMIN_PASSWORD));
            token_in(&answer.expect(201))
        };
        let threads: Vec<_> = (0..40).map(|_| scope.spawn(log_in)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(platform.is_alive(&first));
    assert!(others.iter().all(|it| platform.get(it, CLOUDS).status == 200));
}
