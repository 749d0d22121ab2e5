//! Claims against vectors that the component library itself has computed.

use identity::model::claims::Claims;
use identity::model::object::StableId;
use identity::model::role::ManagedRole;

use crate::platform::claims::{hash, to_json};

const FIRST: &str = "00000000-0000-4000-8000-00000000000b";
const SECOND: &str = "00000000-0000-4000-8000-00000000000a";
const TEAM: &str = "ffffffff-0000-4000-8000-000000000001";
const OTHER_TEAM: &str = "11111111-0000-4000-8000-000000000002";

fn id(text: &str) -> StableId {
    StableId(text.to_owned())
}

fn claims() -> Claims {
    Claims {
        organizations: vec![(id(FIRST), "Öps".to_owned()), (id(SECOND), "Dev".to_owned())],
        teams: vec![(id(TEAM), "t".to_owned(), 0), (id(OTHER_TEAM), "u".to_owned(), 1)],
        object_roles: vec![
            (ManagedRole::TeamMember, vec![0, 1]),
            (ManagedRole::OrganizationMember, vec![0, 1]),
            (ManagedRole::OrganizationAdmin, vec![1]),
        ],
        global_roles: vec![ManagedRole::PlatformAuditor],
    }
}

#[test]
fn hashes_are_the_component_librarys() {
    let nothing = Claims::default();
    assert_eq!(hash(&nothing), "7187a6e9448189596eb4208744d80e066f71768501d83f072a4ecb91419796b0");
    let auditor = Claims { global_roles: vec![ManagedRole::PlatformAuditor], ..Claims::default() };
    assert_eq!(hash(&auditor), "63967f583e98179ce22b007ee7396aa81176653992d894e7ded9706d3313379d");
    assert_eq!(hash(&claims()), "83ab1f18e7533b01ef0a1be34decc808f96b5fd475415ea50b4479cb222a9992");
}

#[test]
fn hashes_depend_on_no_order_and_no_name() {
    let mut other = claims();
    other.object_roles.reverse();
    other.object_roles[1].1.reverse();
    "renamed".clone_into(&mut other.organizations[0].1);
    assert_eq!(hash(&other), hash(&claims()));
    other.object_roles[0].1.pop();
    assert_ne!(hash(&other), hash(&claims()));
}

#[test]
fn claims_have_the_contracts_shape() {
    let text = serde_json::to_string(&to_json(&claims())).unwrap();
    let objects = format!(
        "\"objects\":{{\"organization\":[{{\"ansible_id\":\"{FIRST}\",\"name\":\"Öps\"}},\
         {{\"ansible_id\":\"{SECOND}\",\"name\":\"Dev\"}}],\"team\":[{{\"ansible_id\":\"{TEAM}\",\
         \"name\":\"t\",\"org\":0}},{{\"ansible_id\":\"{OTHER_TEAM}\",\"name\":\"u\",\"org\":1}}]}}"
    );
    let roles = "\"object_roles\":{\"Team Member\":{\"content_type\":\"team\",\"objects\":[0,1]},\
                 \"Organization Member\":{\"content_type\":\"organization\",\"objects\":[0,1]},\
                 \"Organization Admin\":{\"content_type\":\"organization\",\"objects\":[1]}}";
    assert_eq!(text, format!("{{{objects},{roles},\"global_roles\":[\"Platform Auditor\"]}}"));
}
