"""viptela, the older library for Python, and its vmanage command. Arguments are one JSON object."""

import os
import subprocess
import sys

from vmanage.api.authentication import Authentication
from vmanage.api.http_methods import HttpMethods
from vmanage.api.settings import Settings

from manager_rig import BASE, GIVEN, WHO, Trace, expire, is_alive, refused, run, sessions

TRACE = Trace()
HOST, PORT = BASE.split("://")[1].split(":")
LOGIN = [
    "POST /dataservice/j_security_check 200",
    "GET /dataservice/system/device/controllers?model=vmanage&&&& 200",
    "GET /dataservice/client/token 200",
]


def login(password=WHO[1]):
    return Authentication(host=HOST, user=WHO[0], password=password, port=int(PORT)).login()


def work():
    """Login, token, reading and writing at a service. It never signs out."""
    session = login()
    assert TRACE.take() == LOGIN
    token = session.headers["X-XSRF-TOKEN"]
    assert len(token) == 100 and token.decode() == token.decode().upper(), token
    settings = Settings(session, HOST, int(PORT))
    assert settings.get_vmanage_org() == "Portcullis Test"
    assert settings.set_vmanage_org("Other") == {"org": "Other"}
    listed = HttpMethods(session, f"{BASE}/dataservice/device").request("GET")
    assert listed["status_code"] == 200 and len(listed["json"]["data"]) == 2, listed
    assert TRACE.take() == [
        "GET /dataservice/settings/configuration/organization 200",
        "POST /dataservice/settings/configuration/organization 200",
        "GET /dataservice/device 200",
    ]
    assert len(sessions(WHO[0])) == 1


def alone():
    """A gateway with nothing behind it has all that a login asks."""
    session = login()
    assert TRACE.take() == LOGIN
    assert len(session.headers["X-XSRF-TOKEN"]) == 100


def wrong_password():
    """The page that begins with its tag is what this client knows a refusal by."""
    error = refused(lambda: login("wrong"), ConnectionError)
    assert "check user credentials" in str(error), error
    assert TRACE.take() == ["POST /dataservice/j_security_check 200"]
    assert sessions(WHO[0]) == []


def expired():
    """It does not sign in again by itself; what it says is to the point."""
    session = login()
    cookie = "JSESSIONID=" + session.cookies["JSESSIONID"]
    assert is_alive(cookie)
    expire(WHO[0])
    TRACE.take()
    call = HttpMethods(session, f"{BASE}/dataservice/device")
    error = refused(lambda: call.request("GET"), Exception)
    assert "401" in str(error) and "Unauthorized" in str(error), error
    assert TRACE.take() == ["GET /dataservice/device 401"]


def command():
    """The vmanage command as a person types it."""
    program = os.path.join(os.path.dirname(sys.executable), "vmanage")

    def say(password):
        who = ["--host", HOST, "--port", PORT, "--username", WHO[0], "--password", password]
        done = subprocess.run(
            [sys.executable, "-B", "-W", "ignore", program, *who, "show", "org"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    code, out, err = say(WHO[1])
    assert (code, out) == (0, "Portcullis Test\n"), (code, out, err)
    code, out, err = say("wrong")
    assert code != 0 and "Login failed, check user credentials." in err, (code, out, err)


run([work, alone, wrong_password, expired, command])
