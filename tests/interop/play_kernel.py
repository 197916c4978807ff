#!/usr/bin/env python3
# play_kernel.py - the kernel's TCP takes a part in every scenario of `tern play`, client or server,
# IPv4 and IPv6, and both ends pass the states of the RFC's figures.
#
#     play_kernel.py PATH_OF_TERN
#
# Ends with 77 when this user can make no network namespace, or there is no /dev/net/tun.
import json
import subprocess
import sys

SKIPPED = 77
OPEN_CLIENT = ["SYN-SENT", "ESTABLISHED"]
OPEN_SERVER = ["LISTEN", "SYN-RECEIVED", "ESTABLISHED"]
BOTH_OPEN = ["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]
# In real time nobody waits for the end of TIME-WAIT.
ACTIVE = ["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"]
PASSIVE = ["CLOSE-WAIT", "LAST-ACK", "CLOSED"]
CROSSED = ["FIN-WAIT-1", "CLOSING", "TIME-WAIT"]

EXPECTED = {
    "handshake": (OPEN_CLIENT, OPEN_SERVER),
    "session": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE),
    "close": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE),
    "close-in-three": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE),
    "data-on-ack": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE),
    "half-close": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE),
    "simultaneous-open": (BOTH_OPEN, BOTH_OPEN),
    "simultaneous-close": (OPEN_CLIENT + CROSSED, OPEN_SERVER + CROSSED),
    "closed-port": (["SYN-SENT", "CLOSED"], []),
    "abort": (
        (OPEN_CLIENT + ["CLOSED"]) * 2,
        OPEN_SERVER + ["CLOSED"] + OPEN_SERVER[1:] + ["CLOSED"],
    ),
    "loss": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE),
}


def fail(what):
    print("FAIL:", what)
    sys.exit(1)


def play(*words):
    done = subprocess.run([sys.argv[1], "play", *words, "--json"], capture_output=True, text=True,
                          timeout=120)
    if done.returncode == 1 and ("no permission" in done.stderr or "/dev/net/tun" in done.stderr):
        print("skipped:", done.stderr.strip())
        sys.exit(SKIPPED)
    if done.returncode != 0:
        fail(f"tern play {' '.join(words)}: status {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def states(lines, end):
    return [line["to"] for line in lines if line["event"] == "state" and line["end"] == end]


def alike(got, want):
    """The kernel may pass two states within one segment (a FIN that also acknowledges), and the
    RFC's FIN-WAIT-2 then cannot be seen; nothing else may differ."""
    if got == want:
        return True
    return got == [s for s in want if s != "FIN-WAIT-2"]


def check(words, lines, end, want):
    got = states(lines, end)
    if not alike(got, want):
        fail(f"tern play {' '.join(words)}: {end}: {got}, not {want}")


def scenario(name, role, family):
    words = (name, f"--{role}", "kernel", *family)
    lines = play(*words)
    client, server = EXPECTED[name]
    kinds = [lines[0]["left"]["kind"], lines[0]["right"]["kind"]]
    if kinds != (["kernel", "tern"] if role == "client" else ["tern", "kernel"]):
        fail(f"tern play {' '.join(words)}: {kinds}")
    check(words, lines, "left", client)
    check(words, lines, "right", server)
    if any(line["event"] == "sent" and not line["checksum_ok"] for line in lines):
        fail(f"tern play {' '.join(words)}: a wrong checksum")
    ends = {line["end"] for line in lines if line["event"] == "sent"}
    if ends != {"left", "right"}:
        fail(f"tern play {' '.join(words)}: packets from {ends} only")
    errors = [line["text"] for line in lines
              if line["event"] == "note" and line["kind"] == "error"]
    wanted = {"closed-port": ["connection refused"], "abort": ["connection reset"] * 2}
    if errors != wanted.get(name, []):
        fail(f"tern play {' '.join(words)}: the programs are told {errors}")


plays = 0
for one in EXPECTED:
    for role in ("client", "server"):
        for family in ((), ("--ipv6",)):
            scenario(one, role, family)
            plays += 1
print(f"{plays} plays with the kernel")
