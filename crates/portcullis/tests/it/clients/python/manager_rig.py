"""What the scripts for Catalyst Manager's clients share: their arguments, a record of what a client sends, and the
command line of the gateway, for what happens behind a client's back."""

import json
import subprocess
import sys
import threading
import warnings

import requests
from requests.adapters import HTTPAdapter

warnings.simplefilter("ignore")

GIVEN = json.loads(sys.argv[1])
BASE = GIVEN["base"]
WHO = (GIVEN["username"], GIVEN["password"])
ADMIN = (GIVEN["admin"], GIVEN["admin_password"])


class Trace:
    """Every request that this process sends, one line each. Nothing in a client is changed for it."""

    def __init__(self):
        self.lines = []
        self.requests = []
        self.lock = threading.Lock()
        send = HTTPAdapter.send

        def record(adapter, request, **more):
            response = send(adapter, request, **more)
            with self.lock:
                path = request.path_url.split("?nocache=")[0]
                self.lines.append(f"{request.method} {path} {response.status_code}")
                self.requests.append(request)
            return response

        HTTPAdapter.send = record

    def take(self):
        """What was sent since the last time."""
        with self.lock:
            lines, self.lines, self.requests = self.lines, [], []
        return lines


def portcullis(*arguments):
    """Runs a command of the gateway and returns its JSON."""
    command = [GIVEN["portcullis"][0], *arguments, *GIVEN["portcullis"][1:], "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout.strip() else None


def sessions(username):
    """The live sessions of a user, as the gateway's command tells them."""
    listed = portcullis("session", "list", "--user", username)
    return listed if isinstance(listed, list) else listed["sessions"]


def expire(username):
    """Ends the sessions of a user behind the client's back."""
    portcullis("session", "expire", "--user", username)


def login(username, password):
    """A login as scripts do it; returns what opens the rest."""
    answer = requests.post(
        BASE + "/j_security_check",
        data={"j_username": username, "j_password": password},
        verify=False,
        timeout=30,
    )
    assert answer.status_code == 200 and answer.content == b"", (answer.status_code, answer.text)
    return answer.headers["Set-Cookie"].split(";")[0]


def is_alive(cookie):
    """Whether a session of which only this cookie is left still opens something."""
    answer = requests.get(
        BASE + "/dataservice/client/server", headers={"Cookie": cookie}, verify=False, timeout=30
    )
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


def refused(call, *kinds):
    """The error by which a call ends."""
    try:
        result = call()
    except kinds as error:
        return error
    raise AssertionError(f"not refused: {result!r}")


def run(actions):
    """Runs the action that the arguments name."""
    {action.__name__: action for action in actions}[GIVEN["what"]]()
