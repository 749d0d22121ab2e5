"""The figures of AWX's door and of the authorization server: checks, durable writes, introspection."""

import base64
import http.client
import json
import urllib.parse

from figures import measure
from machine import note

# More refresh tokens than connections: each goes round and is another one when it comes back.
REFRESH_TOKENS = 128


class Application:
    """A confidential application of the gateway."""

    def __init__(self, gateway):
        self.gateway = gateway
        made = self.ask(
            "/api/v2/applications/",
            json.dumps(
                {
                    "name": "bench",
                    "organization": 1,
                    "client_type": "confidential",
                    "authorization_grant_type": "password",
                }
            ),
            {"Authorization": gateway.basic(), "Content-Type": "application/json"},
        )
        pair = f"{made['client_id']}:{made['client_secret']}"
        self.basic = "Basic " + base64.b64encode(pair.encode()).decode()

    def ask(self, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=60)
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status not in (200, 201):
            raise SystemExit(f"{path} was answered with {response.status}: {answer[:200]}")
        return json.loads(answer)

    def send(self, path, fields):
        headers = {"Authorization": self.basic, "Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(path, urllib.parse.urlencode(fields), headers)

    def grant(self, **fields):
        return self.send("/api/o/token/", fields)


def grants(gateway, options):
    """Checks and introspections for each core-second, and durable writes in a second."""
    application = Application(gateway)
    password = {"grant_type": "password", "username": "admin", "password": gateway.password, "scope": "write"}
    token = application.grant(**password)["access_token"]
    if not application.send("/api/o/introspect/", {"token": token})["active"]:
        raise SystemExit("a live token is said to be dead")
    base = f"http://127.0.0.1:{gateway.port}"
    lines = ["AWX's door and the authorization server.", "", "| What | a second | per core-second |", "|---|---|---|"]

    def row(name, path, headers, script=None):
        note(name)
        rate, cpu = measure(gateway, base + path, headers, options.seconds, script)
        lines.append(f"| {name} | {rate:.0f} | {1e6 / cpu:.0f} |")

    row("Bearer on `/api/v2/me/`", "/api/v2/me/", [f"Authorization: Bearer {token}"])
    session = gateway.session("/api/login/", "awx_sessionid")
    row("session on `/api/v2/me/`, its cookie sent anew", "/api/v2/me/", [f"Cookie: awx_sessionid={session}"])
    row(
        "introspection",
        "/api/o/introspect/",
        [],
        post(gateway, application.basic, f'"token={token}"'),
    )
    row(
        "token made, durable",
        "/api/v2/tokens/",
        [f"Authorization: Bearer {token}"],
        script(gateway, 'request = function() return wrk.format("POST") end'),
    )
    refresh = [application.grant(**password)["refresh_token"] for _ in range(REFRESH_TOKENS)]
    row("refresh, durable", "/api/o/token/", [], rotation(gateway, application.basic, refresh))
    return [*lines, ""]


def post(gateway, authorization, body):
    return script(
        gateway,
        f"""
        wrk.method = "POST"
        wrk.headers["Authorization"] = "{authorization}"
        wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
        wrk.body = {body}
        """,
    )


def rotation(gateway, authorization, tokens):
    """Each answer brings the refresh token of a later request."""
    listed = ", ".join(f'"{token}"' for token in tokens)
    return script(
        gateway,
        f"""
        local free = {{{listed}}}
        local headers = {{
            ["Authorization"] = "{authorization}",
            ["Content-Type"] = "application/x-www-form-urlencoded",
        }}
        request = function()
            local token = table.remove(free)
            return wrk.format("POST", nil, headers, "grant_type=refresh_token&refresh_token=" .. token)
        end
        response = function(status, _, body)
            table.insert(free, string.match(body, '"refresh_token": "(%w+)"'))
        end
        """,
    )


def script(gateway, text):
    file = gateway.folder / "grants.lua"
    file.write_text(text, encoding="utf-8")
    return file
