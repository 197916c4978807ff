#!/usr/bin/env python3
# golden.py - every scenario, in both languages, draws what it drew before, octet for octet; and
# with each of its variants all that it expects holds.
#
#     golden.py PATH_OF_TERN            TERN_GOLDEN=write: keep what is drawn now
#
# The pictures are in golden/: NAME.en.txt, NAME.ko.txt, under seed 1, 100 columns wide.
import difflib
import os
import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent / "golden"
ALSO_DRAWN = {("ghost-syn", "--two-way"), ("ghost-syn", "--silent"),
              ("syn-flood", "--cookies", "off")}
SECONDS = 120


def run(*words, lang="en"):
    command = [sys.argv[1], "play", *words, "--lang", lang]
    environment = dict(os.environ, NO_COLOR="1")
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS,
                          env=environment, encoding="utf-8")


def listed():
    """All that there is to play: ("close",), ("ghost-syn", "--two-way"), ..."""
    plays = []
    for line in run("--list").stdout.splitlines():
        if line.startswith(" "):
            continue
        name = line.split()[0]
        plays.append((name,))
        for statement in run(name, "--print").stdout.splitlines():
            words = statement.split()
            if words[:1] == ["variant"]:
                plays.append((name, *("--" + words[1]).split("=")))
    return plays


def compare(path, drawn):
    if os.environ.get("TERN_GOLDEN") == "write":
        path.write_text(drawn, encoding="utf-8")
        return True
    if not path.exists():
        print(f"{path.name} is not there: TERN_GOLDEN=write makes it")
        return False
    kept = path.read_text(encoding="utf-8")
    if kept == drawn:
        return True
    difference = difflib.unified_diff(kept.splitlines(), drawn.splitlines(), path.name, "now",
                                      lineterm="", n=2)
    print("\n".join(list(difference)[:40]))
    return False


def main():
    good, pictures = True, 0
    plays = listed()
    for play in plays:
        for lang in ("en", "ko"):
            drawn = len(play) == 1 or play in ALSO_DRAWN
            if not drawn and lang == "ko":
                continue
            done = run(*play, "--seed", "1", "--width", "100", lang=lang)
            if done.returncode != 0 or done.stderr:
                print(f"tern play {' '.join(play)}: {done.returncode}: {done.stderr}")
                good = False
            if drawn:
                name = "-".join(play).replace("---", "--")
                good = compare(GOLDEN / f"{name}.{lang}.txt", done.stdout) and good
                pictures += 1
    print(f"{len(plays)} plays, {pictures} pictures")
    return 0 if good else 1


sys.exit(main())
