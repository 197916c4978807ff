#!/usr/bin/env python3
# play_kernel_outcome.py - what comes of a play does not depend on whose TCP plays: each is played
# by tern alone, then with the kernel as client and as server, and the outcomes are compared.
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
from pathlib import Path

SKIPPED = 77
KERNEL = Path(__file__).parent / "kernel"
# With segments: no data longer than one segment, no delayed ACK that could go either way.
EXACT = ["handshake", "close", "simultaneous-close", "closed-port",
         KERNEL / "keep-alive.scenario", KERNEL / "time-wait.scenario",
         KERNEL / "time-wait-again.scenario"]
ALIKE = ["simultaneous-open", "half-close", "abort", KERNEL / "zero-window.scenario"]
OPTIONS = {"abort": ["--delay", "20ms"]}


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


def scenario(name, exact):
    options = OPTIONS.get(name, [])
    alone = play(name, *options)
    for role in ("client", "server"):
        lines = play(name, f"--{role}", "kernel", *options)
        what = f"tern play {name} --{role} kernel"
        for end in ("left", "right"):
            compare(f"{what}: states, {end}", states(lines, end), states(alone, end))
            compare(f"{what}: octets read, {end}", read(lines, end), read(alone, end))
            if exact:
                compare(f"{what}: segments, {end}", segments(lines, end), segments(alone, end))
        compare(f"{what}: errors", sorted(notes(lines, "error")), sorted(notes(alone, "error")))
        if "zero-window" in str(name):
            probed_zero_window(what, lines)
    if "zero-window" in str(name):
        probed_zero_window(f"tern play {name}", alone)
    print(f"pass {Path(str(name)).stem}: {len(sent(alone))} segments"
          f"{', the same ones' if exact else ''}", flush=True)


for one in EXACT:
    scenario(one, True)
for one in ALIKE:
    scenario(one, False)
