"""Runs the measurements: nginx, the gateway, and a program that loads both, on separate cores."""

import argparse
import sys
import tempfile
from pathlib import Path

import figures
from grants import grants
from machine import Gateway, Nginx, note

PASSWORD = "bench the gate 4711"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, type=Path, help="the program to measure")
    parser.add_argument("--seconds", type=int, default=8, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each kind, taken in turn")
    parser.add_argument("--sessions", default="100000,1000000", help="numbers of sessions whose memory is measured")
    parser.add_argument("--out", type=Path, help="also write the report to this file")
    options = parser.parse_args()
    sessions = [int(number) for number in options.sessions.split(",") if number]

    with tempfile.TemporaryDirectory(prefix="portcullis-bench-") as folder:
        folder = Path(folder)
        lines = []
        with Nginx(folder / "upstream", "upstream") as upstream, Nginx(
            folder / "proxy", "proxy", upstream.port
        ) as proxy:
            with Gateway(options.binary, folder / "gateway", upstream.port, PASSWORD) as gateway:
                note("resident memory, idle")
                idle = gateway.resident_mib()
                with Gateway(options.binary, folder / "logging", upstream.port, PASSWORD, True) as logging:
                    lines += figures.forwarding(gateway, logging, proxy, options)
                lines += figures.own_api(gateway, options)
                lines += grants(gateway, options)
                lines += figures.sign_ins(gateway, folder, options)
            lines += figures.memory(gateway, idle, sessions)
    report = "\n".join(["", "# Measured in one run on this machine", "", *lines, ""])
    print(report)
    if options.out:
        options.out.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
