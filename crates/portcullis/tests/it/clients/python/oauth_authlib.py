"""The authorization server as Authlib meets it. Arguments are one JSON object; an assertion that fails ends it."""

import json
import os
import sys
import time

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session, OAuthError

from browser import Browser, authorize, let_device_in

GIVEN = json.loads(sys.argv[1])
BASE, ROOT, CA = GIVEN["base"], GIVEN["base"] + GIVEN["root"], GIVEN["ca"]
WHO = (GIVEN["username"], GIVEN["password"])
REDIRECT = GIVEN["redirect_uri"]
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def session(application, **more):
    made = OAuth2Session(
        application["client_id"],
        application.get("client_secret"),
        token_endpoint_auth_method="client_secret_basic" if application.get("client_secret") else "none",
        **more,
    )
    made.verify = CA
    made.trust_env = False
    return made


def me(token):
    answer = requests.get(
        BASE + GIVEN["me"], headers={"Authorization": "Bearer " + token}, verify=CA, timeout=30
    )
    return answer.status_code


def code(application):
    """Code with PKCE, refresh, replay, introspection, revocation."""
    client = session(
        application, scope="write", redirect_uri=REDIRECT, code_challenge_method="S256"
    )
    verifier = generate_token(48)
    address, state = client.create_authorization_url(ROOT + "/authorize/", code_verifier=verifier)
    left = authorize(Browser(BASE, CA), address, *WHO)
    assert left.startswith(REDIRECT + "?"), left
    token = dict(
        client.fetch_token(
            ROOT + "/token/", authorization_response=left, state=state, code_verifier=verifier
        )
    )
    assert token["token_type"] == "Bearer" and token["scope"] == "write", token
    assert me(token["access_token"]) == 200

    # The same code a second time.
    try:
        client.fetch_token(ROOT + "/token/", authorization_response=left, state=state, code_verifier=verifier)
        raise AssertionError("a code was taken twice")
    except OAuthError as error:
        assert error.error == "invalid_grant", error
    # It ended what had been given for it (RFC 6749 section 4.1.2), so the dance is done anew.
    verifier = generate_token(48)
    address, state = client.create_authorization_url(ROOT + "/authorize/", code_verifier=verifier)
    left = authorize(Browser(BASE, CA), address, *WHO)
    token = dict(
        client.fetch_token(
            ROOT + "/token/", authorization_response=left, state=state, code_verifier=verifier
        )
    )

    fresh = dict(client.refresh_token(ROOT + "/token/", refresh_token=token["refresh_token"]))
    assert fresh["access_token"] != token["access_token"]
    assert me(fresh["access_token"]) == 200
    assert me(token["access_token"]) == 401

    if application.get("client_secret"):
        told = client.introspect_token(
            ROOT + "/introspect/", token=fresh["access_token"], token_type_hint="access_token"
        ).json()
        assert told["active"] is True and told["username"] == WHO[0] and told["scope"] == "write", told
        assert told["client_id"] == application["client_id"], told

    answer = client.revoke_token(
        ROOT + "/revoke_token/", token=fresh["access_token"], token_type_hint="access_token"
    )
    assert answer.status_code == 200, (answer.status_code, answer.text)
    assert me(fresh["access_token"]) == 401
    if application.get("client_secret"):
        told = client.introspect_token(ROOT + "/introspect/", token=fresh["access_token"]).json()
        assert told == {"active": False}, told


def wrong_verifier(application):
    """A code without the verifier that began it is worth nothing."""
    client = session(
        application, scope="read", redirect_uri=REDIRECT, code_challenge_method="S256"
    )
    address, state = client.create_authorization_url(
        ROOT + "/authorize/", code_verifier=generate_token(48)
    )
    left = authorize(Browser(BASE, CA), address, *WHO)
    try:
        client.fetch_token(
            ROOT + "/token/", authorization_response=left, state=state, code_verifier=generate_token(48)
        )
        raise AssertionError("a foreign verifier was taken")
    except OAuthError as error:
        assert error.error == "invalid_grant", error


def device(application):
    """A device without a browser (RFC 8628)."""
    client = session(application, scope="read")
    secret = application.get("client_secret")
    answer = requests.post(
        ROOT + "/device_authorization/",
        data={"client_id": application["client_id"], "scope": "read"},
        auth=(application["client_id"], secret) if secret else None,
        verify=CA,
        timeout=30,
    )
    assert answer.status_code == 200, (answer.status_code, answer.text)
    asked = answer.json()

    def poll():
        return client.fetch_token(
            ROOT + "/token/", grant_type=DEVICE_GRANT, device_code=asked["device_code"]
        )

    try:
        poll()
        raise AssertionError("nobody has let the device in yet")
    except OAuthError as error:
        assert error.error == "authorization_pending", error
    let_device_in(Browser(BASE, CA), asked["verification_uri_complete"], *WHO)
    time.sleep(asked["interval"] + 0.2)
    token = poll()
    assert token["scope"] == "read" and me(token["access_token"]) == 200, token


{"code": code, "wrong_verifier": wrong_verifier, "device": device}[GIVEN["what"]](GIVEN["application"])
print("ok", os.path.basename(__file__), GIVEN["what"])
