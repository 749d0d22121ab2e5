//! Lists: pages, sub-lists, references, and what somebody may see.

use identity::model::entry::{Entry, Operation};
use identity::model::object::{Noun, Object};
use identity::model::query::{Order, PageRequest, Query, Sight, TokenSort, Within};
use identity::model::role::ManagedRole;
use identity::model::{catalog, object::UserId};
use identity::port::{Store as _, Trail};

use super::{Bench, at, bench, entry, everything};

fn page(number: u64, size: u64) -> Query {
    Query { page: PageRequest { number, size }, ..Query::default() }
}

#[tokio::test]
async fn pages_are_counted_from_one_to_the_last() {
    let bench = bench().await;
    for name in ["a", "b", "c", "d"] {
        bench.organization(name).await;
    }
    let first = bench.page(Noun::Organization, &page(1, 2), Sight::All).await;
    assert_eq!((first.total, first.number, first.objects.len()), (Some(5), 1, 2));
    let last = bench.page(Noun::Organization, &page(PageRequest::LAST, 2), Sight::All).await;
    assert_eq!((last.number, last.objects.len()), (3, 1));
    for beyond in [0, 4, u64::MAX - 1] {
        let none = bench.store.list(Noun::Organization, &page(beyond, 2), Sight::All).await.unwrap();
        assert!(none.is_none(), "{beyond}");
    }
    let mut uncounted = page(3, 2);
    uncounted.is_count_disabled = true;
    assert_eq!(bench.page(Noun::Organization, &uncounted, Sight::All).await.total, None);
    uncounted.page.number = 4;
    assert!(bench.store.list(Noun::Organization, &uncounted, Sight::All).await.unwrap().is_none());
    let empty = bench.page(Noun::Team, &page(1, 2), Sight::All).await;
    assert_eq!((empty.total, empty.number, empty.objects.len()), (Some(0), 1, 0));
    let last = bench.page(Noun::Team, &page(PageRequest::LAST, 2), Sight::All).await;
    assert_eq!(last.number, 1);
}

#[tokio::test]
async fn the_order_is_the_one_asked_for() {
    let bench = bench().await;
    for name in ["b", "c", "a"] {
        bench.organization(name).await;
    }
    let field = catalog::entry(Noun::Organization).field("name").unwrap();
    let mut query = everything();
    query.order = vec![Order { field, is_descending: true }];
    assert_eq!(bench.ids(Noun::Organization, &query, Sight::All).await, [3, 2, 4, 1]);
    query.order = Vec::new();
    assert_eq!(bench.ids(Noun::Organization, &query, Sight::All).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn every_field_can_be_ordered_by() {
    let bench = bench().await;
    for noun in super::filters::NOUNS {
        for field in catalog::entry(noun).fields {
            for is_descending in [false, true] {
                let mut query = everything();
                query.order = vec![Order { field, is_descending }];
                bench.page(noun, &query, Sight::All).await;
            }
        }
    }
}

#[tokio::test]
async fn sub_lists_hold_what_belongs_to_the_parent() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await, bench.user("bert").await);
    let ops = bench.team("ops", identity::model::object::OrganizationId(1)).await;
    let portal = bench.application("portal", ops.organization).await;
    bench.give(ManagedRole::OrganizationAdmin, anna.id, Some(1)).await;
    bench.give(ManagedRole::TeamMember, bert.id, Some(ops.id.0)).await;
    let personal = bench.token("personal", anna.id, None).await;
    let authorized = bench.token("authorized", anna.id, Some(portal.id)).await;
    let cases = [
        (Noun::User, Within::Holding(ManagedRole::OrganizationAdmin, 1), vec![anna.id.0]),
        (Noun::User, Within::Holding(ManagedRole::OrganizationMember, 1), vec![]),
        (Noun::Organization, Within::OrganizationsOf(anna.id), vec![1]),
        (Noun::Team, Within::TeamsOf(bert.id), vec![ops.id.0]),
        (Noun::Team, Within::TeamsOf(anna.id), vec![]),
        (Noun::Team, Within::TeamsIn(1), vec![ops.id.0]),
        (Noun::Token, Within::TokensOf(anna.id, TokenSort::All), vec![personal.id.0, authorized.id.0]),
        (Noun::Token, Within::TokensOf(anna.id, TokenSort::Personal), vec![personal.id.0]),
        (Noun::Token, Within::TokensOf(anna.id, TokenSort::Authorized), vec![authorized.id.0]),
        (Noun::Token, Within::TokensFor(portal.id.0), vec![authorized.id.0]),
        (Noun::UserAssignment, Within::AssignmentsOf(2), vec![2]),
        (Noun::TeamAssignment, Within::AssignmentsOf(2), vec![]),
        (Noun::Authenticator, Within::AuthenticatorsOf(anna.id), vec![1]),
        (Noun::User, Within::UsersFrom(1), vec![anna.id.0, bert.id.0]),
    ];
    for (noun, within, expected) in cases {
        let mut query = everything();
        query.within = Some(within);
        assert_eq!(bench.ids(noun, &query, Sight::All).await, expected, "{within:?}");
    }
}

#[tokio::test]
async fn names_come_with_the_objects() {
    let bench = bench().await;
    let anna = bench.user("anna").await;
    let red = bench.organization("Red").await;
    let portal = bench.application("portal", red.id).await;
    bench.give(ManagedRole::PlatformAuditor, anna.id, None).await;
    for number in 0..12 {
        bench.token(&format!("token {number}"), anna.id, Some(portal.id)).await;
    }
    let applications = bench.page(Noun::Application, &everything(), Sight::All).await;
    let (total, first) = &applications.references.application_tokens[&portal.id];
    assert_eq!((*total, first.len(), first[0].1.as_str()), (12, 10, "write"));
    assert_eq!(applications.references.organizations[&red.id], "Red");
    let tokens = bench.page(Noun::Token, &everything(), Sight::All).await;
    assert_eq!(tokens.references.applications[&portal.id], "portal");
    assert_eq!(tokens.references.users[&anna.id].first_name, "First");
    let users = bench.page(Noun::User, &everything(), Sight::All).await;
    assert_eq!(users.references.auditors, [anna.id]);
    let given = bench.page(Noun::UserAssignment, &everything(), Sight::All).await;
    let [Object::UserAssignment(it)] = &given.objects[..] else { panic!() };
    assert_eq!(it.user_stable_id, anna.stable_id);
    assert_eq!(given.references.roles[&ManagedRole::PlatformAuditor.id()].0, "Platform Auditor");
    let built = bench.store.references(&given.objects).await.unwrap();
    assert_eq!(built.users[&anna.id].username, "anna");
}

/// Anna administers Red, Bert belongs to it, Carl belongs to nothing, Dora to Blue; Otto is a superuser.
struct World {
    bench: Bench,
    anna: UserId,
    bert: UserId,
    carl: UserId,
    dora: UserId,
    otto: UserId,
}

async fn world() -> World {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await.id, bench.user("bert").await.id);
    let (carl, dora) = (bench.user("carl").await.id, bench.user("dora").await.id);
    let otto = bench.superuser("otto").await.id;
    let (red, blue) = (bench.organization("Red").await, bench.organization("Blue").await);
    let (ops, sea) = (bench.team("ops", red.id).await, bench.team("sea", blue.id).await);
    let portal = bench.application("portal", red.id).await;
    let harbour = bench.application("harbour", blue.id).await;
    bench.give(ManagedRole::OrganizationAdmin, anna, Some(red.id.0)).await;
    bench.give(ManagedRole::OrganizationMember, bert, Some(red.id.0)).await;
    bench.give(ManagedRole::OrganizationMember, dora, Some(blue.id.0)).await;
    bench.give(ManagedRole::TeamMember, dora, Some(sea.id.0)).await;
    bench.give(ManagedRole::TeamMember, bert, Some(ops.id.0)).await;
    bench.token("of bert", bert, None).await;
    bench.token("of dora at the portal", dora, Some(portal.id)).await;
    bench.token("of dora at the harbour", dora, Some(harbour.id)).await;
    World { bench, anna, bert, carl, dora, otto }
}

#[tokio::test]
async fn everybody_sees_what_the_contract_lets_them_see() {
    let world = world().await;
    let see = async |noun, user| world.bench.ids(noun, &everything(), Sight::Of(user)).await;
    let (anna, bert, carl, dora, otto) =
        (world.anna.0, world.bert.0, world.carl.0, world.dora.0, world.otto.0);
    assert_eq!(see(Noun::User, world.anna).await, [anna, bert, otto]);
    assert_eq!(see(Noun::User, world.bert).await, [anna, bert, otto]);
    assert_eq!(see(Noun::User, world.carl).await, [carl, otto]);
    assert_eq!(see(Noun::User, world.dora).await, [dora, otto]);
    let all_users = world.bench.ids(Noun::User, &everything(), Sight::OfWithAllUsers(world.anna)).await;
    assert_eq!(all_users, [anna, bert, carl, dora, otto]);

    assert_eq!(see(Noun::Organization, world.anna).await, [2]);
    assert_eq!(see(Noun::Organization, world.carl).await, Vec::<i64>::new());
    assert_eq!(see(Noun::Team, world.anna).await, [1]);
    assert_eq!(see(Noun::Team, world.dora).await, [2]);
    assert_eq!(see(Noun::Token, world.anna).await, [2]);
    assert_eq!(see(Noun::Token, world.bert).await, [1]);
    assert_eq!(see(Noun::Token, world.dora).await, [2, 3]);
    assert_eq!(see(Noun::Application, world.anna).await, [1]);
    assert_eq!(see(Noun::Application, world.bert).await, Vec::<i64>::new());
    // Members read the applications of their organizations where the contract lets them.
    let members =
        async |user| world.bench.ids(Noun::Application, &everything(), Sight::OfWithApplications(user)).await;
    assert_eq!(members(world.anna).await, [1]);
    assert_eq!(members(world.bert).await, [1]);
    assert_eq!(members(world.carl).await, Vec::<i64>::new());
    let tokens = world.bench.ids(Noun::Token, &everything(), Sight::OfWithApplications(world.bert)).await;
    assert_eq!(tokens, [1]);
    assert_eq!(see(Noun::RoleDefinition, world.carl).await.len(), 5);
    assert_eq!(see(Noun::Authenticator, world.carl).await, [1]);
    assert_eq!(see(Noun::UserAssignment, world.anna).await, [1, 2, 5]);
    assert_eq!(see(Noun::UserAssignment, world.dora).await, [3, 4]);
}

#[tokio::test]
async fn one_object_is_found_only_by_those_who_may_see_it() {
    let world = world().await;
    let find = async |noun, id, sight| world.bench.store.find(noun, id, sight).await.unwrap();
    assert!(find(Noun::Token, 1, Sight::Of(world.bert)).await.is_some());
    assert!(find(Noun::Token, 1, Sight::Of(world.anna)).await.is_none());
    assert!(find(Noun::User, world.dora.0, Sight::Of(world.carl)).await.is_none());
    assert!(find(Noun::User, 2, Sight::All).await.is_none());
    assert!(find(Noun::Setting, 1, Sight::All).await.is_none());
    let (object, references) = find(Noun::Team, 1, Sight::All).await.unwrap();
    assert_eq!(object.id(), 1);
    assert_eq!(references.organizations.len(), 1);
}

#[tokio::test]
async fn membership_through_a_team_shows_and_is_seen() {
    let world = world().await;
    let carl = world.carl;
    // Carl joins the sea team, and the sea team belongs to Red.
    world.bench.give(ManagedRole::TeamMember, carl, Some(2)).await;
    world.bench.give_team(ManagedRole::OrganizationMember, identity::model::object::TeamId(2), 2).await;
    let seen = world.bench.ids(Noun::User, &everything(), Sight::Of(carl)).await;
    assert!(seen.contains(&world.anna.0) && seen.contains(&world.bert.0), "{seen:?}");
    let seen = world.bench.ids(Noun::User, &everything(), Sight::Of(world.bert)).await;
    assert!(seen.contains(&carl.0), "{seen:?}");
    assert_eq!(world.bench.ids(Noun::TeamAssignment, &everything(), Sight::Of(carl)).await, [1]);
}

#[tokio::test]
async fn the_activity_stream_shows_what_concerns_the_reader() {
    let bench = bench().await;
    let (anna, bert) = (bench.user("anna").await.id, bench.user("bert").await.id);
    let own = bench.token("secret", anna, None).await;
    let foreign = bench.token("other", bert, None).await;
    let about = |noun, id: i64| Entry { object_id: id.to_string(), ..entry(Operation::Update, noun) };
    let told = [
        (None, about(Noun::User, anna.0)),
        (None, about(Noun::User, bert.0)),
        (None, about(Noun::Token, own.id.0)),
        (None, about(Noun::Token, foreign.id.0)),
        (Some(anna), about(Noun::Organization, 1)),
        (Some(bert), about(Noun::Organization, 1)),
    ];
    for (by, entry) in told {
        let trail = Trail { at: at(3), by, entries: vec![entry] };
        bench.store.write_settings(Vec::new(), trail).await.unwrap();
    }
    assert_eq!(bench.ids(Noun::Entry, &everything(), Sight::Of(anna)).await, [1, 3, 5]);
    assert_eq!(bench.ids(Noun::Entry, &everything(), Sight::Of(bert)).await, [2, 4, 6]);
    assert_eq!(bench.ids(Noun::Entry, &everything(), Sight::All).await.len(), 6);
}
