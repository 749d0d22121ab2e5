//! Saved logins: who may read them, what a crash leaves, and many at once.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use bytes::Bytes;
use dialects::{Application, Method};
use http::Request;
use identity::model::portal::Portal;
use identity::model::proof::Proof;
use identity::model::secret::Secret;

use super::stub::Stub;
use super::{Folder, Noon, Server, answer, holding, now, transport};
use crate::saved::folder;
use crate::{Caller, Name, Place, Profile, ProfileKeeper, Profiles, SavedError};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn profile(base: &str, token: &str) -> Profile {
    let mut held = holding(base, token, Some("renewing-secret"));
    held.expires_at = Some(now());
    held.tenant = Some(("acme".to_owned(), Secret::new("tenant-secret")));
    held.application = Some(Application { id: "app".to_owned(), secret: Some(Secret::new("app-secret")) });
    held.portal = Some(Portal::Developer);
    held.csrf = Some(Secret::new("csrf-secret"));
    held.method = Method::Token;
    Profile {
        base: base.to_owned(),
        platform: "awx".to_owned(),
        product: Some("AWX".to_owned()),
        username: "ann".to_owned(),
        method: Method::Token,
        tenant: Some("acme".to_owned()),
        portal: Some(Portal::Developer),
        ca: Some("/etc/ca.pem".into()),
        is_insecure: false,
        place: Place::File,
        keeps_password: false,
        holding: Some(held),
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

const BASE: &str = "https://host.example:8443";

#[test]
fn a_profile_comes_back_whole_and_only_its_user_can_read_it() {
    let folder = Folder::new("whole");
    let profiles = Profiles::open(folder.0.join("deep/er")).unwrap();
    profiles.save(&name("work"), &profile(BASE, "the-token")).unwrap();
    let back = profiles.get(&name("work")).unwrap();
    let held = back.holding.clone().unwrap();
    assert!(matches!(&held.proof, Proof::Bearer(it) if it.expose() == "the-token"));
    assert_eq!(held.renewal.unwrap().expose(), "renewing-secret");
    assert_eq!(held.csrf.unwrap().expose(), "csrf-secret");
    assert_eq!(held.tenant.unwrap().1.expose(), "tenant-secret");
    assert_eq!(held.application.unwrap().secret.unwrap().expose(), "app-secret");
    assert_eq!((held.expires_at, held.portal), (Some(now()), Some(Portal::Developer)));
    assert_eq!((back.platform.as_str(), back.base.as_str()), ("awx", BASE));
    assert_eq!(mode(profiles.path()), 0o700);
    assert_eq!(mode(&profiles.path().join("work.json")), 0o600);
    assert_eq!(mode(&profiles.path().join("work.lock")), 0o600);
    assert!(!format!("{:?}", profiles.get(&name("work")).unwrap()).contains("the-token"));
}

#[test]
fn a_session_keeps_its_csrf_token() {
    let folder = Folder::new("session");
    let profiles = Profiles::open(&folder.0).unwrap();
    let mut profile = profile(BASE, "unused");
    let proof = Proof::Session { secret: Secret::new("s"), csrf: Some(Secret::new("c")) };
    profile.holding = profile.holding.map(|it| dialects::Holding {
        proof,
        cookie: Some("my_session".to_owned()),
        csrf: None,
        ..it
    });
    profiles.save(&name("a"), &profile).unwrap();
    let held = profiles.get(&name("a")).unwrap().holding.unwrap();
    let Proof::Session { secret, csrf } = &held.proof else { panic!("a session was expected") };
    assert_eq!((secret.expose(), csrf.as_ref().unwrap().expose()), ("s", "c"));
    assert!(held.csrf.is_none());
    assert_eq!(held.cookie.as_deref(), Some("my_session"), "the cookie's name goes with it");
}

#[test]
fn a_password_is_kept_only_where_the_user_wants_it() {
    let folder = Folder::new("password");
    let profiles = Profiles::open(&folder.0).unwrap();
    let mut profile = profile(BASE, "unused");
    profile.method = Method::Basic;
    let proof = Proof::Password { username: "ann".to_owned(), password: Secret::new("hunter2") };
    profile.holding = profile.holding.map(|it| dialects::Holding { proof, ..it });
    profiles.save(&name("a"), &profile).unwrap();
    let text = std::fs::read_to_string(profiles.path().join("a.json")).unwrap();
    assert!(!text.contains("hunter2"));
    assert!(profiles.get(&name("a")).unwrap().holding.is_none());
    profile.keeps_password = true;
    profiles.save(&name("a"), &profile).unwrap();
    let held = profiles.get(&name("a")).unwrap().holding.unwrap();
    assert!(matches!(&held.proof, Proof::Password { password, .. } if password.expose() == "hunter2"));
}

#[test]
fn what_others_can_read_or_change_is_refused_with_what_to_do() {
    let folder = Folder::new("unsafe");
    let profiles = Profiles::open(&folder.0).unwrap();
    profiles.save(&name("a"), &profile(BASE, "token")).unwrap();
    let file = profiles.path().join("a.json");
    set_mode(&file, 0o640);
    let error = profiles.get(&name("a")).unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
    set_mode(&file, 0o600);
    set_mode(&folder.0, 0o770);
    let error = Profiles::open(&folder.0).unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
    set_mode(&folder.0, 0o700);
    symlink(&file, profiles.path().join("b.json")).unwrap();
    assert!(matches!(profiles.get(&name("b")), Err(SavedError::Unsafe { .. })));
    let link = folder.0.with_extension("link");
    let _ = std::fs::remove_file(&link);
    symlink(&folder.0, &link).unwrap();
    assert!(matches!(Profiles::open(&link), Err(SavedError::Unsafe { .. })));
    std::fs::remove_file(&link).unwrap();
}

#[test]
fn what_a_killed_writer_has_left_is_not_read_and_not_in_the_way() {
    let folder = Folder::new("killed");
    let profiles = Profiles::open(&folder.0).unwrap();
    profiles.save(&name("a"), &profile(BASE, "first")).unwrap();
    std::fs::write(profiles.path().join(".a.json.new"), "{\"version\":1,\"ba").unwrap();
    assert_eq!(profiles.list().unwrap(), [name("a")]);
    assert!(profiles.get(&name("a")).unwrap().holding.is_some());
    profiles.save(&name("a"), &profile(BASE, "second")).unwrap();
    let held = profiles.get(&name("a")).unwrap().holding.unwrap();
    assert!(matches!(&held.proof, Proof::Bearer(it) if it.expose() == "second"));
    assert!(!profiles.path().join(".a.json.new").exists());
}

#[test]
fn a_damaged_or_newer_file_is_an_error_without_what_is_in_it() {
    let folder = Folder::new("damaged");
    let profiles = Profiles::open(&folder.0).unwrap();
    profiles.save(&name("a"), &profile(BASE, "hunter2")).unwrap();
    let file = profiles.path().join("a.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"version\": 1", "\"version\": 2")).unwrap();
    assert!(matches!(profiles.get(&name("a")), Err(SavedError::Version { version: 2, .. })));
    for damaged in [&text[..text.len() / 2], "", "[]", &text.replace("\"bearer\"", "\"barer\"")] {
        std::fs::write(&file, damaged).unwrap();
        let error = profiles.get(&name("a")).unwrap_err();
        assert!(matches!(error, SavedError::Damaged { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    std::fs::write(&file, "x".repeat(300_000)).unwrap();
    assert!(matches!(profiles.get(&name("a")), Err(SavedError::Damaged { .. })));
    assert!(profiles.remove(&name("a")).unwrap());
}

#[test]
fn names_are_names_and_no_paths() {
    for text in ["", ".", "..", "-x", ".hidden", "a/b", "a b", "ä", &"x".repeat(65)] {
        assert!(Name::parse(text).is_err(), "{text}");
    }
    assert!(Name::parse("prod-1.eu_west").is_ok());
}

#[test]
fn one_profile_is_the_current_one() {
    let folder = Folder::new("current");
    let profiles = Profiles::open(&folder.0).unwrap();
    assert_eq!(profiles.named_or_current(None).unwrap().as_str(), "default");
    assert!(matches!(profiles.choose(&name("a")), Err(SavedError::Absent(_))));
    profiles.save(&name("a"), &profile(BASE, "t")).unwrap();
    profiles.save(&name("b"), &profile(BASE, "t")).unwrap();
    profiles.choose(&name("b")).unwrap();
    assert_eq!(profiles.named_or_current(None).unwrap(), name("b"));
    assert_eq!(profiles.named_or_current(Some("a")).unwrap(), name("a"));
    assert_eq!(profiles.list().unwrap(), [name("a"), name("b")]);
    std::fs::write(profiles.path().join("current"), "../b\n").unwrap();
    assert_eq!(profiles.current().unwrap(), None);
    profiles.choose(&name("b")).unwrap();
    assert!(profiles.remove(&name("b")).unwrap());
    assert!(!profiles.remove(&name("b")).unwrap());
    assert_eq!(profiles.current().unwrap(), None);
}

#[test]
fn the_folder_is_where_the_environment_says() {
    let at = |set: &[(&str, &str)]| {
        folder(|name| set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).into())).ok()
    };
    let here = at(&[("PORTCULLIS_STATE_DIR", "/p"), ("XDG_STATE_HOME", "/x"), ("HOME", "/h")]);
    assert_eq!(here.unwrap(), Path::new("/p"));
    assert_eq!(at(&[]), None);
    if cfg!(target_os = "linux") {
        assert_eq!(at(&[("XDG_STATE_HOME", "/x"), ("HOME", "/h")]).unwrap(), Path::new("/x/portcullis"));
        let relative = at(&[("XDG_STATE_HOME", "x"), ("HOME", "/h")]).unwrap();
        assert_eq!(relative, Path::new("/h/.local/state/portcullis"));
    }
}

#[test]
fn writers_wait_for_each_other() {
    let folder = Folder::new("writers");
    let profiles = Profiles::open(&folder.0).unwrap();
    let mut first = profile(BASE, "t");
    first.username = "0".to_owned();
    profiles.save(&name("a"), &first).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let lock = profiles.lock(&name("a")).unwrap();
                let mut profile = lock.find().unwrap().unwrap();
                profile.username = (profile.username.parse::<u32>().unwrap() + 1).to_string();
                lock.save(&profile).unwrap();
            });
        }
    });
    assert_eq!(profiles.get(&name("a")).unwrap().username, "8");
}

#[test]
fn of_many_callers_one_renews_and_the_others_take_what_it_won() {
    let folder = Folder::new("renewals");
    let profiles = Profiles::open(&folder.0).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let renewals = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&renewals);
    let server = runtime.block_on(Server::start(move |asked| {
        if asked.starts_with("POST /renew") {
            counted.fetch_add(1, Ordering::SeqCst);
            return answer("200 OK", "", "new");
        }
        let status = if asked.contains("Bearer new") { "200 OK" } else { "401 No" };
        answer(status, "", "")
    }));
    profiles.save(&name("a"), &profile(&server.base, "old")).unwrap();
    let barrier = Barrier::new(6);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let mut held = profiles.get(&name("a")).unwrap().holding.unwrap();
                    held.expires_at = None;
                    let (transport, keeper) =
                        (transport(), ProfileKeeper::new(profiles.clone(), name("a"), None));
                    let mut caller = Caller::new(&Stub, &transport, held, &keeper, &Noon).unwrap();
                    barrier.wait();
                    let request = Request::get("/data").body(Bytes::new()).unwrap();
                    assert_eq!(caller.fetch(request).await.unwrap().status(), 200);
                });
            });
        }
    });
    assert_eq!(renewals.load(Ordering::SeqCst), 1);
    let held = profiles.get(&name("a")).unwrap().holding.unwrap();
    assert!(matches!(&held.proof, Proof::Bearer(it) if it.expose() == "new"));
}

#[cfg(not(feature = "keyring"))]
#[test]
fn without_a_keyring_nothing_goes_to_the_file_in_its_place() {
    let folder = Folder::new("no-keyring");
    let profiles = Profiles::open(&folder.0).unwrap();
    let mut profile = profile(BASE, "token");
    profile.place = Place::Keyring;
    assert!(matches!(profiles.save(&name("a"), &profile), Err(SavedError::Keyring(_))));
    assert!(profiles.find(&name("a")).unwrap().is_none());
}

/// Machines without a keyring exist too: there it must be an error, and in neither case may the file have it.
#[cfg(feature = "keyring")]
#[test]
fn a_secret_in_the_keyring_is_not_in_the_file() {
    let folder = Folder::new("keyring");
    let profiles = Profiles::open(&folder.0).unwrap();
    let mut profile = profile(BASE, "the-token");
    profile.place = Place::Keyring;
    match profiles.save(&name("a"), &profile) {
        Ok(()) => {
            let held = profiles.get(&name("a")).unwrap().holding.unwrap();
            assert!(matches!(&held.proof, Proof::Bearer(it) if it.expose() == "the-token"));
            let text = std::fs::read_to_string(profiles.path().join("a.json")).unwrap();
            assert!(!text.contains("the-token") && !text.contains("renewing-secret"));
            assert!(profiles.remove(&name("a")).unwrap());
        }
        Err(SavedError::Keyring(_)) => assert!(profiles.find(&name("a")).unwrap().is_none()),
        Err(error) => panic!("{error}"),
    }
}
