#!/usr/bin/env python3
# bench.py - the benchmark does its work: every row, at a tiny size, counts what it should.
#
#     tests/interop/bench.py PATH-OF-TERN
#
# Nothing is timed here. A row fails by itself when a segment, an octet or a state is missing; this
# test holds that each row runs and that its counts are those of the work it names.
import json
import subprocess
import sys
from pathlib import Path

TERN = Path(sys.argv[1])
COUNT = 40  # more than a batch of requests, fewer than the 100 connections of reply-100
# Segments that come in and go out for one operation, by row.
SERVER_SEGMENTS = {"lifecycle-server": (4, 3), "lifecycle-server-request": (5, 4),
                   "lifecycle-server-closes": (4, 3), "reply": (1, 1), "flood": (1, 1),
                   "million": (4, 3)}
BOTH_SEGMENTS = {"lifecycle-both": 7, "lifecycle-both-request": 8}
HASH_SLOT_BYTES = 4  # beside a record: its place in the table that finds connections
# One ACK a window; timestamps and SACK; cookies; what would take lwIP an hour.
LWIP_ROWS_LEFT_OUT = {"bulk-burst", "bulk-options", "flood", "million"}

checks = {"passed": 0, "failed": 0}


def check(name, right, seen=""):
    checks["passed" if right else "failed"] += 1
    print(f"{'pass' if right else 'FAIL'} {name} {'' if right else seen}")


def run(*words):
    return subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=600)


def rows(program):
    return [line.split("\t")[0] for line in run(program, "--list").stdout.splitlines()]


def expected_segments(row):
    if row.startswith("idle-"):
        row = "lifecycle-server-request" if row.endswith("-request") else "lifecycle-server"
    return SERVER_SEGMENTS.get("reply" if row.startswith("reply-") else row)


def check_counts(name, row, line):
    check(f"{name}: the machine", line["siphash_ns"] > 0 and line["memcpy_ns"] > 0, line)
    if row == "memory":
        return
    check(f"{name}: operations", line["operations"] == COUNT, line)
    check(f"{name}: a time", line["ns"] > 0 or line["client_ns"] > 0, line)
    segments = expected_segments(row)
    if segments is not None:
        check(f"{name}: segments", (line["segments_in"], line["segments_out"]) == segments, line)
    if row in BOTH_SEGMENTS:
        check(f"{name}: segments", line["segments_in"] == BOTH_SEGMENTS[row], line)
    if row == "bulk":  # every second segment is acknowledged, and the first ones singly
        check(f"{name}: segments", 1.3 < line["segments_in"] <= 2, line)


def check_program(program):
    for row in rows(program):
        done = run(program, "--row", row, "--count", COUNT)
        name = f"{program.name} {row}"
        check(f"{name}: exit status", done.returncode == 0, done.stderr)
        if done.returncode == 0:
            check_counts(name, row, json.loads(done.stdout))


def check_memory(program):
    line = json.loads(run(program, "--row", "memory", "--count", COUNT).stdout)
    for state, most in (("established", 384), ("half_open", 64), ("time_wait", 48)):
        record = line[state] - HASH_SLOT_BYTES
        check(f"{state}: a record of at most {most} octets", 0 < record <= most, line)
        # What tern_footprint_get() says is what one more costs in tern_size().
        check(f"{state}: says what it costs", abs(line[state] - line[state + "_marginal"]) <= 1,
              line)


def check_verb(lwip):
    done = run(TERN, "bench", "--quick", "--rounds", "1", "--row", "bulk", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    stacks = [line["stack"].split()[0] for line in lines if line["row"] == "bulk"]
    check("tern bench: both stacks and the docs", stacks == ["tern"] + ["lwip"] * lwip + ["tuned"],
          done.stdout + done.stderr)
    check("tern bench: compared", lines[0]["times_tuned"] > 0, done.stdout)
    table = run(TERN, "bench", "--quick", "--rounds", "1", "--row", "lifecycle-server").stdout
    check("tern bench: the table", "lifecycle-server" in table and "SipHash" in table, table)
    for words in (["--row", "none"], ["--rounds", "0"], ["--rounds"], ["--what"], ["word"]):
        done = run(TERN, "bench", *words)
        check(f"tern bench {' '.join(words)}: usage", done.returncode == 2 and done.stderr,
              done.stderr)


def main():
    tern = TERN.parent / "tern-bench-tern"
    lwip = TERN.parent / "tern-bench-lwip"
    check_program(tern)
    check_memory(tern)
    if lwip.exists():
        check_program(lwip)
        check("lwip: has the rows of tern",
              set(rows(tern)) - set(rows(lwip)) == LWIP_ROWS_LEFT_OUT, rows(lwip))
    check_verb(int(lwip.exists()))
    check("a wrong row: usage", run(tern, "--row", "none").returncode == 2)
    print(f"{checks['passed']} passed, {checks['failed']} failed")
    return 1 if checks["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
