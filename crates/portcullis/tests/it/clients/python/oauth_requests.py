"""The authorization server as requests-oauthlib meets it. Arguments are one JSON object."""

import json
import os
import sys

import requests
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient
from requests_oauthlib import OAuth2Session

from browser import Browser, authorize

GIVEN = json.loads(sys.argv[1])
BASE, ROOT, CA = GIVEN["base"], GIVEN["base"] + GIVEN["root"], GIVEN["ca"]
WHO = (GIVEN["username"], GIVEN["password"])
REDIRECT = GIVEN["redirect_uri"]


def code(application):
    """Code with PKCE and refresh."""
    secret = application.get("client_secret")
    client = OAuth2Session(
        application["client_id"], redirect_uri=REDIRECT, scope=["write"], pkce="S256"
    )
    client.verify, client.trust_env = CA, False
    address, _ = client.authorization_url(ROOT + "/authorize/")
    left = authorize(Browser(BASE, CA), address, *WHO)
    shown = {"client_secret": secret} if secret else {"include_client_id": True}
    token = client.fetch_token(ROOT + "/token/", authorization_response=left, **shown)
    assert client.get(BASE + GIVEN["me"]).status_code == 200
    auth = requests.auth.HTTPBasicAuth(application["client_id"], secret) if secret else None
    named = {} if secret else {"client_id": application["client_id"]}
    fresh = client.refresh_token(
        ROOT + "/token/", refresh_token=token["refresh_token"], auth=auth, verify=CA, **named
    )
    assert fresh["access_token"] != token["access_token"]
    assert client.get(BASE + GIVEN["me"]).status_code == 200


def password(application):
    """The grant by a user's password."""
    client = OAuth2Session(client=LegacyApplicationClient(application["client_id"], scope=["read"]))
    client.trust_env = False
    client.fetch_token(
        ROOT + "/token/",
        username=WHO[0],
        password=WHO[1],
        client_id=application["client_id"],
        client_secret=application["client_secret"],
        verify=CA,
    )
    client.verify = CA
    assert client.get(BASE + GIVEN["me"]).status_code == 200


def own(application):
    """The grant by an application's own secret."""
    client = OAuth2Session(client=BackendApplicationClient(application["client_id"], scope=["read"]))
    client.trust_env = False
    client.fetch_token(ROOT + "/token/", client_secret=application["client_secret"], verify=CA)
    client.verify = CA
    assert client.get(BASE + GIVEN["me"]).status_code == 200


{"code": code, "password": password, "own": own}[GIVEN["what"]](GIVEN["application"])
print("ok", os.path.basename(__file__), GIVEN["what"])
