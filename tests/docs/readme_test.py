#!/usr/bin/env python3
# readme_test.py - holds README.md and README.ko.md to what tern does today.
#
#     readme_test.py BUILD COMPILER [FLAG...]
#
# Commands that make a TUN device are not run here (tests/interop/ runs such): of those, the verb
# and the options must be in the verb's help. `tern bench` runs one row of those that are quick.
import difflib
import re
import shlex
import sys
import tempfile

from pages import (
    ENGLISH,
    FENCE,
    INLINE,
    KOREAN,
    LINK,
    OUTPUT,
    PICTURE,
    PROGRAM,
    PROGRAM_OUTPUT,
    ROOT,
    Build,
    commands,
    needs_root,
)

STALE = """\
If tern is right and the page is old, renew the page and look at the change:
    make docs && git diff README.md README.ko.md docs/
"""
FILE_NAME = re.compile(r"[\w./-]+\.(c|h|def|md|py|sh|svg)")
LINES_MAX = 200  # of README.md

failures = []
counts = {}


def check(holds, what):
    if not holds:
        failures.append(what)
        print(f"FAIL: {what}")


def count(what, number=1):
    counts[what] = counts.get(what, 0) + number


def check_same(what, page, now):
    """page: what the README shows; now: what tern gives."""
    count("blocks and pictures")
    if page != now:
        sys.stdout.writelines(
            difflib.unified_diff(
                page.splitlines(True), now.splitlines(True), f"shown: {what}", "today", n=1
            )
        )
        print(STALE)
    check(page == now, f"{what} is not what tern gives today")


def check_blocks(page, text, build):
    for block in OUTPUT.finditer(text):
        command = block["command"]
        check_same(f"{page.name}: {command}", block["text"], build.output(command))
        fixed = "--width" in command or command.startswith("tern drill")
        check(fixed, f"{page.name}: '{command}' needs a --width")
    for picture in PICTURE.finditer(text):
        path = ROOT / picture["path"]
        shown = path.read_text(encoding="utf-8") if path.exists() else ""
        check_same(picture["path"], shown, build.svg(picture["command"]))


def check_program(text, build):
    program, output = PROGRAM.search(text), PROGRAM_OUTPUT.search(text)
    check(program is not None and output is not None, "README.md has a program and its output")
    if program is not None and output is not None:
        check_same("the program", output["text"], build.program_output(program["text"]))


def check_options(page, command, build):
    """A command that is not run: its verb is there and knows its options."""
    verb, *words = shlex.split(command.removeprefix("sudo "))[1:]
    text = build.output(f"tern {verb} --help")
    for option in (w for w in words if w.startswith("-") and w != "--lang"):
        known = re.search(rf"(^|[\s,]){re.escape(option)}\b", text)
        check(known, f"{page.name}: '{command}': tern {verb} --help knows no {option}")
    count("commands looked at")


def check_commands(page, text, build):
    with tempfile.TemporaryDirectory() as folder:
        for command in sorted(set(commands(text))):
            if needs_root(command) or "bench" in command:
                check_options(page, command, build)
                continue
            check(not command.startswith("sudo"), f"{page.name}: '{command}' needs no sudo")
            result = build.run(command.removeprefix("sudo "), folder)
            said = result.stderr.strip()
            check(
                result.returncode == 0,
                f"{page.name}: '{command}': exit status {result.returncode}: {said}",
            )
            check(result.stdout, f"{page.name}: '{command}' prints nothing")
            count("commands run")


def check_names(page, text):
    """Links lead to files, and names of files in backquotes are names of files."""
    for link in LINK.findall(text):
        if not link.startswith("http"):
            check((ROOT / link).exists(), f"{page.name}: no file {link}")
            count("links and names")
    for name in INLINE.findall(FENCE.sub("", text)):
        if FILE_NAME.fullmatch(name):
            check(any(ROOT.glob(f"*/**/{name}")), f"{page.name}: no file {name}")
            count("links and names")


def check_same_commands(english, korean):
    """Both pages name the same commands, but for the language."""
    here = set(commands(english))
    there = {re.sub(r" --lang ko\b", "", command) for command in commands(korean)}
    for command in sorted(here - there):
        check(False, f"README.ko.md does not name '{command}'")
    for command in sorted(there - here):
        check(False, f"README.md does not name '{command}'")


def main():
    build = Build(sys.argv[1], sys.argv[2], sys.argv[3:])
    english, korean = (page.read_text(encoding="utf-8") for page in (ENGLISH, KOREAN))
    for page, text in ((ENGLISH, english), (KOREAN, korean)):
        check(OUTPUT.search(text) and PICTURE.search(text), f"{page.name} shows a handshake")
        check_blocks(page, text, build)
        check_commands(page, text, build)
        check_names(page, text)
    check_program(english, build)
    check_same_commands(english, korean)
    check(len(english.splitlines()) < LINES_MAX, f"README.md has {LINES_MAX} lines or more")
    print(", ".join(f"{number} {what}" for what, number in counts.items()))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
