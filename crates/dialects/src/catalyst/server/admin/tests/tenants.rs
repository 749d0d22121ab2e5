//! Tenants: shown to providers, who change nothing of ours in a tenant's name.

use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, COOKIE};
use identity::model::tenant::Tenant;

use super::{Bed, Catalyst, Hand, error, json, value};

const ID: &str = "6c9bd4c4-2cd7-4ba0-9b1c-000000000007";

async fn bed_with_a_tenant() -> Bed {
    let mut bed = Bed::new().await;
    let authority = std::sync::Arc::get_mut(&mut bed.authority).unwrap();
    authority.tenants.push(Tenant {
        id: ID.to_owned(),
        name: "North".to_owned(),
        description: "The north".to_owned(),
        organization: "org-north".to_owned(),
        subdomain: "north.example.com".to_owned(),
    });
    bed
}

#[tokio::test]
async fn without_tenants_there_are_none_to_be_seen_or_entered() {
    let bed = Bed::new().await;
    for name in ["alice", "admin"] {
        let hand = Hand::of(&bed, name).await;
        assert_eq!(hand.get("tenant").await.1["data"], json!([]));
        let path = format!("tenant/{ID}/vsessionid");
        assert_eq!(error(&hand.post(&path, json!({})).await, 404), "TENT0001");
    }
}

#[tokio::test]
async fn providers_see_and_enter_tenants_and_others_do_not() {
    let bed = bed_with_a_tenant().await;
    let admin = Hand::of(&bed, "admin").await;
    let wanted = json!([{
        "tenantId": ID, "name": "North", "desc": "The north", "orgName": "org-north",
        "subDomain": "north.example.com",
    }]);
    assert_eq!(admin.get("tenant").await.1["data"], wanted);
    let path = format!("tenant/{ID}/vsessionid");
    let told = json!({ "VSessionId": "NmM5YmQ0YzQtMmNkNy00YmEwLTliMWMtMDAwMDAwMDAwMDA3" });
    assert_eq!(admin.post(&path, json!({})).await, (200, told.clone()));
    assert_eq!(admin.post(&path, serde_json::Value::Null).await, (200, told), "without a body too");
    assert_eq!(error(&admin.post("tenant/none/vsessionid", json!({})).await, 404), "TENT0001");
    let alice = Hand::of(&bed, "alice").await;
    error(&alice.get("tenant").await, 403);
    error(&alice.post(&path, json!({})).await, 403);
}

#[tokio::test]
async fn nothing_of_the_installation_is_changed_in_the_name_of_a_tenant() {
    let bed = bed_with_a_tenant().await;
    let admin = Hand::of(&bed, "admin").await;
    let (_, entered) = admin.post(&format!("tenant/{ID}/vsessionid"), json!({})).await;
    let request = |method: &str, path: &str, body: &'static str| {
        Request::builder()
            .method(method)
            .uri(format!("/dataservice/{path}"))
            .header(COOKIE, format!("JSESSIONID={}", admin.secret))
            .header("x-xsrf-token", &admin.csrf)
            .header("vsessionid", entered["VSessionId"].as_str().unwrap())
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
    };
    let looked = bed.send(&Catalyst, request("GET", "admin/user", "")).await;
    assert_eq!(looked.status(), 200);
    for (method, path, body) in [
        ("PUT", "admin/user/alice", "{\"group\":[\"netadmin\"]}"),
        ("PUT", "settings/configuration/maxSessionsPerUser", "{\"maxSessionsPerUser\":1}"),
        ("DELETE", "admin/user/alice", ""),
    ] {
        let answer = bed.send(&Catalyst, request(method, path, body)).await;
        error(&(answer.status().as_u16(), value(&answer)), 403);
    }
}
