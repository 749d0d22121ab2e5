//! How many requests somebody may make: beyond that the answer is 429 and says how long to wait.

use super::{DEVICES, Login, Manager, SERVER, error};
use crate::support::{ADMIN_PASSWORD, Response};

const BULK: &str = "/dataservice/data/device/statistics/interfacestatistics";

/// Asks so often at one instant; the answers.
fn burst(manager: &Manager, login: &Login, target: &str, times: usize) -> Vec<Response> {
    (0..times).map(|_| manager.get(login, target)).collect()
}

fn count(answers: &[Response], status: u16) -> usize {
    answers.iter().filter(|it| it.status == status).count()
}

#[test]
fn bulk_requests_beyond_the_limit_are_told_to_wait() {
    let manager = Manager::new();
    manager.set("catalyst.bulkRequestsPerMinute", "3");
    let login = manager.admin();
    // One more would come after 20 seconds; a slow machine may need some of them.
    let answers = burst(&manager, &login, BULK, 12);
    let (passed, refused) = (count(&answers, 200), count(&answers, 429));
    assert_eq!(passed + refused, 12);
    assert!((3..=8).contains(&passed), "{passed} passed");
    for answer in answers.iter().filter(|it| it.status == 429) {
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        error(answer);
        assert_eq!(answer.header("set-cookie"), None, "the session is not dead");
    }
    assert_eq!(manager.seen().len(), passed, "what is refused reaches nobody");
    // What is not bulk goes on, and so does everybody else.
    manager.get(&login, DEVICES).expect(200);
    manager.make_user(&login, "basil", &["basic"]);
    let basil = manager.sign_in("basil", super::PASSWORD);
    manager.get(&basil, BULK).expect(200);
    // The limit is the user's, however it shows who it is.
    let (_, key) = manager.server.make_token("admin", ADMIN_PASSWORD, "write");
    let other = manager.admin();
    let more: Vec<_> = (0..4)
        .flat_map(|_| [manager.get(&other, BULK).status, manager.server.get(BULK).bearer(&key).send().status])
        .collect();
    assert!(more.contains(&429), "{more:?}");
}

#[test]
fn requests_beyond_the_limit_are_told_to_wait_here_and_behind() {
    let manager = Manager::new();
    let login = manager.admin();
    manager.set("catalyst.requestsPerSecond", "1");
    for target in [DEVICES, SERVER] {
        // Faster than one in a second, unless the machine is slower than that.
        let refused = (0..200).find_map(|_| {
            let answer = manager.get(&login, target);
            (answer.status != 200).then_some(answer)
        });
        let refused = refused.expect("two hundred requests pass a limit of one");
        assert_eq!(refused.status, 429, "{target}");
        assert_eq!(refused.header("retry-after"), Some("1"), "{target}");
        error(&refused);
    }
    manager.set("catalyst.requestsPerSecond", "0");
    manager.set("catalyst.bulkRequestsPerMinute", "0");
    for answer in burst(&manager, &login, BULK, 60) {
        answer.expect(200);
    }
}
