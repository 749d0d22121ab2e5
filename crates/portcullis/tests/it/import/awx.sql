-- A small AWX: the tables of its schema that an import reads, with the columns that they have there, and rows
-- of our own. Some of them are broken on purpose.

CREATE TABLE auth_user (
    id integer PRIMARY KEY, password varchar(128) NOT NULL, last_login timestamptz, is_superuser boolean NOT NULL,
    username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL,
    email varchar(254) NOT NULL, is_staff boolean NOT NULL, is_active boolean NOT NULL,
    date_joined timestamptz NOT NULL);
CREATE TABLE main_profile (
    id integer PRIMARY KEY, created timestamptz NOT NULL, modified timestamptz NOT NULL,
    ldap_dn varchar(1024) NOT NULL, user_id integer NOT NULL REFERENCES auth_user);
CREATE TABLE social_auth_usersocialauth (
    id bigint PRIMARY KEY, provider varchar(32) NOT NULL, uid varchar(255) NOT NULL, extra_data jsonb,
    user_id integer NOT NULL REFERENCES auth_user);
CREATE TABLE sso_userenterpriseauth (
    id integer PRIMARY KEY, provider varchar(32) NOT NULL, user_id integer NOT NULL REFERENCES auth_user);
CREATE TABLE main_rbac_roles (
    id integer PRIMARY KEY, role_field text NOT NULL, singleton_name text, implicit_parents text NOT NULL,
    content_type_id integer, object_id integer);
CREATE TABLE main_rbac_roles_members (
    id integer PRIMARY KEY, role_id integer NOT NULL REFERENCES main_rbac_roles,
    user_id integer NOT NULL REFERENCES auth_user);
CREATE TABLE main_organization (
    id integer PRIMARY KEY, created timestamptz NOT NULL, modified timestamptz NOT NULL, description text NOT NULL,
    name varchar(512) NOT NULL UNIQUE, created_by_id integer, modified_by_id integer, admin_role_id integer,
    auditor_role_id integer, member_role_id integer, read_role_id integer, max_hosts integer NOT NULL);
CREATE TABLE main_team (
    id integer PRIMARY KEY, created timestamptz NOT NULL, modified timestamptz NOT NULL, description text NOT NULL,
    name varchar(512) NOT NULL, created_by_id integer, modified_by_id integer,
    organization_id integer NOT NULL REFERENCES main_organization, admin_role_id integer, member_role_id integer,
    read_role_id integer, UNIQUE (organization_id, name));
CREATE TABLE dab_rbac_roledefinition (
    id bigint PRIMARY KEY, name text NOT NULL UNIQUE, description text NOT NULL, managed boolean NOT NULL,
    content_type_id integer);
CREATE TABLE dab_rbac_roleuserassignment (
    id bigint PRIMARY KEY, created timestamptz NOT NULL, content_type_id integer, object_id text,
    role_definition_id bigint NOT NULL REFERENCES dab_rbac_roledefinition, created_by_id integer,
    user_id integer NOT NULL REFERENCES auth_user, object_role_id bigint);
CREATE TABLE main_oauth2application (
    id bigint PRIMARY KEY, client_id varchar(100) NOT NULL UNIQUE, redirect_uris text NOT NULL,
    client_type varchar(32) NOT NULL, authorization_grant_type varchar(32) NOT NULL,
    client_secret varchar(1024) NOT NULL, name varchar(255) NOT NULL, skip_authorization boolean NOT NULL,
    created timestamptz NOT NULL, updated timestamptz NOT NULL, description text NOT NULL, logo_data text NOT NULL,
    user_id integer, organization_id integer, algorithm varchar(5) NOT NULL);
CREATE TABLE main_oauth2accesstoken (
    id bigint PRIMARY KEY, token varchar(255) NOT NULL UNIQUE, expires timestamptz NOT NULL, scope text NOT NULL,
    created timestamptz NOT NULL, updated timestamptz NOT NULL, description text NOT NULL, last_used timestamptz,
    application_id bigint, user_id integer, source_refresh_token_id bigint, modified timestamptz NOT NULL,
    id_token_id bigint);
CREATE TABLE oauth2_provider_refreshtoken (
    id bigint PRIMARY KEY, token varchar(255) NOT NULL, access_token_id bigint, application_id bigint NOT NULL,
    user_id integer NOT NULL, created timestamptz NOT NULL, updated timestamptz NOT NULL, revoked timestamptz);

-- The passwords: admin and alice `p4ssw0rd of alice`, bob `p4ssw0rd of bob`.
INSERT INTO auth_user VALUES
    (1, 'pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$p6nKl4z84NaLbOl5aNXQVC2rE8yjJEQfMFUkK+yptok=', NULL, true,
     'admin', 'Other', '', 'admin@example.org', true, true, '2024-01-01 00:00:00+00'),
    (2, 'pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$p6nKl4z84NaLbOl5aNXQVC2rE8yjJEQfMFUkK+yptok=',
     '2025-05-05 05:05:05+00', false, 'alice', 'Alice', 'Able', 'alice@example.org', false, true,
     '2024-01-02 00:00:00+00'),
    (3, 'pbkdf2_sha256$2000$ABCDEFGHIJKLMNOPQRSTUV$pS0VA+HA+iQR/5ekPjPLFQAfY/bxLERRXcnFiOjRVFU=', NULL, false,
     'bob', '', '', '', false, true, '2024-01-03 00:00:00+00'),
    (4, '!Zx0d6Q3nobodyknowsthis', NULL, false, 'carol', '', '', '', false, true, '2024-01-04 00:00:00+00'),
    (5, '!Zx0d6Q3nobodyknowsthis', NULL, false, E'broken\nname', '', '', '', false, true, '2024-01-05 00:00:00+00'),
    (6, '!', NULL, false, '_system', '', '', '', false, true, '2024-01-06 00:00:00+00');
INSERT INTO main_profile VALUES (1, now(), now(), 'cn=carol,dc=example,dc=org', 4);
INSERT INTO main_rbac_roles VALUES
    (1, 'system_auditor', 'system_auditor', '[]', NULL, NULL), (11, 'admin_role', NULL, '[]', 5, 1),
    (12, 'member_role', NULL, '[]', 5, 1), (21, 'admin_role', NULL, '[]', 6, 1), (22, 'member_role', NULL, '[]', 6, 1);
INSERT INTO main_organization VALUES
    (1, now(), now(), 'Of the old platform', 'Engineering', NULL, NULL, 11, NULL, 12, NULL, 0),
    (2, now(), now(), 'There as here', 'Default', NULL, NULL, NULL, NULL, NULL, NULL, 0);
INSERT INTO main_team VALUES (1, now(), now(), '', 'Writers', NULL, NULL, 1, 21, 22, NULL);
INSERT INTO main_rbac_roles_members VALUES (1, 11, 2), (2, 12, 3), (3, 22, 3), (4, 1, 4), (5, 12, 5);
INSERT INTO dab_rbac_roledefinition VALUES (1, 'Team Member', '', true, 6);
INSERT INTO dab_rbac_roleuserassignment VALUES (1, now(), 6, '1', 1, NULL, 3, NULL), (2, now(), 6, '1', 1, NULL, 2, NULL);

-- The first secret is `s3cret-of-billing`, encrypted with the key `awxsecret of tests`; the third, as AAP keeps
-- them, is `aap client secret`.
INSERT INTO main_oauth2application VALUES
    (1, 'billing-client-id', 'https://app.example/callback', 'confidential', 'password',
     '$encrypted$UTF8$AESCBC$Z0FBQUFBQmxVX0VBQUFFQ0F3UUZCZ2NJQ1FvTERBME9EX2M2TS1TeEk3VkJUdjUzWkRSVjFrUXZPMm4ybmxCVjBGRWFEWnpjbEdhM3hYUi1xVGNJRUVqd0ZISDcyT0dUeTdjdjJ1ZFIzMXBkVDJTbDRjQTdiRGc9',
     'Billing', false, now(), now(), '', '', 2, 1, ''),
    (2, 'cli-client-id', 'https://cli.example/callback', 'public', 'authorization-code', '', 'CLI', false, now(),
     now(), '', '', NULL, 1, ''),
    (3, 'aap-client-id', '', 'confidential', 'password',
     'pbkdf2_sha256$1000$saltsaltsaltsaltsaltsa$q9+nLqrqtq+8HBlQlRqrrtCFARJwle1ckPcqY8m5CjU=', 'Hashed', false,
     now(), now(), '', '', NULL, 1, '');
INSERT INTO main_oauth2accesstoken VALUES
    (1, 'AWXtoken1personalofalice000000', '3024-01-01', 'write', now(), now(), 'CI', NULL, NULL, 2, NULL, now(), NULL),
    (2, 'AWXtoken2billing00000000000000', '3024-01-01', 'read', now(), now(), '', NULL, 1, 2, NULL, now(), NULL),
    (3, 'AWXtoken3expired00000000000000', '2024-01-01', 'write', now(), now(), '', NULL, NULL, 2, NULL, now(), NULL),
    (4, '$sha256$37b9403cf88cc2639d0a118d757a43a0ff6d4871823707ab6a8bb56bc68e8e79', '3024-01-01', 'write', now(),
     now(), 'as AAP keeps them', NULL, NULL, 3, NULL, now(), NULL),
    (5, 'AWXtoken5scope0000000000000000', '3024-01-01', 'everything', now(), now(), '', NULL, NULL, 2, NULL, now(), NULL),
    (6, 'AWXtoken6hashed000000000000000', '3024-01-01', 'write', now(), now(), '', NULL, 3, 3, NULL, now(), NULL);
INSERT INTO oauth2_provider_refreshtoken VALUES
    (1, 'AWXrefresh2billing000000000000', 2, 1, 2, now() - interval '2 years', now(), NULL),
    (2, 'AWXrefresh6hashed0000000000000', 6, 3, 3, now(), now(), NULL),
    (3, 'AWXrefresh3revoked000000000000', NULL, 1, 2, now(), now(), now());
