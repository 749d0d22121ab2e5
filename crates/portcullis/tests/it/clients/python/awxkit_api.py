"""The library of the awx command, used as a Python API. Arguments are one JSON object."""

import json
import os
import sys
import warnings

warnings.simplefilter("ignore")

from awxkit import api, config, exceptions, utils  # noqa: E402
from awxkit.api.client import Connection  # noqa: E402

GIVEN = json.loads(sys.argv[1])
BASE = GIVEN["base"]
config.base_url = BASE
config.assume_untrusted = True
config.credentials = utils.PseudoNamespace(
    {"default": {"username": GIVEN["username"], "password": GIVEN["password"]}}
)


def root(connection):
    return api.pages.api.Api(connection=connection).get()


def session():
    """A session, kept by its cookie, changes things and ends."""
    connection = Connection(BASE, verify=False)
    here = root(connection)
    here.load_session()
    assert connection.session_id, "no session after a login"
    assert connection.session_cookie_name == "awx_sessionid"
    v2 = here.available_versions.v2.get()
    me = v2.me.get().results[0]
    assert me.username == GIVEN["username"]
    user = v2.users.post({"username": "made-by-kit", "password": "wonder land 42 x"})
    assert user.username == "made-by-kit"
    changed = user.patch(first_name="Kit")
    assert changed.first_name == "Kit"
    user.delete()
    assert v2.users.get(username="made-by-kit").count == 0
    connection.logout()
    try:
        v2.me.get()
        raise AssertionError("still signed in")
    except exceptions.Unauthorized:
        pass


def wrong_password():
    """A wrong password is noticed with the next request."""
    connection = Connection(BASE, verify=False)
    here = root(connection)
    try:
        connection.login(GIVEN["username"], "wrong", **connection.get_session_requirements())
        here.available_versions.v2.get().me.get()
        raise AssertionError("signed in with a wrong password")
    except exceptions.Unauthorized:
        pass


def basic():
    """A name and a password with each request."""
    connection = Connection(BASE, verify=False)
    connection.login(GIVEN["username"], GIVEN["password"])
    assert root(connection).available_versions.v2.get().me.get().count == 1


def token():
    """A token, made with a password and used without."""
    connection = Connection(BASE, verify=False)
    connection.login(GIVEN["username"], GIVEN["password"])
    v2 = root(connection).available_versions.v2.get()
    made = v2.tokens.post({"description": "kit", "application": None, "scope": "read"})
    other = Connection(BASE, verify=False)
    other.login(token=made.token)
    v2 = root(other).available_versions.v2.get()
    assert v2.me.get().results[0].username == GIVEN["username"]
    try:
        v2.tokens.post({"scope": "write"})
        raise AssertionError("a token that reads has written")
    except exceptions.Forbidden:
        pass


{"session": session, "wrong_password": wrong_password, "basic": basic, "token": token}[GIVEN["what"]]()
print("ok", os.path.basename(__file__), GIVEN["what"])
