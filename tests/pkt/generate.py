#!/usr/bin/env python3
# generate.py - the cross of segments and states: what RFC 9293 3.10.7 says of each, as scripts.
#
#     tests/pkt/generate.py             writes open/, transfer/ and close/rcv-*.pkt
#     tests/pkt/generate.py --check     exits 1 when a committed script is not what it would write
#
# What is expected is worked out below from the text of 3.10.7, step by step, with RFC 5961 (blind
# resets, SYNs and ACKs are challenged) and RFC 1337 (a reset does not end TIME-WAIT), and not from
# what tern does; where tern leaves the text on purpose, the script names the decision. A script
# brings a connection into a state, lets one segment arrive, expects the answer, and asks where the
# connection stands by an old segment: a living one acknowledges it with SND.NXT and RCV.NXT, one
# that is gone resets. Scripts whose name is not in the cross are written by hand and left alone.
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEER_ISS = 0  # as packetdrill has it, numbers behind a SYN count from the ISNs
WINDOW = 65535  # RCV.WND of profile rfc9293 without window scaling
TEXT = 100  # octets of a data segment
SYN = "<mss 1460>"
PROFILE = "--so_flags=profile=rfc9293"  # what is expected are values of the RFCs

PASSIVE = """\
    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
"""
HALF_OPEN = f"""\
   +0 < S {PEER_ISS}:{PEER_ISS}(0) win {WINDOW} {SYN}
   +0 > S. 0:0(0) ack {PEER_ISS + 1} win {WINDOW} <...>
"""
OPEN = f"""\
  +.1 < . {PEER_ISS + 1}:{PEER_ISS + 1}(0) ack 1 win {WINDOW}
   +0 accept(3, ..., ...) = 4
"""
ACTIVE = """\
    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4
   +0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
   +0 connect(4, ..., ...) = -1 EINPROGRESS (Operation now in progress)
   +0 > S 0:0(0) <...>
"""
CLOSES = """\
   +0 shutdown(4, SHUT_WR) = 0
   +0 > F. 1:1(0) ack {rcv}
"""
PEER_CLOSES = f"""\
   +0 < F. {PEER_ISS + 1}:{PEER_ISS + 1}(0) ack {{ack}} win {WINDOW}
   +0 > . {{ack}}:{{ack}}(0) ack {PEER_ISS + 2} win {WINDOW - 1}
"""
CROSSING = f"""\
   +0 < F. {PEER_ISS + 1}:{PEER_ISS + 1}(0) ack 1 win {WINDOW}
   +0 > . 2:2(0) ack {PEER_ISS + 2} win {WINDOW - 1}
"""
ACKED = f"   +0 < . {PEER_ISS + 1}:{PEER_ISS + 1}(0) ack 2 win {WINDOW}\n"


class State:
    """Where a connection stands: the variables of RFC 9293 3.3.1, the peer's and ours relative."""

    def __init__(self, name, phase, setup, una, nxt, rcv, **facts):
        self.name, self.phase, self.setup = name, phase, setup
        self.una, self.nxt, self.rcv = una, nxt, rcv
        self.passive = facts.get("passive", True)
        self.peer_closed = facts.get("peer_closed", False)
        self.window = WINDOW - 1 if self.peer_closed else WINDOW  # its FIN took one
        self.tcpi = facts.get("tcpi")  # what TCP_INFO calls it, where a descriptor is at hand


P1 = PEER_ISS + 1
P2 = PEER_ISS + 2
EST = PASSIVE + HALF_OPEN + OPEN
FIN1 = EST + CLOSES.format(rcv=P1)
CLW = EST + PEER_CLOSES.format(ack=1)
FIN2 = FIN1 + ACKED
TIME_WAIT = FIN2 + PEER_CLOSES.format(ack=2)
SYNCHRONIZED = [
    State("syn-received", "open", PASSIVE + HALF_OPEN, 0, 1, P1),
    State("syn-received-active", "open", ACTIVE + HALF_OPEN, 0, 1, P1, passive=False),
    State("established", "transfer", EST, 1, 1, P1, tcpi="ESTABLISHED"),
    State("fin-wait-1", "close", FIN1, 1, 2, P1, tcpi="FIN_WAIT1"),
    State("fin-wait-2", "close", FIN2, 2, 2, P1, tcpi="FIN_WAIT2"),
    State("close-wait", "close", CLW, 1, 1, P2, peer_closed=True, tcpi="CLOSE_WAIT"),
    State("closing", "close", FIN1 + CROSSING, 1, 2, P2, peer_closed=True, tcpi="CLOSING"),
    State("last-ack", "close", CLW + CLOSES.format(rcv=P2), 1, 2, P2, peer_closed=True,
          tcpi="LAST_ACK"),
    State("time-wait", "close", TIME_WAIT, 2, 2, P2, peer_closed=True),
    State("time-wait-given-back", "close", TIME_WAIT + "   +0 close(4) = 0\n", 2, 2, P2,
          peer_closed=True),
]
INFO = {"ESTABLISHED": 1, "FIN_WAIT1": 4, "FIN_WAIT2": 5, "CLOSE": 7, "CLOSE_WAIT": 8,
        "LAST_ACK": 9, "CLOSING": 11}


class Segment:
    def __init__(self, name, flags, text, syn_fin):
        self.name, self.flags, self.text = name, flags, text
        self.length = text + syn_fin

    def line(self, seq, ack, window=WINDOW):
        ack_text = f" ack {ack}" if "." in self.flags else ""
        urgent = " urg 1" if "U" in self.flags else ""
        options = f" {SYN}" if "S" in self.flags else ""
        seq, end = seq % 2**32, (seq + self.text) % 2**32
        return (f"   +0 < {self.flags} {seq}:{end}({self.text}){ack_text} "
                f"win {window}{urgent}{options}\n")


SEGMENTS = [
    Segment("syn", "S", 0, 1),
    Segment("synack", "S.", 0, 1),
    Segment("ack", ".", 0, 0),
    Segment("data", "P.", TEXT, 0),
    Segment("fin", "F.", 0, 1),
    Segment("fin-data", "FP.", TEXT, 1),
    Segment("rst", "R", 0, 0),
    Segment("rst-ack", "R.", 0, 0),
    Segment("urg", "P.U", TEXT, 0),
    Segment("data-without-ack", "P", TEXT, 0),
    Segment("fin-without-ack", "F", 0, 1),
    Segment("bare", "-", 0, 0),
]


def places(segment, state):
    """(edge, SEG.SEQ): where in the receive window the segment lies."""
    length, rcv = segment.length, state.rcv
    yield "below", rcv - max(length, 1)
    yield "left", rcv
    yield "inside", rcv + 1000
    yield "right", rcv + state.window - max(length, 1)
    yield "outside", rcv + state.window
    if segment.text > 0:
        yield "overlap", rcv - segment.text // 2


class Outcome:
    """What is to come: the rule that decides, the lines, and where the connection then stands."""

    def __init__(self, why, rule, lines=(), gone=False, **facts):
        self.why, self.rule, self.lines, self.gone = why, rule, lines, gone
        self.rcv = facts.get("rcv")
        self.tcpi = facts.get("tcpi")  # what TCP_INFO then says


def ack(nxt, rcv, when="+0"):
    return f"{when:>5} > . {nxt}:{nxt}(0) ack {rcv}\n"


def reset(seq):
    return f"   +0 > R {seq % 2**32}:{seq % 2**32}(0)\n"


def acceptable(state, seq, length):
    """Table 6 of RFC 9293, for a window that is open."""
    end = state.rcv + state.window
    first = state.rcv <= seq < end
    return first if length == 0 else first or state.rcv <= seq + length - 1 < end


def arrives(state, segment, seq, seg_ack):
    """RFC 9293 3.10.7.4, with RFC 5961."""
    answer = (ack(state.nxt, state.rcv),)
    flags = segment.flags
    if state.name.startswith("time-wait"):
        return arrives_in_time_wait(state, segment, seq)
    if state.name == "syn-received-active" and flags == "S." and seq == PEER_ISS:
        return Outcome("RFC 9293 3.5, figure 8: the SYN,ACK of a simultaneous open",
                       "HANDSHAKE_DONE", tcpi="ESTABLISHED")
    if not acceptable(state, seq, segment.length):
        if "R" in flags:
            return Outcome("1st: not acceptable, RST: dropped", "SEQUENCE_UNACCEPTABLE_RST")
        if state.name == "syn-received" and flags == "S" and seq == PEER_ISS:
            return Outcome("1st: the SYN again: the SYN,ACK again (docs/decisions/0006)",
                           "SYN_ACK_AGAIN", (f"   +0 > S. 0:0(0) ack {PEER_ISS + 1} <...>\n",))
        old = segment.length > 0 and seq + segment.length <= state.rcv
        if old and state.name != "syn-received":
            return Outcome("1st: all of it was here before: an ACK", "TEXT_DUPLICATE", answer)
        return Outcome("1st: not acceptable: an ACK", "SEQUENCE_UNACCEPTABLE_ACK", answer)
    if "R" in flags:
        if seq != state.rcv:
            return Outcome("2nd: in the window, not at RCV.NXT: challenged", "RST_CHALLENGED",
                           answer)
        rule = {"syn-received": "SYN_RECEIVED_RST_LISTEN",
                "syn-received-active": "SYN_RECEIVED_RST_REFUSED"}.get(state.name, "RST_ACCEPTED")
        return Outcome("2nd: at RCV.NXT: the connection is gone", rule, gone=True)
    if "S" in flags:
        if state.name == "syn-received":
            return Outcome("4th: passive open: back to LISTEN", "SYN_RECEIVED_SYN_LISTEN",
                           gone=True)
        return Outcome("4th: RFC 5961 4.2: challenged", "SYN_CHALLENGED", answer)
    if "." not in flags:
        return Outcome("5th: no ACK: dropped", "ACK_MISSING")
    return arrives_with_ack(state, segment, seq, seg_ack)


def arrives_with_ack(state, segment, seq, seg_ack):
    """The 5th step."""
    nxt, name, tcpi = state.nxt, state.name, state.tcpi
    fin_acked = state.una < seg_ack == nxt == 2
    if name.startswith("syn-received"):
        if not state.una < seg_ack <= nxt:
            return Outcome("5th: ACK not acceptable: RST, SEQ = SEG.ACK",
                           "SYN_RECEIVED_BAD_ACK_RESET", (reset(seg_ack),))
        tcpi = None if state.passive else "ESTABLISHED"
        rule = "HANDSHAKE_DONE"
    elif seg_ack > nxt:
        return Outcome("5th: ACK of something not yet sent: an ACK", "ACK_TOO_NEW",
                       (ack(nxt, state.rcv),))
    elif seg_ack < state.una - WINDOW:
        return Outcome("5th: RFC 5961 5.2: older than any window: challenged", "ACK_TOO_OLD",
                       (ack(nxt, state.rcv),))
    else:
        rule = "FIN_ACKED" if fin_acked else None
    if name == "last-ack" and fin_acked:
        return Outcome("5th: our FIN is acknowledged: CLOSED", rule, gone=True)
    if fin_acked:
        tcpi = {"fin-wait-1": "FIN_WAIT2"}.get(name)
    outcome = arrives_with_text(state, segment, seq, tcpi)
    outcome.rule = rule if outcome.rule is None else outcome.rule
    return outcome


def arrives_with_text(state, segment, seq, tcpi):
    """The 7th and 8th step."""
    if state.peer_closed:
        return Outcome("7th, 8th: the peer has closed: ignored",
                       "TEXT_AFTER_FIN" if segment.text else None, tcpi=tcpi)
    new_text = max(0, seq + segment.text - state.rcv) if seq <= state.rcv else 0
    if seq > state.rcv and segment.length > 0:
        return Outcome("1st: early: kept, and a duplicate ACK tells of the gap",
                       "TEXT_EARLY" if segment.text else "FIN_EARLY",
                       (ack(state.nxt, state.rcv),), tcpi=tcpi)
    rcv = state.rcv + new_text
    if "F" in segment.flags:
        after = {"ESTABLISHED": "CLOSE_WAIT", "FIN_WAIT1": "CLOSING"}.get(tcpi)
        return Outcome("8th: RCV.NXT over the FIN, an ACK", "FIN_RECEIVED",
                       (ack(state.nxt, rcv + 1),), rcv=rcv + 1, tcpi=after)
    if new_text > 0:
        return Outcome("7th: text at RCV.NXT, an ACK within half a second (MUST-40)", "TEXT_QUEUED",
                       (ack(state.nxt, rcv, "+0~+.5"),), rcv=rcv, tcpi=tcpi)
    return Outcome("nothing that asks for an answer", None, tcpi=tcpi)


def arrives_in_time_wait(state, segment, seq):
    """RFC 9293 3.10.7.4 and 3.6.1, RFC 1337 3; where tern leaves them: docs/decisions/0027."""
    answer = (ack(state.nxt, state.rcv),)
    if "R" in segment.flags:
        return Outcome("RFC 1337 3: a reset in TIME-WAIT is ignored", "TIME_WAIT_RST_IGNORED")
    if segment.flags == "S":
        return Outcome("1st: an old SYN: an ACK", "TIME_WAIT_SYN_REFUSED", answer)
    if "." not in segment.flags:
        return Outcome("5th: no ACK: dropped (docs/decisions/0027)", "ACK_MISSING")
    if segment.length == 0:
        return Outcome("docs/decisions/0027: an empty segment asks for nothing", None)
    if "F" in segment.flags and seq + segment.length == state.rcv:
        return Outcome("8th: the FIN again: its ACK again, 2 MSL anew", "TIME_WAIT_RESTARTED",
                       answer)
    return Outcome("docs/decisions/0027: old: an ACK", "TIME_WAIT_OLD", answer)


def probe(state, outcome):
    """An octet that was here before: who is there? What limits challenges has passed."""
    rcv = outcome.rcv or state.rcv
    line = f"  +.6 < P. {state.rcv - 1}:{state.rcv}(1) ack {state.nxt} win {WINDOW}\n"
    return line + (reset(state.nxt) if outcome.gone else ack(state.nxt, rcv))


def head(title, why, rule):
    """What a script is about, and the rules that its run must hit."""
    return f"// {title}\n// {why}.\n// rules: {rule or 'none'}\n{PROFILE}\n\n"


def script(state, title, line, outcome):
    text = head(title, f"RFC 9293 3.10.7, {outcome.why}", outcome.rule)
    text += f"{state.setup}\n{line}" + "".join(outcome.lines)
    if outcome.tcpi:
        text += f"   +0 %{{ assert tcpi_state == {INFO[outcome.tcpi]}, tcpi_state }}%\n"
    return text + "\n" + probe(state, outcome)


def synchronized(state):
    """Every segment at every place of the window; and every ACK at its left edge."""
    for segment in SEGMENTS:
        valid = state.nxt if state.name.startswith("syn-received") else state.una
        for edge, seq in places(segment, state):
            if (segment.flags == "S" and state.name.startswith("time-wait") and seq >= state.rcv):
                continue  # RFC 6191: by hand, close/reopen-*.pkt
            outcome = arrives(state, segment, seq, valid)
            yield (f"rcv-{segment.name}-{state.name}-{edge}",
                   f"{segment.name} in {state.name}, {edge} of the window",
                   segment.line(seq, valid), outcome)
    for edge, seg_ack in (("ack-too-old", state.una - WINDOW - 1), ("ack-oldest", state.una - 1),
                          ("ack-una", state.una), ("ack-nxt", state.nxt),
                          ("ack-beyond", state.nxt + 1), ("ack-far-beyond", state.nxt + 100000)):
        for segment in SEGMENTS:
            if segment.name not in ("ack", "data"):
                continue
            outcome = arrives(state, segment, state.rcv, seg_ack)
            yield (f"rcv-{segment.name}-{state.name}-{edge}",
                   f"{segment.name} in {state.name}: {edge}",
                   segment.line(state.rcv, seg_ack % 2**32), outcome)


def syn_sent(segment, seg_ack):
    """RFC 9293 3.10.7.3: why, the rule, the lines, and the state that TCP_INFO then says."""
    has_ack = "." in segment.flags
    good = has_ack and seg_ack == 1
    if has_ack and not good:
        if "R" in segment.flags:
            return ("1st: RST with an ACK of something never sent: dropped",
                    "SYN_SENT_BAD_ACK_RST_DROPPED", (), 2)
        return ("1st: an ACK of something never sent: RST, SEQ = SEG.ACK",
                "SYN_SENT_BAD_ACK_RESET", (reset(seg_ack),), 2)
    if "R" in segment.flags and good:
        return "2nd: connection refused", "SYN_SENT_RST_REFUSED", (), 7
    if "R" in segment.flags:
        return "2nd: no ACK: dropped", "SYN_SENT_RST_NO_ACK_DROPPED", (), 2
    if "S" in segment.flags and good:
        return "4th: ESTABLISHED, an ACK", "SYN_SENT_SYN_ACK", (ack(1, PEER_ISS + 1),), 1
    if "S" in segment.flags:
        return "4th: SYN-RECEIVED, SYN,ACK", "SIMULTANEOUS_OPEN", (
            f"   +0 > S. 0:0(0) ack {PEER_ISS + 1} <...>\n",), 3
    return "5th: neither SYN nor RST: dropped", "SYN_SENT_OTHER_DROPPED", (), 2


def in_syn_sent():
    for segment in SEGMENTS:
        edges = (("ack-iss", 0), ("ack-nxt", 1), ("ack-beyond", 2)) if "." in segment.flags else (
            ("no-ack", 0),)
        for edge, seg_ack in edges:
            why, rule, lines, state = syn_sent(segment, seg_ack)
            name = f"rcv-{segment.name}-syn-sent-{edge}"
            text = head(f"{segment.name} in SYN-SENT: {edge}", f"RFC 9293 3.10.7.3, {why}", rule)
            text += ACTIVE + "\n" + segment.line(PEER_ISS, seg_ack) + "".join(lines)
            if state == 7:
                text += ("   +0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0\n")
            text += f"   +0 %{{ assert tcpi_state == {state}, tcpi_state }}%\n"
            yield "open", name, text


def without_connection(name, setup):
    """RFC 9293 3.10.7.1 (closed) and 3.10.7.2 (listen)."""
    listens = name == "listen"
    for segment in SEGMENTS:
        if "R" in segment.flags:
            why, rule, lines = "RST: ignored", "RST_IGNORED" if listens else "RST_DROPPED", ()
        elif "." in segment.flags:
            why, rule, lines = "ACK: RST, SEQ = SEG.ACK", "ACK_RESET", (reset(7777),)
        elif listens and "S" in segment.flags:
            why, rule = "SYN: SYN,ACK", "SYN_ACCEPTED"
            lines = (f"   +0 > S. 0:0(0) ack {PEER_ISS + 1} <...>\n",)
        elif listens:
            why, rule, lines = "neither SYN nor ACK: dropped", "OTHER_DROPPED", ()
        else:
            end = PEER_ISS + segment.length
            why = "no ACK: RST,ACK with SEQ = 0, ACK = SEG.SEQ + SEG.LEN"
            rule, lines = "SEGMENT_RESET", (f"   +0 > R. 0:0(0) ack {end}\n",)
        section = "3.10.7.2" if listens else "3.10.7.1"
        text = head(f"{segment.name} in {name.upper()}", f"RFC 9293 {section}, {why}",
                    f"{name.upper()}_{rule}") + f"{setup}\n"
        yield "open", f"rcv-{segment.name}-{name}", text + segment.line(PEER_ISS, 7777) + "".join(
            lines)


def scripts():
    closed = PASSIVE.replace("   +0 listen(3, 1) = 0\n", "")
    for phase, name, text in (*without_connection("closed", closed),
                              *without_connection("listen", PASSIVE), *in_syn_sent()):
        yield HERE / phase / f"{name}.pkt", text
    for state in SYNCHRONIZED:
        for name, title, line, outcome in synchronized(state):
            yield HERE / state.phase / f"{name}.pkt", script(state, title, line, outcome)


def main():
    check = sys.argv[1:] == ["--check"]
    stale = 0
    for path, text in scripts():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if check:
            print(f"{path.relative_to(HERE)}: not what generate.py writes")
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
