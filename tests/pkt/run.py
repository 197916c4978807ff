#!/usr/bin/env python3
# run.py - every script here passes, over each kind of address, and hits the rules that it names.
#
#     tests/pkt/run.py TERN
#
# A script names its profile, as --so_flags: what it expects are values of the RFCs. It names the
# rules that its run must hit in one line, "// rules: NAME NAME"; "none" when nothing decides.
import json
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RULES = re.compile(r"^// rules: (.+)$", re.M)
FAMILIES = ("ipv4", "ipv6", "ipv4-mapped-ipv6")
SHOWN = 40  # at most so many complaints
ALONE = re.compile(r"^--ip_version=(\S+)$", re.M)  # what is said over one kind of address only


def named_rules(text):
    """The rules that a script names; None when it names none and does not say so."""
    found = RULES.search(text)
    if found is None:
        return None
    return set() if found[1] == "none" else set(found[1].split())


def check(path, runs):
    """What is wrong with the runs of one script."""
    text = path.read_text(encoding="utf-8")
    names = named_rules(text)
    if names is None:
        yield "names no rules: '// rules: NAME ...', or none"
        return
    alone = ALONE.search(text)
    families = (alone[1],) if alone else FAMILIES
    if sorted(run["ip_version"] for run in runs) != sorted(families if not alone else ("ipv4",)):
        yield f"was not run over each of {', '.join(families)}"
    for run in runs:
        if run["verdict"] != "pass":
            yield f"{run['ip_version']}: {run['verdict']}: {run['text']}"
        elif names - set(run["rules"]):
            missing = " ".join(sorted(names - set(run["rules"])))
            yield f"{run['ip_version']}: names rules that its run does not hit: {missing}"


def main():
    folders = sorted(f for f in HERE.iterdir() if f.is_dir())
    paths = [path for folder in folders for path in sorted(folder.glob("*.pkt"))]
    begin = time.monotonic()
    done = subprocess.run(
        [sys.argv[1], "drill", "--ip-version", "all", "--json", *map(str, folders)],
        stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.monotonic() - begin
    runs, hit = {}, set()
    for line in done.stdout.splitlines():
        run = json.loads(line)
        runs.setdefault(Path(run["file"]), []).append(run)
        hit |= set(run["rules"])
    wrong = 0
    for path in paths:
        for what in check(path, runs.get(path, [])):
            wrong += 1
            if wrong <= SHOWN:
                print(f"{path.relative_to(HERE)}: {what}")
    for folder in folders:
        print(f"{folder.name}: {sum(path.parent == folder for path in paths)} scripts")
    print(f"{len(paths)} scripts, {sum(map(len, runs.values()))} runs, {len(hit)} rules hit, "
          f"{seconds:.1f} s")
    return 1 if wrong or done.returncode != 0 or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
