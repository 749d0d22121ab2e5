"""Holds the dependencies to deny.toml: licences, duplicate versions, banned crates and sources.

Works from `cargo tree`, the lock file and the lists in deny.toml alone, so that it needs nothing from a network.
"""

import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

CRATES_IO = re.compile(r"registry\+https://[^/]+/rust-lang/crates\.io-index")


def main():
    rules = tomllib.loads(Path("deny.toml").read_text(encoding="utf-8"))
    packages = used_packages(rules["graph"]["targets"])
    complaints = [
        *licences(packages, set(rules["licenses"]["allow"])),
        *duplicates(packages, [entry["crate"] for entry in rules["bans"]["skip"]]),
        *banned(packages, {entry["crate"] for entry in rules["bans"]["deny"]}),
        *sources(),
    ]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"{len(packages)} packages, {len(complaints)} complaints")
    return 1 if complaints else 0


def used_packages(targets):
    """All packages that a build for one of the targets uses.

    Asks `cargo tree`, because `cargo metadata` also lists what no feature switches on.
    """
    packages = {}
    for target in targets:
        command = ["cargo", "tree", "--locked", "--workspace", "--target", target]
        command += ["--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}\t{l}"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        # An empty line stands between the trees of two members.
        for line in filter(None, output.splitlines()):
            package, licence = line.removesuffix(" (*)").split("\t")
            name, version = package.split(" ")[:2]
            packages[name, version.removeprefix("v")] = licence
    return [{"name": name, "version": version, "license": it} for (name, version), it in sorted(packages.items())]


def licences(packages, allowed):
    for package in packages:
        expression = package["license"] or ""
        if not is_allowed(expression.replace("/", " OR "), allowed):
            yield f"{package['name']} {package['version']}: licence {expression or 'unknown'} is not in the list"


def is_allowed(expression, allowed):
    """Whether an SPDX expression can be met with the allowed licences; AND binds closer than OR."""
    tokens = re.findall(r"\(|\)|AND|OR|[^\s()]+(?: WITH [^\s()]+)?", expression)
    position = 0

    def either():
        nonlocal position
        value = both()
        while position < len(tokens) and tokens[position] == "OR":
            position += 1
            value = both() or value
        return value

    def both():
        nonlocal position
        value = single()
        while position < len(tokens) and tokens[position] == "AND":
            position += 1
            value = single() and value
        return value

    def single():
        nonlocal position
        if position >= len(tokens):
            return False
        token = tokens[position]
        position += 1
        if token == "(":
            value = either()
            position += 1
            return value
        return token in allowed

    return either() and position == len(tokens)


def duplicates(packages, skipped):
    """Crates in two versions. An exception names the older one: `name@version`."""
    versions = defaultdict(set)
    for package in packages:
        versions[package["name"]].add(package["version"])
    excused = set(skipped)
    for name, found in sorted(versions.items()):
        remaining = {version for version in found if f"{name}@{version}" not in excused}
        if len(remaining) > 1:
            yield f"{name} is used in versions {', '.join(sorted(found))}; find out why, or name the exception"
    for entry in skipped:
        name, version = entry.split("@")
        if len(versions[name]) < 2 or version not in versions[name]:
            yield f"the exception {entry} in deny.toml is not needed any more"


def banned(packages, names):
    for package in packages:
        if package["name"] in names:
            yield f"{package['name']} must not be used"


def sources():
    """Looks at the whole lock file, used or not."""
    for package in tomllib.loads(Path("Cargo.lock").read_text(encoding="utf-8"))["package"]:
        if "source" in package and not CRATES_IO.fullmatch(package["source"]):
            yield f"{package['name']} comes from {package['source']}"


if __name__ == "__main__":
    sys.exit(main())
