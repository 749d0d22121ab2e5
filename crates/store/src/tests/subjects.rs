//! Subjects: the roles of a user, its own and those of its teams, and how changes reach memory.

use identity::model::object::{Object, OrganizationId};
use identity::model::role::ManagedRole;
use identity::port::{Change, Store as _};

use super::{bench, trail};

#[tokio::test]
async fn roles_come_directly_and_through_teams() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let (red, blue) = (bench.organization("Red").await, bench.organization("Blue").await);
    let inner = bench.team("inner", red.id).await;
    let outer = bench.team("outer", blue.id).await;
    bench.give(ManagedRole::OrganizationMember, anna.id, Some(red.id.0)).await;
    bench.give(ManagedRole::TeamMember, anna.id, Some(inner.id.0)).await;
    // The inner team belongs to the outer one, and the outer one administers Blue.
    bench.give_team(ManagedRole::TeamMember, inner.id, outer.id.0).await;
    bench.give_team(ManagedRole::OrganizationAdmin, outer.id, blue.id.0).await;
    // A circle of teams ends.
    bench.give_team(ManagedRole::TeamMember, outer.id, inner.id.0).await;

    let subject = bench.store.find_subject(anna.id).await.unwrap().unwrap();
    let organizations: Vec<_> =
        subject.organizations.iter().map(|it| (it.id, it.is_member, it.is_admin)).collect();
    assert_eq!(organizations, [(red.id, true, false), (blue.id, false, true)]);
    let teams: Vec<_> = subject.teams.iter().map(|it| (it.team.id, it.organization)).collect();
    assert_eq!(teams, [(inner.id, red.id), (outer.id, blue.id)]);
    assert_eq!(subject.teams[1].organization_name, "Blue");
    assert!(!subject.is_auditor && subject.administers(blue.id) && !subject.administers(red.id));
}

#[tokio::test]
async fn a_change_of_roles_is_seen_at_once() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    assert!(!bench.store.find_subject(anna.id).await.unwrap().unwrap().is_auditor);
    assert!(bench.store.recall_subject(anna.id).is_some());
    let given = bench.give(ManagedRole::PlatformAuditor, anna.id, None).await;
    assert!(bench.store.recall_subject(anna.id).is_none());
    assert!(bench.store.find_subject(anna.id).await.unwrap().unwrap().is_auditor);
    bench.delete(Object::UserAssignment(given)).await;
    assert!(bench.store.recall_subject(anna.id).is_none());
    assert!(!bench.store.find_subject(anna.id).await.unwrap().unwrap().is_auditor);
}

#[tokio::test]
async fn new_names_of_organizations_are_seen_at_once() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    bench.give(ManagedRole::OrganizationMember, anna.id, Some(1)).await;
    let subject = bench.store.find_subject(anna.id).await.unwrap().unwrap();
    assert_eq!(subject.organizations[0].name, "Default");
    let found =
        bench.store.find(identity::model::object::Noun::Organization, 1, identity::model::query::Sight::All);
    let Some((Object::Organization(before), _)) = found.await.unwrap() else { panic!() };
    assert_eq!(before.id, OrganizationId(1));
    let mut after = before.clone();
    after.name = "Renamed".to_owned();
    let change = Change::Update {
        before: Object::Organization(before),
        after: Object::Organization(after),
        password: None,
        keep_session: None,
    };
    bench.store.apply(change, trail(3)).await.unwrap();
    let subject = bench.store.find_subject(anna.id).await.unwrap().unwrap();
    assert_eq!(subject.organizations[0].name, "Renamed");
}
