//! Several changes at once, and the texts that contracts keep with users and teams.

use identity::model::entry::Operation;
use identity::model::object::{AssignmentId, Noun, Object, OrganizationId, StableId, UserId};
use identity::model::query::Sight;
use identity::model::role::{ManagedRole, UserAssignment};
use identity::model::team::Team;
use identity::model::user::User;
use identity::port::{AccountStore as _, Batch, Change, Conflict, References, Store as _, StoreError, Trail};

use super::{Bench, at, bench, entry, everything, hash, organization, team, trail, user};

type Applied = Result<Option<(Object, References)>, StoreError>;

fn conflict(result: Applied) -> Conflict {
    match result {
        Err(StoreError::Conflict(conflict)) => conflict,
        other => panic!("no conflict but {other:?}"),
    }
}

fn making(object: Object) -> Change {
    Change::Create(object, None)
}

fn updating(before: &User, after: User) -> Change {
    let (before, after) = (Object::User(before.clone()), Object::User(after));
    Change::Update { before, after, password: None, keep_session: None }
}

fn giving(role: ManagedRole, user: UserId, object_id: Option<i64>) -> Change {
    making(Object::UserAssignment(UserAssignment {
        id: AssignmentId::NEW,
        role,
        user,
        user_stable_id: StableId(String::new()),
        object_id,
        object_stable_id: None,
        created_at: at(1),
        created_by: None,
    }))
}

/// Entries that tell of a user's role on the organization, as those who write them do.
fn told(user: UserId) -> Trail {
    let mut told = entry(Operation::Associate, Noun::Organization);
    told.object_id = "1".to_owned();
    told.related_noun = Some(Noun::User);
    told.related_id = Some(user.to_string());
    Trail { entries: vec![told], ..trail(5) }
}

impl Bench {
    async fn apply_all(&self, changes: Vec<(Change, Trail)>, annex: Option<&str>) -> Applied {
        self.store.apply_all(Batch { changes, annex: annex.map(str::to_owned) }).await
    }

    /// Keeps a text with a user, which nothing else of the user changes for.
    async fn keep(&self, before: &User, annex: Option<&str>) -> User {
        let changes = vec![(updating(before, before.clone()), trail(2))];
        match self.apply_all(changes, annex).await.unwrap() {
            Some((Object::User(after), _)) => after,
            other => panic!("no user but {other:?}"),
        }
    }

    async fn annex(&self, noun: Noun, id: i64) -> Option<String> {
        self.store.find_annexes(noun, vec![id]).await.unwrap().remove(&id)
    }

    async fn count(&self, noun: Noun) -> usize {
        self.page(noun, &everything(), Sight::All).await.objects.len()
    }
}

#[tokio::test]
async fn a_user_is_made_with_its_roles_and_its_annex() {
    let bench = bench().await;
    let ops = bench.team("ops", OrganizationId(1)).await;
    let changes = vec![
        (
            Change::Create(Object::User(user("anna")), Some(hash("hash"))),
            Trail { entries: vec![entry(Operation::Create, Noun::User)], ..trail(5) },
        ),
        (giving(ManagedRole::PlatformAuditor, UserId::NEW, None), trail(5)),
        (giving(ManagedRole::TeamMember, UserId::NEW, Some(ops.id.0)), trail(5)),
        (giving(ManagedRole::OrganizationMember, UserId::NEW, Some(1)), told(UserId::NEW)),
    ];
    let (object, references) = bench.apply_all(changes, Some("kept")).await.unwrap().unwrap();
    let Object::User(anna) = object else { panic!("not the object of the first change") };
    assert_eq!(anna.username, "anna");
    assert_eq!(references.auditors, [anna.id], "the object is shown with what came after it");
    let subject = bench.store.find_subject(anna.id).await.unwrap().unwrap();
    assert!(subject.is_auditor);
    assert_eq!(subject.teams.iter().map(|it| it.team.id).collect::<Vec<_>>(), [ops.id]);
    assert_eq!(subject.organizations.iter().map(|it| it.id).collect::<Vec<_>>(), [OrganizationId(1)]);
    assert_eq!(bench.annex(Noun::User, anna.id.0).await.as_deref(), Some("kept"));
    // The entries name the user that was not there when they were written.
    let page = bench.page(Noun::Entry, &everything(), Sight::All).await;
    let [Object::Entry(first), Object::Entry(second)] = &page.objects[..] else { panic!("{page:?}") };
    assert_eq!((first.noun, first.object_id.clone()), (Noun::User, anna.id.to_string()));
    assert_eq!(second.related_id, Some(anna.id.to_string()));
}

#[tokio::test]
async fn a_role_of_somebody_else_stays_somebody_elses() {
    let bench = bench().await;
    let bert = bench.user("bert").await;
    let changes = vec![
        (making(Object::User(user("anna"))), trail(5)),
        (giving(ManagedRole::PlatformAuditor, bert.id, None), told(bert.id)),
    ];
    let (anna, _) = bench.apply_all(changes, None).await.unwrap().unwrap();
    assert!(!bench.store.find_subject(UserId(anna.id())).await.unwrap().unwrap().is_auditor);
    assert!(bench.store.find_subject(bert.id).await.unwrap().unwrap().is_auditor);
    let page = bench.page(Noun::Entry, &everything(), Sight::All).await;
    let [Object::Entry(told)] = &page.objects[..] else { panic!("{page:?}") };
    assert_eq!(told.related_id, Some(bert.id.to_string()));
    // Without a user that is made there is nobody whose role it could be.
    let red = Object::Organization(organization("Red"));
    let changes =
        vec![(making(red), trail(5)), (giving(ManagedRole::PlatformAuditor, UserId::NEW, None), trail(5))];
    assert_eq!(conflict(bench.apply_all(changes, None).await), Conflict::Dangling);
}

#[tokio::test]
async fn when_one_change_fails_none_is_left() {
    let bench = bench().await;
    let anna = bench.keep(&bench.user("anna").await, Some("old")).await;
    let before = (bench.count(Noun::User).await, bench.count(Noun::UserAssignment).await);
    let entries = || Trail { entries: vec![entry(Operation::Create, Noun::User)], ..trail(5) };

    // Made, and then given a role on a team that is not there.
    let made = (Change::Create(Object::User(user("carl")), Some(hash("hash"))), entries());
    let dangling = (giving(ManagedRole::TeamMember, UserId::NEW, Some(99)), entries());
    let auditor = (giving(ManagedRole::PlatformAuditor, UserId::NEW, None), entries());
    let changes = vec![made, auditor, dangling];
    assert_eq!(conflict(bench.apply_all(changes, Some("new")).await), Conflict::Dangling);
    assert!(bench.store.find_credential("carl").await.unwrap().is_none());

    // Changed, and then given the same role twice.
    let mut after = anna.clone();
    after.username = "anne".to_owned();
    let auditor = || (giving(ManagedRole::PlatformAuditor, anna.id, None), entries());
    let changes = vec![(updating(&anna, after.clone()), entries()), auditor(), auditor()];
    assert_eq!(conflict(bench.apply_all(changes, Some("new")).await), Conflict::Duplicate);

    // The first change fails, and what comes after it is not begun.
    let taken = (making(Object::User(user("anna"))), entries());
    let changes = vec![taken, (making(Object::User(user("dora"))), entries())];
    assert_eq!(conflict(bench.apply_all(changes, None).await), Conflict::Duplicate);

    assert_eq!((bench.count(Noun::User).await, bench.count(Noun::UserAssignment).await), before);
    assert_eq!(bench.count(Noun::Entry).await, 0, "no trail tells of what did not happen");
    let subject = bench.store.find_subject(anna.id).await.unwrap().unwrap();
    assert_eq!((subject.user.username.as_str(), subject.is_auditor), ("anna", false));
    assert_eq!(bench.annex(Noun::User, anna.id.0).await.as_deref(), Some("old"));
    assert!(bench.store.find_annexes(Noun::User, (1..50).collect()).await.unwrap().len() == 1);

    // What was not changed is not stale either.
    bench.apply_all(vec![(updating(&anna, after), trail(6))], None).await.unwrap();
}

#[tokio::test]
async fn an_annex_that_cannot_be_kept_undoes_its_change() {
    let bench = bench().await;
    let red = Object::Organization(organization("Red"));
    let refused = bench.apply_all(vec![(making(red), trail(5))], Some("kept")).await;
    assert_eq!(conflict(refused), Conflict::Dangling);
    assert_eq!(bench.count(Noun::Organization).await, 1);
    // What is gone has nothing to keep it with, and an empty batch changes nothing.
    let anna = bench.user("anna").await;
    let removed = bench.apply_all(vec![(Change::Delete(Object::User(anna)), trail(5))], Some("kept")).await;
    assert!(removed.unwrap().is_none());
    assert!(bench.apply_all(Vec::new(), Some("kept")).await.unwrap().is_none());
    assert!(bench.store.find_annexes(Noun::User, (1..50).collect()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_annex_of_a_user_is_kept_replaced_and_removed_with_it() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    assert_eq!(bench.annex(Noun::User, anna.id.0).await, None);
    let anna = bench.keep(&anna, Some("{\"one\": 1}")).await;
    bench.keep(&bert, Some("")).await;
    assert_eq!(bench.annex(Noun::User, bert.id.0).await.as_deref(), Some(""), "nothing is a text too");
    let anna = bench.keep(&anna, None).await;
    assert_eq!(bench.annex(Noun::User, anna.id.0).await.as_deref(), Some("{\"one\": 1}"));
    // It is no text of ours: it comes back byte for byte.
    let odd = "'; DROP TABLE user_annexes; -- \u{1f980} \n not JSON";
    let anna = bench.keep(&anna, Some(odd)).await;
    assert_eq!(bench.annex(Noun::User, anna.id.0).await.as_deref(), Some(odd));
    // A change at a door that knows nothing of it leaves it where it is.
    let mut renamed = anna.clone();
    renamed.username = "anne".to_owned();
    let change = updating(&anna, renamed);
    let Some((Object::User(renamed), _)) = bench.store.apply(change, trail(7)).await.unwrap() else {
        panic!()
    };
    assert_eq!(bench.annex(Noun::User, renamed.id.0).await.as_deref(), Some(odd));

    bench.delete(Object::User(renamed.clone())).await;
    let left = bench.store.find_annexes(Noun::User, vec![renamed.id.0, bert.id.0]).await.unwrap();
    assert_eq!(left.into_keys().collect::<Vec<_>>(), [bert.id.0]);
    // Who is made next does not inherit it.
    let next = bench.user("anne").await;
    assert_eq!(bench.annex(Noun::User, next.id.0).await, None);
}

#[tokio::test]
async fn the_annex_of_a_team_goes_with_it_and_with_its_organization() {
    let bench = bench().await;
    let red = bench.organization("Red").await;
    let mut teams: Vec<Team> = Vec::new();
    for (name, annex) in [("ops", Some("first")), ("dev", Some("second")), ("lab", None)] {
        let made = making(Object::Team(team(name, red.id)));
        let made = bench.apply_all(vec![(made, trail(3))], annex).await.unwrap();
        let Some((Object::Team(made), _)) = made else { panic!("no team but {made:?}") };
        teams.push(made);
    }
    let ids: Vec<i64> = teams.iter().map(|it| it.id.0).collect();
    let found = bench.store.find_annexes(Noun::Team, ids.clone()).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[&ids[0]].as_str(), found[&ids[1]].as_str()), ("first", "second"));
    // Users and teams have numbers of their own.
    assert!(bench.store.find_annexes(Noun::User, ids.clone()).await.unwrap().is_empty());
    bench.delete(Object::Team(teams[0].clone())).await;
    assert_eq!(bench.store.find_annexes(Noun::Team, ids.clone()).await.unwrap().len(), 1);
    bench.delete(Object::Organization(red)).await;
    assert!(bench.store.find_annexes(Noun::Team, ids).await.unwrap().is_empty());
}

#[tokio::test]
async fn annexes_are_found_for_many_and_of_nothing_else() {
    let bench = bench().await;
    let anna = bench.keep(&bench.user("anna").await, Some("hers")).await;
    let large = "x".repeat(128 * 1024);
    let bert = bench.keep(&bench.user("bert").await, Some(&large)).await;
    assert!(bench.store.find_annexes(Noun::User, Vec::new()).await.unwrap().is_empty());
    // As many as a listing has, also those that are nobody's, also twice.
    let mut ids: Vec<i64> = (-5_000..5_000).collect();
    ids.extend([anna.id.0, i64::MIN, i64::MAX]);
    let found = bench.store.find_annexes(Noun::User, ids).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[&anna.id.0].as_str(), &found[&bert.id.0]), ("hers", &large));
    let wrong = bench.store.find_annexes(Noun::Organization, vec![1]).await;
    assert!(wrong.is_err(), "an organization has none");
}

#[tokio::test]
async fn the_memory_is_told_of_every_change_and_of_none_that_failed() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    for id in [anna.id, bert.id] {
        bench.store.find_subject(id).await.unwrap();
    }
    let mut after = anna.clone();
    after.first_name = "Anne".to_owned();
    let auditor = |id| (giving(ManagedRole::PlatformAuditor, id, None), trail(5));
    let failing = vec![(updating(&anna, after.clone()), trail(5)), auditor(anna.id), auditor(anna.id)];
    assert_eq!(conflict(bench.apply_all(failing, None).await), Conflict::Duplicate);
    let kept = bench.store.recall_subject(anna.id).expect("what did not change is still known");
    assert_eq!((kept.user.first_name.as_str(), kept.is_auditor), ("First", false));

    // The second change is told of as well as the first.
    let changes = vec![(updating(&anna, after), trail(5)), auditor(bert.id)];
    bench.apply_all(changes, None).await.unwrap();
    assert!(bench.store.recall_subject(anna.id).is_none());
    assert!(bench.store.recall_subject(bert.id).is_none());
    let anna = bench.store.find_subject(anna.id).await.unwrap().unwrap();
    assert_eq!((anna.user.first_name.as_str(), anna.is_auditor), ("Anne", false));
    assert!(bench.store.find_subject(bert.id).await.unwrap().unwrap().is_auditor);
}

#[tokio::test]
async fn the_last_administrator_stays_whatever_else_is_changed() {
    let bench = bench().await;
    let (first, second) = (bench.superuser("first").await, bench.superuser("second").await);
    let demoted = |it: &User| {
        let after = User { is_superuser: false, ..it.clone() };
        (updating(it, after), trail(5))
    };
    // One may go, both together may not: then neither does.
    let refused = bench.apply_all(vec![demoted(&first), demoted(&second)], Some("kept")).await;
    assert_eq!(conflict(refused), Conflict::LastAdministrator);
    for it in [&first, &second] {
        assert!(bench.store.find_subject(it.id).await.unwrap().unwrap().user.is_superuser);
        assert_eq!(bench.annex(Noun::User, it.id.0).await, None);
    }
    bench.apply_all(vec![demoted(&first)], None).await.unwrap();
    let auditor = (giving(ManagedRole::PlatformAuditor, second.id, None), trail(5));
    let refused = bench.apply_all(vec![demoted(&second), auditor], None).await;
    assert_eq!(conflict(refused), Conflict::LastAdministrator);
    let gone = (Change::Delete(Object::User(second.clone())), trail(5));
    assert_eq!(conflict(bench.apply_all(vec![gone], None).await), Conflict::LastAdministrator);
    let subject = bench.store.find_subject(second.id).await.unwrap().unwrap();
    assert!(subject.user.is_superuser && !subject.is_auditor);
}
