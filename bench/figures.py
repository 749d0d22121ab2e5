"""The figures: what is loaded with what, and how it is written down."""

import hashlib
import http.client
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

from machine import CORES, cpu_seconds, note, send_form, wrk


def forwarding(gateway, logging, proxy, options):
    """A forwarded request against nginx in front of the same upstream. In turn, so that a slow minute of the
    machine slows all of them. nginx logs no access, so neither does the gateway it is compared with."""
    ways = {
        "nginx proxy_pass": (proxy, proxy.url, []),
        "session cookie": (gateway, gateway.url, [f"Cookie: gateway_sessionid={gateway.session()}"]),
        "Catalyst session": (gateway, gateway.device, [f"Cookie: JSESSIONID={gateway.manager_session()}"]),
        "Bearer": (gateway, gateway.url, [f"Authorization: Bearer {gateway.token()}"]),
        "Bearer, upstream session": (gateway, gateway.shared, [f"Authorization: Bearer {gateway.token()}"]),
        "Bearer, access log on": (logging, logging.url, [f"Authorization: Bearer {logging.token()}"]),
        "Basic, remembered": (gateway, gateway.url, [f"Authorization: {gateway.basic()}"]),
    }
    for _, url, headers in ways.values():
        wrk(url, 1, headers)
    measured = {name: [] for name in ways}
    for turn in range(options.rounds):
        for name, (program, url, headers) in ways.items():
            note(f"forwarding, {name}, {turn + 1} of {options.rounds}")
            measured[name].append(measure(program, url, headers, options.seconds))
    base = [statistics.median(column) for column in zip(*measured["nginx proxy_pass"])]
    lines = [
        "Forwarded `GET`, one core for the program, 64 connections; medians.",
        "",
        "| Way | requests/s | of nginx | CPU per request | of nginx |",
        "|---|---|---|---|---|",
    ]
    for name, rows in measured.items():
        rate, cpu = (statistics.median(column) for column in zip(*rows))
        lines.append(f"| {name} | {rate:.0f} | {rate / base[0]:.2f} | {cpu:.1f} µs | {cpu / base[1]:.2f} |")
    return [*lines, ""]


def measure(program, url, headers, seconds, script=None):
    """Requests in a second, and CPU microseconds for each."""
    before = cpu_seconds(program.pids())
    answers, rate = wrk(url, seconds, headers, script)
    return rate, (cpu_seconds(program.pids()) - before) * 1e6 / answers


def own_api(gateway, options):
    lines = ["Own API.", "", "| What | requests/s | requests per core-second |", "|---|---|---|"]
    for name, (url, header) in {
        "`GET me/`, session cookie": (gateway.me, f"Cookie: gateway_sessionid={gateway.session()}"),
        "`GET me/`, Bearer": (gateway.me, f"Authorization: Bearer {gateway.token()}"),
        "`GET client/token`, JSESSIONID": (gateway.client_token, f"Cookie: JSESSIONID={gateway.manager_session()}"),
    }.items():
        note(f"own API, {name}")
        rate, cpu = measure(gateway, url, [header], options.seconds)
        lines.append(f"| {name} | {rate:.0f} | {1e6 / cpu:.0f} |")
    return [*lines, ""]


def sign_ins(gateway, folder, options):
    """Form logins on all cores against what the hashes alone would cost there."""
    note("sign-ins")
    gateway.stop()
    gateway.start()
    form_token, done, until = gateway.form_token(), [], time.monotonic() + options.seconds

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        while time.monotonic() < until:
            send_form(connection, form_token, gateway.password)
            done.append(1)

    before, began = cpu_seconds(gateway.pids()), time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(2 * len(CORES))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(done) / (time.monotonic() - began)
    cpu = (cpu_seconds(gateway.pids()) - before) * 1e3 / len(done)
    lines = [f"Sign-ins through the form: {rate:.1f} a second on {len(CORES)} cores, {cpu:.1f} ms CPU each."]
    cost = argon2_ms(folder)
    if cost is None:
        lines.append("The bare cost of a hash was not measured: argon2-cffi could not be installed.")
    else:
        most = len(CORES) * 1000 / cost
        lines.append(
            f"A hash alone costs {cost:.1f} ms (the reference implementation), so at most {most:.1f} a second: "
            f"{rate / most:.2f} of it was reached, at {cpu / cost:.2f} times the CPU."
        )
    return [*lines, ""]


def argon2_ms(folder):
    environment = folder / "argon2"
    python = environment / "bin" / "python"
    code = (
        "import time;from argon2.low_level import hash_secret_raw as h,Type\n"
        "f=lambda:h(b'bench the gate 4711',b'0123456789abcdef',2,19456,1,32,Type.ID)\n"
        "f();b=time.process_time();[f() for _ in range(50)];print((time.process_time()-b)*20)"
    )
    try:
        subprocess.run([sys.executable, "-m", "venv", environment], check=True, capture_output=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "argon2-cffi"], check=True, capture_output=True)
        return float(subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout)
    except (OSError, subprocess.CalledProcessError):
        return None


def memory(gateway, idle, numbers):
    lines = ["Resident memory.", "", "| Sessions, each used once | MiB | more than idle |", "|---|---|---|"]
    lines.append(f"| none, idle | {idle:.0f} | |")
    made = 0
    for number in sorted(numbers):
        note(f"resident memory, {number} sessions")
        insert_sessions(gateway.data_dir / "portcullis.db", made, number)
        made = number
        gateway.start()
        script = gateway.folder / "sessions.lua"
        script.write_text(
            f"""
            local turn = -1
            request = function()
                turn = (turn + 1) % {number}
                return wrk.format("GET", nil, {{Cookie = string.format("gateway_sessionid=%032d", turn)}})
            end
            """,
            encoding="utf-8",
        )
        # The script counts from the beginning in each run, so one run has to reach the end.
        used, seconds = 0, max(2, number // 6000)
        for _ in range(3):
            used, _ = wrk(gateway.me, seconds, script=script)
            if used >= number:
                break
            seconds *= 3
        resident = gateway.resident_mib()
        shown = f"{number}" if used >= number else f"{number} ({used} used)"
        lines.append(f"| {shown} | {resident:.0f} | {resident - idle:.0f} |")
        gateway.stop()
    return [*lines, ""]


def insert_sessions(database, first, last):
    """Writes sessions into the store of a stopped gateway: their secrets are their numbers."""
    now = int(time.time() * 1e6)
    with sqlite3.connect(database) as connection:
        user = connection.execute("SELECT id FROM users WHERE username = 'admin'").fetchone()[0]
        authenticator = connection.execute("SELECT min(id) FROM authenticators").fetchone()[0]
        rows = (
            ("gateway", digest(f"{number:032d}"), user, now, now + 86_400_000_000, now, "127.0.0.1", authenticator)
            for number in range(first, last)
        )
        connection.executemany(
            "INSERT INTO sessions (kind, digest, user_id, created_at, expires_at, last_used_at, address, "
            "authenticator_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    connection.close()


def digest(secret):
    """As the gateway makes it: each part behind its length."""
    text = hashlib.sha256()
    for part in (b"session", b"gateway", secret.encode()):
        text.update(len(part).to_bytes(8, "big"))
        text.update(part)
    return text.digest()
