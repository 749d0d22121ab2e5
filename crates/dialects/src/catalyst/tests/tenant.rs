//! Providers and the tenants that they act for (contract section A.9).

use std::sync::Arc;

use bytes::Bytes;
use http::header::COOKIE;
use http::{Request, Response, StatusCode};
use identity::model::tenant::Tenant;
use serde_json::Value;

use super::{json, signed_in};
use crate::bed::Bed;
use crate::catalyst::Catalyst;

const TENANT: &str = "1f2d";

async fn bed() -> Bed {
    let mut bed = Bed::new().await;
    let text = |it: &str| it.to_owned();
    Arc::get_mut(&mut bed.authority).unwrap().tenants = vec![Tenant {
        id: text(TENANT),
        name: text("One"),
        description: text("The first"),
        organization: text("one-org"),
        subdomain: text("one.example.com"),
    }];
    bed
}

async fn server(bed: &Bed, secret: &str, tenant: Option<&str>) -> Response<Bytes> {
    let mut request =
        Request::get("/dataservice/client/server").header(COOKIE, format!("JSESSIONID={secret}"));
    if let Some(tenant) = tenant {
        request = request.header("VSessionId", tenant);
    }
    bed.send(&Catalyst, request.body(Bytes::new()).unwrap()).await
}

/// How the server tells whoever asks what they are.
fn modes(answer: &Response<Bytes>) -> [Value; 5] {
    let data = &json(answer)["data"];
    ["tenancyMode", "userMode", "viewMode", "tenantId", "VSessionId"].map(|it| data[it].clone())
}

#[tokio::test]
async fn an_administrator_is_the_provider() {
    let bed = bed().await;
    let admin = signed_in(&bed, "admin").await;
    let answer = server(&bed, &admin, None).await;
    assert_eq!(modes(&answer), ["MultiTenant", "provider", "provider", "default", "ZGVmYXVsdA=="]);
}

#[tokio::test]
async fn a_provider_acts_for_a_tenant() {
    let bed = bed().await;
    let admin = signed_in(&bed, "admin").await;
    let answer = server(&bed, &admin, Some("MWYyZA==")).await;
    assert_eq!(modes(&answer), ["MultiTenant", "provider", "tenant", TENANT, "MWYyZA=="]);
}

#[tokio::test]
async fn anybody_else_is_a_tenant_and_acts_for_nobody() {
    let bed = bed().await;
    let alice = signed_in(&bed, "alice").await;
    let answer = server(&bed, &alice, None).await;
    assert_eq!(modes(&answer), ["MultiTenant", "tenant", "tenant", "default", "ZGVmYXVsdA=="]);
    assert_eq!(server(&bed, &alice, Some("MWYyZA==")).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_tenant_that_does_not_exist_is_never_the_provider() {
    let bed = bed().await;
    let admin = signed_in(&bed, "admin").await;
    for tenant in ["MmYyZA==", "rubbish", "MWYyZA==, MWYyZA=="] {
        assert_eq!(server(&bed, &admin, Some(tenant)).await.status(), StatusCode::FORBIDDEN, "{tenant}");
    }
}
