#!/usr/bin/env python3
# play_kernel_outcome.py - what comes of a play does not depend on whose TCP plays: each is played
# by tern alone, then with the kernel as client and as server, over IPv4 and IPv6, and the outcomes
# are compared.
#
#     play_kernel_outcome.py PATH_OF_TERN
#
# Compared: the states of both ends; what the programs are told and have read; and, where both do
# the same of what the RFCs leave open, each end's segments: flags, SEQ and ACK, length. The
# scenarios of tests/interop/kernel/ take seconds, because the kernel's time is real; the others are
# built in. Ends with 77 when this user can make no network namespace, or there is no /dev/net/tun.
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SKIPPED = 77
KERNEL = Path(__file__).parent / "kernel"
# With segments: no data longer than one segment, no delayed ACK that could go either way.
EXACT = ["handshake", "close", "simultaneous-close", "closed-port",
         KERNEL / "keep-alive.scenario", KERNEL / "keep-alive-crash.scenario",
         KERNEL / "time-wait.scenario", KERNEL / "time-wait-again.scenario"]
ALIKE = ["simultaneous-open", "half-close", "abort", "path-mtu", "path-mtu --silent",
         KERNEL / "fast-open.scenario", KERNEL / "zero-window.scenario"]
OPTIONS = {"abort": ["--delay", "20ms"]}
NARROW_BYTES = 1300  # the link of path-mtu
# The kernel's time is real: it sleeps more than it works.
AT_ONCE = ThreadPoolExecutor(4)


def fail(what):
    print("FAIL:", what)
    sys.exit(1)


def play(*words):
    done = subprocess.run([sys.argv[1], "play", *map(str, words), "--json"], capture_output=True,
                          text=True, timeout=120)
    if done.returncode == 1 and ("no permission" in done.stderr or "/dev/net/tun" in done.stderr):
        print("skipped:", done.stderr.strip())
        sys.exit(SKIPPED)
    if done.returncode != 0:
        fail(f"tern play {words}: status {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def states(lines, end):
    """Without what cannot be seen of the kernel: the end of TIME-WAIT, which nobody waits for or
    a SYN brings about, and FIN-WAIT-2, when one segment has the ACK and the FIN."""
    seen = [line["to"] for line in lines if line["event"] == "state" and line["end"] == end]
    kept = [s for s in seen if s != "FIN-WAIT-2"]
    kept = [s for before, s in zip([None, *kept], kept) if (before, s) != ("TIME-WAIT", "CLOSED")]
    return kept


def notes(lines, kind):
    return [(line["end"], line["text"]) for line in lines
            if line["event"] == "note" and line["kind"] == kind]


def read(lines, end):
    return sum(int(text.split()[1]) for at, text in notes(lines, "call")
               if at == end and text.startswith("read "))


def sent(lines):
    return [line for line in lines if line["event"] == "sent"]


def segments(lines, end):
    return [("+".join(p["flags"]), p.get("seq_relative"), p.get("ack_relative"), p["length"])
            for p in sent(lines) if p["end"] == end]


def compare(what, got, want):
    if got != want:
        fail(f"{what}:\n  with the kernel {got}\n  tern alone      {want}")


def probed_zero_window(what, lines):
    """After a window of 0 and before the next that is not, the sender asks, and is answered."""
    packets = sent(lines)
    closed = [i for i, p in enumerate(packets) if p["window"] == 0 and p["end"] == "right"]
    if len(closed) < 2:
        fail(f"{what}: a window of 0 was offered {len(closed)} times")
    between = packets[closed[0] + 1:closed[-1]]
    if not any(p["end"] == "left" and p["length"] <= 1 for p in between):
        fail(f"{what}: nobody asked whether the window is open")


def grew_smaller(what, lines):
    """The server begins with packets too large for the link, and ends with none of them: most of
    the data is in packets that fit, and do not fit much too well."""
    sizes = [p["bytes"] for p in sent(lines) if p["end"] == "right" and p["length"] > 0]
    large = [i for i, size in enumerate(sizes) if size > NARROW_BYTES]
    after = sizes[large[-1] + 1:] if large else []
    if not large or sum(after) < 10000 or max(after) < NARROW_BYTES // 2:
        fail(f"{what}: packets of {sizes} octets")
    told = [p["icmp"] for p in sent(lines) if "icmp" in p]
    if bool(told) == ("--silent" in what):
        fail(f"{what}: ICMP {told}")


def read_early(what, lines):
    """The data of the second SYN, and only that, is read before the handshake is done."""
    seen = []
    for line in lines:
        if line["event"] == "state" and (line["end"], line["to"]) == ("left", "ESTABLISHED"):
            seen.append("established")
        elif line["event"] == "note" and line["text"] == "read 100":
            seen.append("read")
    compare(f"{what}: established and read", seen, ["established", "read", "read", "established",
                                                    "established", "read"])
    syns = [p["length"] for p in sent(lines) if p["flags"] == ["SYN"]]
    compare(f"{what}: octets in the SYNs", syns, [0, 100, 100])


CHECKS = {"zero-window": probed_zero_window, "path-mtu": grew_smaller,
          "path-mtu --silent": grew_smaller, "fast-open": read_early}


def check_outcome(name, lines, alone, what, exact):
    for end in ("left", "right"):
        compare(f"{what}: states, {end}", states(lines, end), states(alone, end))
        compare(f"{what}: octets read, {end}", read(lines, end), read(alone, end))
        if exact:
            compare(f"{what}: segments, {end}", segments(lines, end), segments(alone, end))
    compare(f"{what}: errors", sorted(notes(lines, "error")), sorted(notes(alone, "error")))
    CHECKS.get(name, lambda *_: None)(what, lines)


def scenario(source, exact):
    name = Path(str(source)).stem
    words = [source] if isinstance(source, Path) else source.split()
    words = [*words, *OPTIONS.get(name, [])]
    plays = [(family, side) for family in ([], ["--ipv6"]) for side in ("client", "server")]
    alone = play(*words)
    CHECKS.get(name, lambda *_: None)(f"tern play {name}", alone)
    played = [AT_ONCE.submit(play, *words, *family, f"--{side}", "kernel")
              for family, side in plays]
    for (family, side), lines in zip(plays, played):
        what = " ".join(["tern play", name, *family, f"--{side} kernel"])
        check_outcome(name, lines.result(), alone, what, exact)
    print(f"pass {name}: {len(sent(alone))} segments{', the same ones' if exact else ''}",
          flush=True)


for one in EXACT:
    scenario(one, True)
for one in ALIKE:
    scenario(one, False)
