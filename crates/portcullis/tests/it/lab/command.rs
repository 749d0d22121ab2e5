//! The command: what it says at the start, what it refuses, and what it leaves behind.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use crate::support::lab::Lab;
use crate::support::server::program;

fn run(arguments: &[&str]) -> Output {
    program().arg("lab").args(arguments).output().unwrap()
}

#[test]
fn it_ends_cleanly_and_leaves_nothing() {
    for signal in ["TERM", "INT"] {
        let mut lab = Lab::start("catalyst");
        let scratch = |lab: &Lab| {
            let entries = fs::read_dir(lab.folder()).unwrap().map(|it| it.unwrap().path());
            entries.filter(|it| it.is_dir()).collect::<Vec<_>>()
        };
        let [folder] = &scratch(&lab)[..] else { panic!("no scratch folder, or several") };
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        let status = lab.stop(signal);
        assert!(status.success(), "{status} {}", lab.errors());
        assert!(scratch(&lab).is_empty());
    }
}

#[test]
fn it_says_where_it_is_and_who_there_is() {
    let lab = Lab::start("apprenda");
    assert_eq!(lab.ready["platform"], "apprenda");
    let people = lab.ready["people"].as_array().unwrap();
    let names: Vec<_> = people.iter().map(|it| it["username"].as_str().unwrap()).collect();
    assert_eq!(names, ["admin", "operator", "alice", "bob"]);
    let certificate = fs::read_to_string(lab.certificate()).unwrap();
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(!certificate.contains("PRIVATE"));
}

#[test]
fn it_warns_where_others_can_reach_it() {
    let lab = Lab::with("aap", &["--listen-http", "0.0.0.0:0"]);
    assert!(lab.errors().contains("everybody who reaches"), "{}", lab.errors());
    assert!(!Lab::start("aap").errors().contains("everybody"));
}

#[test]
fn what_does_not_fit_is_refused_before_anything_starts() {
    let wrong: [&[&str]; 8] = [
        &[],
        &["vcenter"],
        &["awx", "--release", "20.12"],
        &["catalyst", "--release", "soon"],
        &["aap", "--fault", "flood"],
        &["aap", "--fault", "cutx0"],
        &["aap", "--sessions-max", "0"],
        &["aap", "--idle", "never"],
    ];
    for arguments in wrong {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {output:?}");
    }
    for arguments in [["awx", "--session-life", "10m"], ["aap", "--idle", "10m"]] {
        let output = run(&[arguments[0], arguments[1], arguments[2], "--listen", "127.0.0.1:0"]);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("use --"), "{output:?}");
    }
}
