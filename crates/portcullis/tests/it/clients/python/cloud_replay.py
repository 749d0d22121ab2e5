"""What Apprenda's clients sent, sent again: those clients can be had nowhere any more, so each function speaks the
words of one of them, and reads the answers as it did. Arguments are one JSON object."""

import json
import sys
import warnings

import requests

warnings.simplefilter("ignore")

GIVEN = json.loads(sys.argv[1])
BASE, PLAIN = GIVEN["base"], GIVEN["plain"]
SESSIONS = "/authentication/api/v1/sessions/"
NAME, PASSWORD = GIVEN["username"], GIVEN["password"]
OPERATOR, OPERATOR_PASSWORD = GIVEN["admin"], GIVEN["admin_password"]
TENANT = GIVEN["tenant"]


def send(method, url, headers, body=None):
    """Sends exactly these headers (and what a request cannot be without) and follows nothing."""
    session = requests.Session()
    session.headers.clear()
    session.trust_env = False
    request = requests.Request(method, url, headers=headers, data=body)
    return session.send(session.prepare_request(request), verify=False, allow_redirects=False, timeout=30)


def content_length(answer):
    """The body's length is told beforehand."""
    assert int(answer.headers["Content-Length"]) == len(answer.content), answer.headers
    assert "Transfer-Encoding" not in answer.headers, answer.headers


def pyacp():
    """The library for Python: a body made by hand, 201 or an error, 400 for a wrong password alone."""

    def connect(password):
        body = '{"username": "%s", "password": "%s"}' % (OPERATOR, password)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return send("POST", BASE + SESSIONS + "soc", headers, body)

    answer = connect(OPERATOR_PASSWORD)
    content_length(answer)
    assert answer.status_code == 201, answer.text
    token = answer.json()["apprendaSessionToken"]
    headers = {
        "ApprendaSessionToken": token,
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "Swagger-Codegen/1.0.0/python",
    }
    clouds = send("GET", BASE + "/soc/api/v1/clouds", headers)
    assert clouds.status_code == 200 and clouds.json()["items"] == [], clouds.text
    wrong = connect("wrong")
    assert wrong.status_code == 400 and wrong.json()["message"], wrong.text
    # Its body is made by hand: a quote in the password breaks it, and that is no login either.
    broken = connect('a"b')
    assert broken.status_code == 400 and isinstance(broken.json(), dict), broken.text


def later_pyacp():
    """A later form of it: other keys, a null for the tenant, and the portal soc where account is meant."""
    for portal, path in (("soc", "soc"), ("developer", "developer"), ("account", "soc")):
        body = json.dumps({"Username": OPERATOR, "Password": OPERATOR_PASSWORD, "TenantAlias": None})
        answer = send("POST", BASE + SESSIONS + path, {"Content-Type": "application/json; charset=utf-8"}, body)
        assert answer.status_code == 201, answer.text
        token = answer.json()["apprendaSessionToken"]
        used = send("GET", f"{BASE}/{portal}/api/v1/things", {"ApprendaSessionToken": token})
        assert used.status_code == 200, (portal, used.text)


def ansible_application():
    """The module for applications: a tenant, 201, and the JSON of whatever else there is."""

    def login(password, tenant):
        body = json.dumps({"username": NAME, "password": password, "tenantAlias": tenant})
        return send("POST", BASE + SESSIONS + "developer", {"Content-Type": "application/json"}, body)

    answer = login(PASSWORD, TENANT)
    assert answer.status_code == 201, answer.text
    headers = {"ApprendaSessionToken": answer.json()["apprendaSessionToken"]}
    assert send("GET", BASE + "/developer/api/v1/apps", headers).status_code == 200
    assert send("GET", BASE + "/developer/api/v1/apps/taskr", headers).status_code == 200
    assert send("DELETE", BASE + "/developer/api/v1/apps/taskr", headers).status_code == 204
    for refused in (login("wrong", TENANT), login(PASSWORD, "nobody's")):
        assert 400 <= refused.status_code < 500, refused.status_code
        assert isinstance(refused.json(), dict) and refused.json()["message"], refused.text


def ansible_hosts():
    """The modules for hosts and the registry: `tenant` instead of `tenantAlias`, JSON whatever the status."""
    body = json.dumps({"username": NAME, "password": PASSWORD, "tenant": TENANT})
    answer = send("POST", BASE + SESSIONS + "developer", {"Content-Type": "application/json"}, body)
    assert answer.status_code == 201, answer.text
    # Its session is the developer portal's, and an operator uses it for operations.
    body = json.dumps({"username": OPERATOR, "password": OPERATOR_PASSWORD, "tenant": TENANT})
    answer = send("POST", BASE + SESSIONS + "developer", {"Content-Type": "application/json"}, body)
    headers = {"ApprendaSessionToken": answer.json()["apprendaSessionToken"], "Content-Type": "application/json"}
    assert send("GET", BASE + "/soc/api/v1/hosts/h1/state", headers).status_code == 200
    put = send("PUT", BASE + "/soc/api/v1/hosts/h1/state", headers, json.dumps({"state": "Reserved"}))
    assert put.status_code == 204, put.status_code
    assert send("GET", BASE + "/soc/api/v1/registry", headers).status_code == 200
    body = json.dumps({"username": NAME, "password": "wrong", "tenant": TENANT})
    refused = send("POST", BASE + SESSIONS + "developer", {"Content-Type": "application/json"}, body)
    assert "apprendaSessionToken" not in refused.json(), refused.text


def build_servers():
    """The plug-ins for Jenkins and Bamboo: 201, the token, an upload as a stream of bytes."""
    body = json.dumps({"username": NAME, "password": PASSWORD, "tenantAlias": TENANT})
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = send("POST", BASE + SESSIONS + "developer", headers, body)
    assert answer.status_code == 201, answer.text
    assert set(answer.json()) == {"ApprendaSessionToken", "apprendaSessionToken", "href"}, answer.text
    headers = {
        "ApprendaSessionToken": answer.json()["apprendaSessionToken"],
        "Content-Type": "application/octet-stream",
    }
    archive = bytes(range(256)) * 4096
    sent = send("POST", BASE + "/developer/api/v1/versions/taskr/v1?action=setArchive", headers, archive)
    assert sent.status_code == 201 and sent.json()["bytes"] == len(archive), sent.text
    # A stream of which the length is not known.
    parts = (archive[at : at + 65536] for at in range(0, len(archive), 65536))
    sent = send("POST", BASE + "/developer/api/v1/versions/taskr/v1?action=setArchive", headers, parts)
    assert sent.status_code == 201 and sent.json()["bytes"] == len(archive), sent.text


def powershell():
    """The tasks for build servers and the samples: an object whose keys differ in more than case."""
    agents = (
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.17763.1490",
        "Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.19045; en-US) PowerShell/7.4.1",
    )
    for agent in agents:
        for path in ("developer", "developer/", "account"):
            body = '{\r\n    "username":  "%s",\r\n    "password":  "%s",\r\n    "tenantAlias":  "%s"\r\n}' % (
                NAME,
                PASSWORD,
                TENANT,
            )
            headers = {"User-Agent": agent, "Content-Type": "application/json"}
            answer = send("POST", BASE + SESSIONS + path, headers, body)
            assert answer.status_code == 201, answer.text
            keys = list(answer.json())
            assert keys == ["apprendaSessionToken", "href"], keys
            headers = {"User-Agent": agent, "ApprendaSessionToken": answer.json()["apprendaSessionToken"]}
            assert send("GET", BASE + "/developer/api/v1/apps", headers).status_code == 200


def dotnet():
    """The library for .NET: redirects by hand with verb and body, tenants, one token for all, the end by DELETE."""
    both = "application/json, text/json, text/x-json, text/javascript, application/xml, text/xml"

    def follow(method, url, headers, body=None):
        visited = []
        while len(visited) < 9 and url not in visited:
            visited.append(url)
            answer = send(method, url, headers, body)
            if answer.status_code not in (301, 302, 307):
                return answer, visited
            url = answer.headers["Location"]
        raise AssertionError(visited)

    def login(base, username, password, tenant):
        body = json.dumps({"Username": username, "Password": password, "TenantAlias": tenant})
        return follow(
            "POST", base + SESSIONS + "developer/", {"Accept": both, "Content-Type": "application/json"}, body
        )

    # Is the endpoint there? Success and 401 say yes; here the last versions' 400 comes.
    probe, _ = login(BASE, "!", "!", None)
    assert probe.status_code in (400, 401), probe.status_code
    answer, visited = login(PLAIN, OPERATOR, OPERATOR_PASSWORD, None)
    assert answer.status_code == 201 and len(visited) == 2, (answer.text, visited)
    assert visited[1].startswith(BASE), visited
    content_length(answer)
    keys = {key.lower(): value for key, value in answer.json().items()}
    token = keys["apprendasessiontoken"]
    headers = {"Accept": both, "ApprendaSessionToken": token}
    for portal in ("developer", "account", "soc"):
        page = follow("GET", f"{BASE}/{portal}/api/v1/things?pageSize=20", headers)[0]
        assert page.status_code == 200, page.text
        content_length(page)
    query = f"?username={NAME}&password={requests.utils.quote(PASSWORD)}"
    tenants, _ = follow("GET", f"{BASE}{SESSIONS}developer/tenants{query}", {"Accept": both})
    assert tenants.status_code == 200 and tenants.json()["tenants"] == [TENANT], tenants.text
    ended, _ = follow("DELETE", f"{BASE}{SESSIONS}developer/{token}", headers)
    assert ended.status_code == 204, ended.status_code
    dead, _ = follow("GET", BASE + "/developer/api/v1/apps", headers)
    assert dead.status_code == 401 and dead.json()["message"], dead.text
    assert not dead.json()["message"].endswith("because the user is disabled."), dead.text


def visitor():
    """Who is no Platform Operator: 403, the reason phrase that the library for .NET looks for, and a message."""
    sentence = "You are not authorized to access this application"
    body = json.dumps({"username": NAME, "password": PASSWORD})
    answer = send("POST", BASE + SESSIONS + "soc", {"Content-Type": "application/json"}, body)
    assert (answer.status_code, answer.reason) == (403, sentence), (answer.status_code, answer.reason)
    assert sentence in answer.json()["message"], answer.text
    body = json.dumps({"username": NAME, "password": PASSWORD, "tenantAlias": TENANT})
    answer = send("POST", BASE + SESSIONS + "developer", {"Content-Type": "application/json"}, body)
    headers = {"ApprendaSessionToken": answer.json()["apprendaSessionToken"]}
    refused = send("GET", BASE + "/soc/api/v1/nodes", headers)
    assert (refused.status_code, refused.reason) == (403, sentence), (refused.status_code, refused.reason)
    assert send("GET", BASE + "/developer/api/v1/apps", headers).status_code == 200


{
    action.__name__: action
    for action in (
        pyacp,
        later_pyacp,
        ansible_application,
        ansible_hosts,
        build_servers,
        powershell,
        dotnet,
        visitor,
    )
}[GIVEN["what"]]()
