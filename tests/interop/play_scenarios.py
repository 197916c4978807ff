#!/usr/bin/env python3
# play_scenarios.py - every scenario of `tern play` shows what it promises, between two stacks.
#
#     play_scenarios.py PATH_OF_TERN
#
# Reads the JSON lines of each play and compares the states of both ends with the RFC's figures,
# and what is to be seen besides: rules, flags, errors.
import json
import subprocess
import sys
import tempfile
from pathlib import Path

OPEN_CLIENT = ["SYN-SENT", "ESTABLISHED"]
OPEN_SERVER = ["LISTEN", "SYN-RECEIVED", "ESTABLISHED"]
ACTIVE = ["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"]
PASSIVE = ["CLOSE-WAIT", "LAST-ACK", "CLOSED"]
BOTH_OPEN = ["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]
BOTH_CLOSE = ["FIN-WAIT-1", "CLOSING", "TIME-WAIT", "CLOSED"]

# Scenario: states of the client, states of the server, rules that must be seen.
EXPECTED = {
    "handshake": (OPEN_CLIENT, OPEN_SERVER, ["SYN_SENT_SYN_ACK", "HANDSHAKE_DONE"]),
    "session": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE, ["DATA_SENT", "TIME_WAIT_STARTED"]),
    "close": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE, ["FIN_SENT", "FIN_ACKED"]),
    "close-in-three": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE, ["FIN_SENT"]),
    "data-on-ack": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE, ["TEXT_QUEUED"]),
    "half-close": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE, ["DATA_SENT"]),
    "simultaneous-open": (BOTH_OPEN, BOTH_OPEN, ["SIMULTANEOUS_OPEN"]),
    "simultaneous-close": (OPEN_CLIENT + BOTH_CLOSE, OPEN_SERVER + BOTH_CLOSE, []),
    "closed-port": (["SYN-SENT", "CLOSED"], [], ["CLOSED_SEGMENT_RESET", "SYN_SENT_RST_REFUSED"]),
    "abort": (
        (OPEN_CLIENT + ["CLOSED"]) * 2,
        OPEN_SERVER + ["CLOSED"] + OPEN_SERVER[1:] + ["CLOSED"],
        ["ABORTED", "RST_ACCEPTED", "CLOSED_ACK_RESET"],
    ),
    "loss": (OPEN_CLIENT + ACTIVE, OPEN_SERVER + PASSIVE, ["RTO_BACKOFF", "RTT_KARN"]),
}


def tern(*words, status=0):
    done = subprocess.run([sys.argv[1], *words], capture_output=True, text=True, timeout=120)
    if done.returncode != status:
        fail(f"tern {' '.join(words)}: status {done.returncode}, not {status}: {done.stderr}")
    return done


def fail(what):
    print("FAIL:", what)
    sys.exit(1)


def play(*words):
    lines = [json.loads(line) for line in tern("play", *words, "--json").stdout.splitlines()]
    if not lines or lines[0]["event"] != "ladder":
        fail(f"play {words}: no JSON lines")
    return lines


def states(lines, end):
    return [line["to"] for line in lines if line["event"] == "state" and line["end"] == end]


def rules(lines):
    return {line["rule"] for line in lines if line["event"] == "rule"}


def sent(lines, end=None):
    return [s for s in lines if s["event"] == "sent" and end in (None, s["end"])]


def check(name, got, want):
    if got != want:
        fail(f"{name}: {got}, not {want}")


def scenarios():
    listed = [line.split()[0] for line in tern("play", "--list").stdout.splitlines()]
    listed = [name for name in listed if not name.startswith("--")]
    check("tern play --list", sorted(set(EXPECTED) - set(listed)), [])
    for name, (client, server, wanted) in EXPECTED.items():
        for family in ((), ("--ipv6",)):
            lines = play(name, "--seed", "5", *family)
            check(f"{name}: the client's states", states(lines, "left"), client)
            check(f"{name}: the server's states", states(lines, "right"), server)
            missing = set(wanted) - rules(lines)
            if missing:
                fail(f"{name}: no {missing}")
            if any(not packet["checksum_ok"] for packet in sent(lines)):
                fail(f"{name}: a wrong checksum")
    print(f"{len(EXPECTED)} scenarios, IPv4 and IPv6")


def details():
    lines = play("handshake", "--seed", "1")
    syn, syn_ack, ack = sent(lines)
    check("flags", [p["flags"] for p in (syn, syn_ack, ack)], [["SYN"], ["SYN", "ACK"], ["ACK"]])
    check("ACK of SYN", syn_ack["ack"], (syn["seq"] + 1) % 2**32)
    check("ACK of SYN,ACK", ack["ack"], (syn_ack["seq"] + 1) % 2**32)
    check("lengths", [p["length"] for p in (syn, syn_ack, ack)], [0, 0, 0])

    fins = [p["flags"] for p in sent(play("close", "--seed", "1"))[3:]]
    check("close", fins, [["FIN", "ACK"], ["ACK"], ["FIN", "ACK"], ["ACK"]])
    fins = [p["flags"] for p in sent(play("close-in-three", "--seed", "1"))[3:]]
    check("close-in-three", fins, [["FIN", "ACK"], ["FIN", "ACK"], ["ACK"]])
    third = sent(play("data-on-ack", "--seed", "1"))[2]
    check("data-on-ack", (third["length"], third["end"]), (100, "left"))
    refused = play("closed-port", "--seed", "1")
    check("the answer", [p["flags"] for p in sent(refused, "right")], [["RST", "ACK"]])
    notes = [line for line in refused if line["event"] == "note"]
    errors = [note["text"] for note in notes if note["kind"] == "error"]
    check("the call", errors, ["connection refused"])
    aborted = play("abort", "--seed", "1")
    told = [line["end"] for line in aborted if line.get("text") == "connection reset"]
    check("who is told of a reset", told, ["right", "left"])
    half = sent(play("half-close", "--seed", "1"), "right")
    check("octets after the client's FIN", sum(p["length"] for p in half), 3500)


def seeds():
    """The same seed, the same octets; another seed or none, other ISNs."""
    first, again, other = (tern("play", "session", "--json", "--seed", s).stdout for s in "112")
    check("the same seed", first == again, True)
    check("another seed", first == other, False)
    isns = set()
    for _ in range(3):
        isns.update(p["seq"] for p in sent(play("handshake")) if "SYN" in p["flags"])
    check("different ISNs in three plays", len(isns), 6)


def losses():
    for packet in ("syn", "synack", "ack", "fin", "data", "client>data:1", "server>fin"):
        lines = play("loss", "--seed", "3", "--lose", packet)
        died = [line for line in lines if line["event"] == "died"]
        check(f"--lose {packet}: packets lost", len(died), 1)
        check(f"--lose {packet}: the last state", states(lines, "left")[-1], "CLOSED")
    lines = play("handshake", "--seed", "3", "--lose", "syn:*")
    times = [round((p["time_us"] - 10000) / 1e6) for p in sent(lines)]
    check("the schedule of SYNs", times, [0, 1, 3, 7, 15, 31, 63, 123])
    check("the end", states(lines, "left"), ["SYN-SENT", "CLOSED"])
    if not any(line.get("text") == "connection aborted due to user timeout" for line in lines):
        fail("giving up is no error")
    lines = play("session", "--seed", "4", "--loss", "20%", "--duplicate", "10%")
    if not any(line["event"] == "died" for line in lines):
        fail("--loss 20% loses nothing")


TALK = """title a request and a reply, and much later another request
port client 7000
at 0 server listen
at 10ms client connect
when client connected client send 100
when server read 100 server send 3000
at 20s client send 100
when server read 200 client close
when server ended server close
"""
# What is at the door, and what comes of it.
DONE = ["client read 3000", "server read 200", "client error none", "server error none"]
BOXES = {
    "client none": [*DONE, "server most snd_wnd > 8000", "server now peer_port 7000"],
    "client clamp 1000": [*DONE, "server most snd_wnd <= 8000"],
    "client bleach": [*DONE, "server most snd_wnd > 8000"],
    "client strip mss": [*DONE, "server most snd_mss 536"],
    "client nat timeout 60s": [*DONE, "server now peer_port != 7000",
                               "server states " + " ".join(OPEN_SERVER + PASSIVE)],
    "client nat timeout 2s": ["client error TIMED_OUT", "client read 3000", "server read 100"],
    "client nat timeout 2s reset": ["client error RESET", "client read 3000", "server read 100"],
    "server nat timeout 60s": ["client error TIMED_OUT", "server events accepted 0"],
    "server nat timeout 60s reset": ["client error REFUSED", "server events accepted 0"],
    "server firewall drop port 80": ["client error TIMED_OUT", "server events accepted 0"],
    "server firewall drop port 81": DONE,
    "server firewall reset port 80 flag syn": ["client error REFUSED", "client time closed < 1s"],
    "server firewall reset after 1000": ["client error RESET", "server error RESET",
                                         "client read < 3000", "server read 100"],
    "client narrow 1300": [*DONE, "server most snd_mss 1460", "server now snd_mss 1260"],
    "server syn-proxy": [*DONE, "server most wscale 0", "server most timestamps 0"],
    "client syn-proxy": [*DONE, "server most wscale 1", "server most timestamps 1"],
    "server syn-proxy\nat 0 attacker flood 100 syn/s for 1s": [*DONE, "server most half_open <= 1"],
    "client none\nat 0 attacker flood 100 syn/s for 1s": [*DONE, "server most half_open > 10"],
}


# The server opens towards the client: the box stands before whom its SIDE names.
CALL = """title the server calls back
port client 7000
at 0 client listen
at 10ms server connect
when server connected server send 100
when client read 100 client close
when server ended server close
"""
CALLED = ["client read 100", "server error none"]
CALL_BOXES = {
    "client none": CALLED,
    "server nat timeout 60s": [*CALLED, "client events accepted 1"],
    "client nat timeout 60s": ["server error TIMED_OUT", "client events accepted 0"],
    "client syn-proxy": [*CALLED, "server most timestamps 0"],
    "server syn-proxy": [*CALLED, "server most timestamps 1"],
}


def boxes():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "box.scenario")
        for talk, kinds in ((TALK, BOXES), (CALL, CALL_BOXES)):
            for box, expected in kinds.items():
                expects = "".join(f"expect {what}\n" for what in expected)
                file.write_text(f"{talk}box {box}\n{expects}")
                tern("play", str(file), "--seed", "6")
        file.write_text(f"{TALK}box client clamp 1000\nexpect server most snd_wnd > 8000\n")
        tern("play", str(file), "--seed", "6", status=1)


def files():
    with tempfile.TemporaryDirectory() as folder:
        svg, capture = Path(folder, "a.svg"), Path(folder, "a.pcapng")
        text = tern("play", "session", "--seed", "1", "--svg", str(svg), "--pcap", str(capture))
        if "ESTABLISHED" not in text.stdout or "--seed 1" not in text.stdout:
            fail("no picture beside the files")
        if not svg.read_text().startswith("<svg") and "<svg" not in svg.read_text()[:300]:
            fail("--svg writes no SVG")
        if b"An active open: SYN" not in capture.read_bytes():
            fail("--pcap has no captions")
        tshark(capture)
    wrong = tern("play", "--svg", "/nowhere/a.svg", status=1).stderr
    if "/nowhere/a.svg" not in wrong or wrong.count("\n") != 1:
        fail(f"an unwritable file: {wrong}")


def tshark(capture):
    command = ["tshark", "-r", str(capture), "-o", "tcp.check_checksum:TRUE", "-o",
               "ip.check_checksum:TRUE", "-T", "fields", "-e", "tcp.checksum.status",
               "-e", "_ws.malformed", "-e", "frame.comment"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        print("skipped: tshark is not installed; the capture was not read back")
        return
    lines = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    if not lines or any(line[0] != "1" or line[1] for line in lines):
        fail(f"tshark: {done.stdout}")


def usage():
    wrong = {
        ("nonsense",): "there is no scenario 'nonsense'",
        ("session", "close"): "one scenario at a time",
        ("--lose", "sin"): "expected",
        ("--loss", "5"): "'5'",
        ("--seed", "x"): "'x'",
        ("--delay", "20"): "'20'",
        ("--width", "10"): "--width",
        ("--color", "pink"): "--color",
        ("--client", "bsd"): "--client",
        ("--client", "kernel", "--server", "kernel"): "one side is tern's",
        ("--frobnicate",): "--frobnicate",
    }
    for words, what in wrong.items():
        error = tern("play", *words, status=2).stderr
        if what not in error or error.count("\n") != 1:
            fail(f"tern play {' '.join(words)}: {error}")
    for words in (("--ascii",), ("--width", "60"), ("--color", "always"), ("--verbose",)):
        tern("play", "handshake", *words)
    for width in range(60, 82):
        picture = tern("play", "simultaneous-open", "--seed", "1", "--width", str(width)).stdout
        if max(len(line) for line in picture.splitlines()) > width:
            fail(f"--width {width} is not kept")
    if not tern("play", "handshake", "--ascii").stdout.isascii():
        fail("--ascii is not ASCII")
    korean = tern("play", "handshake", "--lang", "ko").stdout
    if not any("가" <= letter <= "힣" for letter in korean):
        fail("--lang ko is not Korean")


for part in (scenarios, details, seeds, losses, boxes, files, usage):
    part()
print("done")
