#!/usr/bin/env python3
# play_pictures.py - plots, two runs side by side, and packetdrill scripts of `tern play`.
#
#     play_pictures.py PATH_OF_TERN
import json
import subprocess
import sys
import tempfile
import unicodedata
import xml.dom.minidom
from pathlib import Path


def tern(*words, status=0):
    done = subprocess.run([sys.argv[1], *words], capture_output=True, text=True, timeout=120)
    if done.returncode != status:
        fail(f"tern {' '.join(words)}: status {done.returncode}, not {status}: {done.stderr}")
    return done


def fail(what):
    print("FAIL:", what)
    sys.exit(1)


def check(truth, what):
    if not truth:
        fail(what)


def columns(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def plots():
    words = ["play", "session", "--seed", "1"]
    words += ["--plot", "cwnd", "--plot", "sequence", "--plot", "window"]
    lines = [json.loads(line) for line in tern(*words, "--json").stdout.splitlines()]
    sent = [e for e in lines if e["event"] == "sent" and e["end"] == "right" and e.get("length")]
    series = {(e["plot"], e["series"]): e["points"] for e in lines if e["event"] == "plot"}
    drawn = [[e["time_us"], e["seq_relative"], e["seq_relative"] + e["length"]] for e in sent]
    check(series["sequence", "sent"] == drawn, "the plot has other segments than the ladder")
    check(series["cwnd", "cwnd"], "no congestion window")
    text = tern(*words, "--width", "80").stdout
    for title in ("Congestion window", "Sequence numbers", "The window that the receiver offers"):
        check(title in text, f"no plot in the terminal: {title}")
    check(all(columns(line) <= 80 for line in text.splitlines()), "a row is too wide")
    check(text == tern(*words, "--width", "80").stdout, "not the same twice")
    done = tern("play", "loss", "--plot", "speed", status=2)
    check("cwnd, sequence or window" in done.stderr, done.stderr)


def two_runs(folder):
    svg = Path(folder) / "two.svg"
    words = ["play", "loss", "--seed", "1", "--compare", "lose=syn:1"]
    for width in (119, 120, 200):
        text = tern(*words, "--width", str(width), "--svg", str(svg)).stdout
        check("client sends SYN, lost" in text, "the place where they part is not said")
        check(" ║ " in text, "not side by side")
        check(all(columns(line) <= width for line in text.splitlines()), "a row is too wide")
    xml.dom.minidom.parse(str(svg))
    check(" ║ " not in tern(*words, "--width", "80").stdout, "side by side without room")
    lines = [json.loads(line) for line in tern(*words, "--json").stdout.splitlines()]
    check({e.get("run") for e in lines[:-1]} == {"without lose", "lose=syn:1"}, "runs")
    check(lines[-1]["event"] == "parting" and lines[-1]["time_us"] == [10000, 10000], lines[-1])
    lines = [json.loads(line) for line in
             tern("play", "session", "--seed", "1", "--compare", "delay=10ms,30ms",
                  "--json").stdout.splitlines()]
    check(lines[-1]["time_us"] == [20000, 40000], lines[-1])  # SYN-RECEIVED by then
    lines = [json.loads(line) for line in
             tern("play", "loss", "--seed", "1", "--lose", "syn:*",
                  "--compare", "profile=linux,rfc9293", "--json").stdout.splitlines()]
    syns = {run: [e["time_us"] - 10000 for e in lines if e.get("run") == f"profile={run}"
                  and e["event"] == "sent"] for run in ("linux", "rfc9293")}
    linux = [0, 1000000, 2000000, 3000000, 4000000, 5000000, 7000000, 11000000]
    check(syns["linux"][:8] == linux, f"Linux's SYNs: {syns['linux']}")
    check(syns["rfc9293"][:4] == [0, 1000000, 3000000, 7000000], f"{syns['rfc9293']}")
    for wrong in ("", "nonsense=1,2", "lose", "lose=", "=1", "width=80,90",
                  "delay=1ms,", "delay=1ms,2ms,3ms"):
        tern("play", "loss", "--compare", wrong, status=2)
    tern("play", "loss", "--compare", "lose=syn:1", "--client", "kernel", status=2)
    tern("play", "loss", "--compare", "lose=syn:1", "--packetdrill", str(svg), status=2)


def scripts(folder):
    script = Path(folder) / "x.pkt"
    names = [line.split()[0] for line in tern("play", "--list").stdout.splitlines()
             if not line.startswith(" ")]
    for name in names:
        for side in ("client", "server"):
            tern("play", name, "--seed", "1", "--packetdrill", str(script),
                 "--packetdrill-side", side)
            tern("drill", "--check", str(script))
    tern("play", "loss", "--seed", "1", "--packetdrill", str(script))
    text = script.read_text()
    check(text.count("> S 0:0(0) <mss 1460,sackOK,TS val") == 2, "the lost SYN is not expected")
    tern("play", "loss", "--packetdrill", str(script), "--packetdrill-side", "both", status=2)
    tern("play", "loss", "--packetdrill", folder + "/none/x.pkt", status=1)


with tempfile.TemporaryDirectory() as folder:
    plots()
    two_runs(folder)
    scripts(folder)
print("ok")
