#!/usr/bin/env python3
# refresh.py - writes what tern prints today into the READMEs and the pictures beside them.
#
#     tests/docs/refresh.py [BUILD]     default: build/release; `make docs` builds it before
#
# Then look at the change (git diff) before it is committed: the test docs.readme only sees that
# the READMEs show what tern prints, not that it is right.
import sys
from pathlib import Path

from pages import ENGLISH, KOREAN, OUTPUT, PICTURE, PROGRAM, PROGRAM_OUTPUT, ROOT, Build


def write(path, text):
    """Writes a file unless it says so already."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.write_text(text, encoding="utf-8")
    print(f"written: {path.relative_to(ROOT)}")


def replaced(match, text):
    """The match with its group `text` replaced."""
    whole, begin = match.group(0), match.start("text") - match.start()
    return whole[:begin] + text + whole[begin + len(match.group("text")) :]


def refreshed(page, build):
    text = page.read_text(encoding="utf-8")
    for picture in PICTURE.finditer(text):
        write(ROOT / picture["path"], build.svg(picture["command"]))
    text = OUTPUT.sub(lambda match: replaced(match, build.output(match["command"])), text)
    program = PROGRAM.search(text)
    if program:
        output = build.program_output(program["text"])
        text = PROGRAM_OUTPUT.sub(lambda match: replaced(match, output), text)
    return text


def main():
    build = Build(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "release")
    if not Path(build.tern).exists():
        sys.exit(f"refresh: no {build.tern}: run `make docs`, or give the build's folder")
    for page in (ENGLISH, KOREAN):
        write(page, refreshed(page, build))


if __name__ == "__main__":
    main()
