//! A small dump of our own with the tables of section F of the AWX contract, some rows of it broken.

/// The key of this installation.
pub(crate) const KEY: &str = "awxsecret of tests";

/// `s3cret-of-billing`, encrypted with it.
pub(crate) const BILLING: &str = "$encrypted$UTF8$AESCBC$Z0FBQUFBQmxVX0VBQUFFQ0F3UUZCZ2NJQ1FvTERBME9EX2M2TS1T\
    eEk3VkJUdjUzWkRSVjFrUXZPMm4ybmxCVjBGRWFEWnpjbEdhM3hYUi1xVGNJRUVqd0ZISDcyT0dUeTdjdjJ1ZFIzMXBkVDJTbDRjQTdi\
    RGc9";

/// A block of a dump.
pub(crate) fn table(name: &str, columns: &str, rows: &[&str]) -> String {
    let mut text = format!("--\n-- Data for Name: {name}\n--\n\nCOPY {name} ({columns}) FROM stdin;\n");
    for row in rows {
        text.push_str(row);
        text.push('\n');
    }
    text + "\\.\n\n"
}

/// The whole dump, its tables in the order of the alphabet, as `pg_dump` has them.
pub(crate) fn dump() -> String {
    let begin = "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\
        CREATE TABLE public.auth_user (\n    id integer NOT NULL\n);\n\n";
    [begin.to_owned(), people(), roles(), applications(), tokens()].concat()
}

fn people() -> String {
    table(
        "public.auth_user",
        "id, password, last_login, is_superuser, username, first_name, last_name, email, is_staff, is_active, \
         date_joined",
        &[
            "1\tpbkdf2_sha256$1000$abcdefghijklmnopqrstuv$p6nKl4z84NaLbOl5aNXQVC2rE8yjJEQfMFUkK+yptok=\t\\N\tt\
             \tadmin\t\t\t\tt\tt\t2024-01-01 00:00:00+00",
            "2\tpbkdf2_sha256$1000$abcdefghijklmnopqrstuv$p6nKl4z84NaLbOl5aNXQVC2rE8yjJEQfMFUkK+yptok=\
             \t2025-05-05 05:05:05+00\tf\talice\tAlice\\tA\tBack\\\\slash\talice@example.org\tf\tt\
             \t2024-01-02 03:04:05.123456+00",
            "3\t!Zx0d6Q3\t\\N\tf\tbob\t\t\t\tf\tt\t2024-01-03 00:00:00+00",
            "4\t!Zx0d6Q4\t\\N\tf\tcarol\t\t\t\tf\tt\t2024-01-03 00:00:00+00",
            "5\t!Zx0d6Q5\t\\N\tf\tdora\t\t\t\tf\tt\t2024-01-03 00:00:00+00",
            "6\targon2$argon2id$v=19$m=1024,t=2,p=1$YWJjZGVmZ2hpamts$\
             MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\t\\N\tf\terin\t\t\t\tf\tf\t2024-01-03 00:00:00+00",
            "7\tbcrypt$$2b$12$abcdefghijklmnopqrstuv\t\\N\tf\tfred\t\t\t\tf\tt\t2024-01-03 00:00:00+00",
            "eight\t!x\t\\N\tf\tgina\t\t\t\tf\tt\t2024-01-03 00:00:00+00",
            "9\t!x\t\\N\tperhaps\thugo\t\t\t\tf\tt\t2024-01-03 00:00:00+00",
            "10\ttoo\tfew",
        ],
    ) + &table(
        "public.dab_resource_registry_resource",
        "id, object_id, service_id, ansible_id, name, content_type_id, is_partially_migrated",
        &[
            "1\t2\t0c26e671-551b-4480-bd5f-198ef9a41880\tB35A89A5-8EE8-40FE-8BCD-56A1A09E75AF\talice\t4\tf",
            "2\t2\t0c26e671-551b-4480-bd5f-198ef9a41880\t9915b384-1650-4add-b901-76a92ceb7e19\tother\t99\tf",
        ],
    ) + &table("public.django_content_type", "id, app_label, model", &["4\tauth\tuser", "99\tmain\tproject"])
        + &table("public.main_jobevent", "id, stdout", &["1\ta long output"])
        + &table(
            "public.main_profile",
            "id, created, modified, ldap_dn, user_id",
            &[
                "1\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\tcn=bob,dc=example,dc=org\t3",
                "2\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\t\t4",
                "3\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\tcn=alice,dc=example,dc=org\t2",
                "4\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\tcn=dora,dc=example,dc=org\t5",
            ],
        )
        + &table("public.social_auth_usersocialauth", "id, provider, uid, user_id", &["1\tgithub\t4711\t4"])
        + &table("public.sso_userenterpriseauth", "id, provider, user_id", &["1\tsaml\t5"])
}

fn roles() -> String {
    table("public.dab_rbac_roledefinition", "id, name", &["7\tTeam Member", "8\tProject Admin"])
        + &table(
            "public.dab_rbac_roleuserassignment",
            "id, created, object_id, role_definition_id, user_id",
            // The first is also in the other roles; the last two mean nothing here.
            &[
                "1\t2024-01-01 00:00:00+00\t3\t7\t2",
                "2\t2024-01-01 00:00:00+00\t3\t7\t5",
                "3\t2024-01-01 00:00:00+00\t11\t8\t5",
                "4\t2024-01-01 00:00:00+00\t\\N\t7\t5",
            ],
        )
        + &table(
            "public.main_organization",
            "id, created, modified, description, name, admin_role_id, auditor_role_id, member_role_id",
            &["1\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\tThe first\tEngineering\t11\t12\t13"],
        )
        + &table(
            "public.main_rbac_roles",
            "id, role_field, singleton_name, implicit_parents, content_type_id, object_id",
            &["1\tsystem_auditor\tsystem_auditor\t[]\t\\N\t\\N", "11\tadmin_role\t\\N\t[]\t5\t1"],
        )
        + &table(
            "public.main_rbac_roles_members",
            "id, role_id, user_id",
            &["1\t11\t2", "2\t13\t3", "3\t1\t4", "4\t22\t2", "5\t21\t3", "6\t77\t3"],
        )
        + &table(
            "public.main_team",
            "id, created, modified, description, name, organization_id, admin_role_id, member_role_id",
            &["3\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\t\tWriters\t1\t21\t22"],
        )
}

fn applications() -> String {
    let columns = "id, client_id, redirect_uris, client_type, authorization_grant_type, client_secret, name, \
        skip_authorization, created, updated, description, logo_data, user_id, organization_id, algorithm";
    let dates = "2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00";
    let uris = "https://a.example/cb\\r\\nhttps://b.example/cb";
    table(
        "public.main_oauth2application",
        columns,
        &[
            &format!(
                "1\tbilling-id\t{uris}\tconfidential\tpassword\t{BILLING}\tBilling\tf\t{dates}\t\t\t2\t1\t"
            ),
            &format!(
                "2\tcli-id\t\tpublic\tauthorization-code\tplain client secret\tCLI\tt\t{dates}\t\t\t\\N\t1\t"
            ),
            &format!(
                "3\taap-id\t\tconfidential\tpassword\tpbkdf2_sha256$1000$saltsaltsaltsaltsaltsa$\
                 q9+nLqrqtq+8HBlQlRqrrtCFARJwle1ckPcqY8m5CjU=\tAAP\tf\t{dates}\t\t\t\\N\t1\t"
            ),
            &format!("4\tlost-id\t\tpublic\tpassword\t\tLost\tf\t{dates}\t\t\t\\N\t\\N\t"),
            &format!("5\told-id\t\tpublic\timplicit\t\tOld\tf\t{dates}\t\t\t\\N\t1\t"),
        ],
    )
}

fn tokens() -> String {
    let columns = "id, token, expires, scope, created, updated, description, last_used, application_id, user_id, \
        source_refresh_token_id, modified, id_token_id";
    let row = |id: &str, token: &str, expires: &str, scope: &str, application: &str, user: &str| {
        format!(
            "{id}\t{token}\t{expires}\t{scope}\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\tnote\t\\N\
             \t{application}\t{user}\t\\N\t2024-01-01 00:00:00+00\t\\N"
        )
    };
    let late = "3024-01-01 00:00:00+00";
    let hashed = "$sha256$37b9403cf88cc2639d0a118d757a43a0ff6d4871823707ab6a8bb56bc68e8e79";
    table(
        "public.main_oauth2accesstoken",
        columns,
        &[
            &row("1", "AWXtoken1personal", late, "write", "\\N", "2"),
            &row("2", "AWXtoken2billing", late, "read  write", "1", "2"),
            &row("3", "AWXtoken3expired", "2024-02-01 00:00:00+00", "read", "1", "2"),
            &row("4", hashed, late, "write", "\\N", "3"),
            &row("5", "AWXtoken5nobody", late, "write", "\\N", "\\N"),
            &row("6", "AWXtoken6scope", late, "everything", "\\N", "2"),
        ],
    ) + &table(
        "public.oauth2_provider_refreshtoken",
        "id, token, access_token_id, application_id, user_id, created, updated, revoked",
        &[
            "1\tAWXrefresh1\t2\t1\t2\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\t\\N",
            "2\tAWXrefresh2\t3\t1\t2\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\t\\N",
            "3\tAWXrefresh3\t\\N\t1\t2\t2024-01-01 00:00:00+00\t2024-01-01 00:00:00+00\t2024-03-01 00:00:00+00",
        ],
    )
}
