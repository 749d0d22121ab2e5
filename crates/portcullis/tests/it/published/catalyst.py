"""The sample of the page on Catalyst Manager, in other words: the same requests in the same order, and what the page
then does with them. Arguments are one JSON object."""

import json
import sys
import warnings

import requests

warnings.simplefilter("ignore")

GIVEN = json.loads(sys.argv[1])


class Manager:
    """A Manager at a host and a port, of which no certificate is asked."""

    def __init__(self, host, port):
        self.base = "https://%s:%s" % (host, port)

    def session_of(self, username, password):
        """The first part of the header that sets cookies; without that header there is no session."""
        form = {"j_username": username, "j_password": password}
        answer = requests.post(url=self.base + "/j_security_check", data=form, verify=False)
        line = answer.headers.get("Set-Cookie")
        return line.split(";")[0] if line else None

    def token_of(self, session):
        """The token, or nothing where the server is too old to have one."""
        answer = requests.get(
            url=self.base + "/dataservice/client/token", headers={"Cookie": session}, verify=False
        )
        return answer.text if answer.status_code == 200 else None


manager = Manager(GIVEN["host"], GIVEN["port"])
session = manager.session_of(GIVEN["username"], GIVEN["password"])
if session is None:
    print("no session")
    sys.exit()
assert session.startswith("JSESSIONID="), session
token = manager.token_of(session)
assert token and "<html>" not in token, token
header = {"Content-Type": "application/json", "Cookie": session, "X-XSRF-TOKEN": token}
for call in (requests.get, requests.post, requests.put, requests.delete):
    answer = call(manager.base + "/dataservice/device", headers=header, verify=False)
    assert answer.status_code == 200 and answer.json()["user"] == GIVEN["username"], answer.text
# As for servers before 19.2: enough to read, and not to write.
del header["X-XSRF-TOKEN"]
assert requests.get(manager.base + "/dataservice/device", headers=header, verify=False).status_code == 200
assert requests.post(manager.base + "/dataservice/device", headers=header, verify=False).status_code == 403
left = requests.post(
    manager.base + "/logout?nocache=17", headers={"Cookie": session}, verify=False, allow_redirects=False
)
assert left.status_code == 302 and "/welcome.html?nocache=" in left.headers["Location"], left.headers
assert requests.get(manager.base + "/dataservice/device", headers=header, verify=False).status_code == 401
print("signed in")
