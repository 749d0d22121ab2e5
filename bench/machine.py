"""The programs that are measured: nginx twice, and the gateway. Each is started, watched and ended here."""

import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

# Where there are two cores, what is measured has one for itself, and what loads it has the other.
CORES = sorted(os.sched_getaffinity(0))
MEASURED, LOADING = CORES[0], CORES[-1]

# The login of the platform's contract, which most measurements enter by.
LOGIN = "/api/gateway/v1/login/"

NGINX = {
    "upstream": """
        location / {{ default_type application/json; return 200 '{{"count":0,"next":null,"results":[]}}'; }}
        location = /j_security_check {{ add_header Set-Cookie "JSESSIONID=upstream; Path=/"; return 200; }}
        location = /dataservice/client/token {{ default_type text/html; return 200 '0123456789ABCDEF0123456789ABCDEF'; }}
        location = /dataservice/client/server {{
            default_type application/json;
            return 200 '{{"data":{{"user":"bench","tenancyMode":"SingleTenant","userMode":"provider"}}}}';
        }}
    """,
    "proxy": """
        location / {{
            proxy_pass http://upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
    """,
}


def note(text):
    print(f"... {text}", file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


def cpu_seconds(pids):
    """User and system time of processes, with all their threads."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Running:
    """A process that ends with its block."""

    def __init__(self):
        self.process = None

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.process = None

    def pids(self):
        """The process and its children: nginx works in a child."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *map(int, children.read_text(encoding="ascii").split())]


class Nginx(Running):
    def __init__(self, folder, kind, upstream_port=None):
        super().__init__()
        self.folder, self.kind, self.port = folder, kind, free_port()
        self.upstream_port = upstream_port

    def __enter__(self):
        self.folder.mkdir()
        upstream = ""
        if self.upstream_port:
            upstream = f"upstream upstream {{ server 127.0.0.1:{self.upstream_port}; keepalive 128; }}"
        paths = " ".join(
            f"{name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration = f"""
            worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log; daemon off;
            events {{ worker_connections 4096; }}
            http {{
                access_log off; keepalive_requests 100000000; {paths} {upstream}
                server {{ listen 127.0.0.1:{self.port} reuseport; {NGINX[self.kind].format()} }}
            }}
        """
        file = self.folder / "nginx.conf"
        file.write_text(configuration, encoding="utf-8")
        core = MEASURED if self.kind == "proxy" else LOADING
        command = pinned(core, ["nginx", "-e", self.folder / "error.log", "-p", self.folder, "-c", file])
        self.process = subprocess.Popen(command)
        wait_for_port(self.port)
        return self

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/api/controller/v2/hosts/"


class Gateway(Running):
    def __init__(self, binary, folder, upstream_port, password, has_access_log=False):
        super().__init__()
        self.binary, self.folder, self.password = binary.resolve(), folder, password
        self.upstream_port, self.port = upstream_port, None
        self.has_access_log = has_access_log

    def __enter__(self):
        self.folder.mkdir()
        (self.folder / "portcullis.toml").write_text(
            f"""
            [listen]
            threads = 1
            [[service]]
            name = "controller"
            path = "/api/controller/"
            upstream = ["http://127.0.0.1:{self.upstream_port}"]
            dialect = "aap"
            identity = "signed-jwt"
            [[service]]
            name = "manager"
            path = "/dataservice/"
            upstream = ["http://127.0.0.1:{self.upstream_port}"]
            dialect = "catalyst"
            identity = "signed-jwt"
            [[service]]
            name = "sdwan"
            path = "/sdwan/"
            upstream = ["http://127.0.0.1:{self.upstream_port}"]
            dialect = "aap"
            identity = "session"
            [service.session]
            platform = "catalyst"
            user = "bench"
            password_file = "{self.folder / "password"}"
            [log]
            access = {str(self.has_access_log).lower()}
            """,
            encoding="utf-8",
        )
        (self.folder / "password").write_text(self.password, encoding="utf-8")
        (self.folder / "password").chmod(0o600)
        self.start(MEASURED)
        return self

    def start(self, core=None):
        """Starts it; on one core, or on all."""
        self.port = free_port()
        command = [self.binary, "serve", "--data-dir", self.data_dir, "--config", self.folder / "portcullis.toml"]
        command += ["--admin-password-file", self.folder / "password"]
        command += ["--listen", "127.0.0.1:0", "--listen-http", f"127.0.0.1:{self.port}"]
        if core is not None:
            command = pinned(core, command)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
        wait_for_port(self.port)

    @property
    def data_dir(self):
        return self.folder / "data"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/api/controller/v2/hosts/"

    @property
    def me(self):
        return f"http://127.0.0.1:{self.port}/api/gateway/v1/me/"

    @property
    def device(self):
        return f"http://127.0.0.1:{self.port}/dataservice/device"

    @property
    def shared(self):
        """A service that is asked through one session of the gateway's own."""
        return f"http://127.0.0.1:{self.port}/sdwan/hosts"

    @property
    def client_token(self):
        return f"http://127.0.0.1:{self.port}/dataservice/client/token"

    def resident_mib(self):
        time.sleep(1)
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def basic(self):
        return "Basic " + base64.b64encode(f"admin:{self.password}".encode()).decode()

    def token(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", "/api/gateway/v1/tokens/", headers={"Authorization": self.basic()})
        return json.load(connection.getresponse())["token"]

    def form_token(self, door=LOGIN):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", door)
        return cookie(connection.getresponse(), "csrftoken")

    def session(self, door=LOGIN, name="gateway_sessionid"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        return cookie(send_form(connection, self.form_token(door), self.password, door), name)


    def manager_session(self):
        """A session of Catalyst Manager's contract. Its limit of requests in a second is lifted: here it would be
        the only thing that is measured."""
        command = [self.binary, "setting", "--data-dir", self.data_dir, "set", "catalyst.requestsPerSecond", "0"]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = "j_username=admin&j_password=" + self.password.replace(" ", "+")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/j_security_check", body, headers)
        response = connection.getresponse()
        if response.read():
            raise SystemExit("signing in at Catalyst Manager's door was refused")
        return cookie(response, "JSESSIONID")


def send_form(connection, form_token, password, door=LOGIN):
    body = "username=admin&password=" + password.replace(" ", "+")
    headers = {"Cookie": f"csrftoken={form_token}", "X-CSRFToken": form_token}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST", door, body, headers)
    response = connection.getresponse()
    response.read()
    if response.status != 302:
        raise SystemExit(f"signing in was answered with {response.status}")
    return response


def cookie(response, name):
    for line in response.headers.get_all("Set-Cookie", []):
        if line.startswith(name + "="):
            return line.split("=", 1)[1].split(";")[0]
    raise SystemExit(f"no cookie {name} in an answer of status {response.status}")


def wait_for_port(port):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


def wrk(url, seconds, headers=(), script=None):
    """Loads a URL from the other core; the number of answers and how many of them were not 2xx."""
    command = ["wrk", "-t1", "-c64", f"-d{seconds}s", "--timeout", "10s"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", script]
    output = subprocess.run(pinned(LOADING, [*command, url]), check=True, capture_output=True, text=True).stdout
    answers = int(re.search(r"(\d+) requests in", output).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    if wrong:
        raise SystemExit(f"{wrong.group(1)} of {answers} answers of {url} were errors")
    return answers, rate
