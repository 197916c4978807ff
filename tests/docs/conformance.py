#!/usr/bin/env python3
# conformance.py - docs/CONFORMANCE.md: what the RFCs ask, the code that obeys, the tests of it.
#
#     tests/docs/conformance.py [FOLDER]         writes it; `make docs` runs the unit tests before
#     tests/docs/conformance.py FOLDER --check   exits 1 when it is not what would be written
#
# FOLDER has what the unit tests hit: ctest leaves it as rule-coverage in the build's folder; when
# none is named, build/dev/rule-coverage. The requirements of RFC 9293 are those of
# requirements.txt; all else is in include/tern/rules.def.
# A test once named for a rule stays named for as long as it hits it, so that a new test elsewhere
# changes nothing here.
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/CONFORMANCE.md"
RULE = re.compile(r'^RULE\((\w+), "([^"]*)", "([^"]*)", "((?:[^"\\]|\\.)*)"\)', re.M)
HIT = re.compile(r"\bRULE_HIT\([^;]*?,\s*([A-Z0-9_]+)\)|(?<![!=]= )\bTERN_RULE_([A-Z0-9_]+)")
RESULTS = {"met": "met", "part": "in part", "not": "not met", "unused": "not used",
           "program": "asked of programs"}
COUNTS = {"MUST": 69, "SHLD": 31, "MAY": 18, "REC": 1}  # of RFC 9293 Appendix B
KEYS = ("rule", "code", "test", "pkt", "why")
STALE = """\
docs/CONFORMANCE.md is not in step. Renew it from the tests that have just run, and look at the
change:
    cd {root} && python3 -B tests/docs/conformance.py {folder} && git diff docs/CONFORMANCE.md
(`make docs` begins with the builds and the unit tests, and renews the READMEs too.)"""


def fail(what):
    sys.exit(f"conformance: {what}")


# ---- What there is -------------------------------------------------------------------------------


class Rule:
    def __init__(self, name, source, level, text):
        self.name, self.source, self.level = name, source, level
        self.text = text.replace('\\"', '"')
        self.code, self.tests, self.scripts = [], {}, []

    def group(self):
        """The RFC that a rule is filed under: the first that its source names."""
        found = re.match(r"RFC (\d+)", self.source)
        return int(found[1]) if found else 0


def read_rules(folder):
    text = (ROOT / "include/tern/rules.def").read_text(encoding="utf-8")
    rules = {match[0]: Rule(*match) for match in RULE.findall(text)}
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        for name in {a or b for a, b in HIT.findall(path.read_text(encoding="utf-8"))}:
            if name in rules:
                rules[name].code.append(str(path.relative_to(ROOT)))
    for path in sorted(folder.iterdir()):
        for line in path.read_text(encoding="utf-8").splitlines():
            kind, *words = line.split()
            if kind == "rule" and words[0] in rules:
                test = f"{unit_path(path.stem)}.{words[1]}"
                rules[words[0]].tests[test] = None
    for path in sorted((ROOT / "tests/pkt").rglob("*.pkt")):
        found = re.search(r"^// rules: (.+)$", path.read_text(encoding="utf-8"), re.M)
        for name in found[1].split() if found else ():
            if name in rules:
                script = path.relative_to(ROOT / "tests/pkt").with_suffix("")
                rules[name].scripts.append(str(script))
    return rules


def unit_path(program):
    """unit_tcp_open_syn_test is tests/unit/tcp/open/syn_test.c: "tcp/open/syn"."""
    if program not in unit_path.known:
        fail(f"no source of the test program {program}: is the folder of an older build?")
    return unit_path.known[program]


unit_path.known = {}
for source in (ROOT / "tests/unit").rglob("*_test.c"):
    place = source.relative_to(ROOT / "tests/unit").with_suffix("")
    unit_path.known["unit_" + str(place).replace("/", "_")] = str(place)[: -len("_test")]


class Requirement:
    def __init__(self, line):
        self.number, self.section, self.result, self.text = line.split(" ", 3)
        self.said = {key: [] for key in KEYS}

    def add(self, line):
        key, words = line.split(" ", 1)
        if key not in KEYS:
            fail(f"{self.number}: '{key}' is none of {', '.join(KEYS)}")
        self.said[key] += [words] if key == "why" else words.split()


def read_requirements():
    wanted = []
    text = (Path(__file__).parent / "requirements.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("    "):
            wanted[-1].add(line.strip())
        elif line and not line.startswith("#"):
            wanted.append(Requirement(line))
    numbers = [r.number for r in wanted]
    for kind, count in COUNTS.items():
        if [n for n in numbers if n.startswith(kind)] != [f"{kind}-{i + 1}" for i in range(count)]:
            fail(f"requirements.txt: not {kind}-1 to {kind}-{count}, once each and in order")
    return wanted


# ---- Does it hold? -------------------------------------------------------------------------------


def check_test(number, name):
    path, case = name.rsplit(".", 1)
    file = ROOT / f"tests/unit/{path}_test.c"
    if not file.exists() or f"TEST({case})" not in file.read_text(encoding="utf-8"):
        fail(f"{number}: there is no test {case} in tests/unit/{path}_test.c")


def check_requirement(r, rules):
    for name in r.said["rule"]:
        if name not in rules:
            fail(f"{r.number}: there is no rule {name}")
    for path in r.said["code"]:
        if not (ROOT / path).exists():
            fail(f"{r.number}: there is no {path}")
    for name in r.said["test"]:
        check_test(r.number, name)
    for name in r.said["pkt"]:
        if not (ROOT / f"tests/pkt/{name}.pkt").exists():
            fail(f"{r.number}: there is no tests/pkt/{name}.pkt")
    for page in re.findall(r"docs/decisions/[\w-]+\.md", " ".join(r.said["why"])):
        if not (ROOT / page).exists():
            fail(f"{r.number}: there is no {page}")
    if r.result not in RESULTS:
        fail(f"{r.number}: the result is one of {', '.join(RESULTS)}, not '{r.result}'")
    if r.result in ("part", "not") and not r.said["why"]:
        fail(f"{r.number}: is not met, and does not say why")


# ---- The page ------------------------------------------------------------------------------------


def kept(page):
    """{rule: test} of the page as it is."""
    found = re.findall(r"^\| `([A-Z0-9_]+)` \|.*\| `([\w/]+)`: ([\w]+)", page, re.M)
    return {rule: f"{path}.{case}" for rule, path, case in found}


def likeness(rule, test):
    """How many words of a rule's name the test's has; then, is it the test of the rule's file?"""
    words = {word for word in rule.name.lower().split("_") if len(word) > 2}
    own = any(test.startswith(c.removeprefix("src/")[:-2] + ".") for c in rule.code)
    return sum(word in test for word in words), own


def chosen(rule, rules, before):
    """The test that is named for a rule: that of before, or the likest, which hits little else."""
    if before.get(rule.name) in rule.tests:
        return before[rule.name]
    weight = {test: sum(test in other.tests for other in rules.values()) for test in rule.tests}
    return max(sorted(rule.tests), key=lambda test: (*likeness(rule, test), -weight[test]),
               default=None)


def test_text(name):
    path, case = name.rsplit(".", 1)
    return f"`{path}`: {case}"


def linked(text):
    """Pages of docs/decisions become links."""
    return re.sub(r"docs/decisions/(\d{4})-([\w-]+)\.md", r"[\1](decisions/\1-\2.md)", text)


def requirement_row(r, rules, tests):
    obeyed = [n for n in rules if rules[n].level == r.number]
    obeyed += [n for n in r.said["rule"] if n not in obeyed]
    code = sorted({c for n in obeyed for c in rules[n].code} | set(r.said["code"]))
    named = list(dict.fromkeys([tests[n] for n in obeyed if tests[n]] + r.said["test"]))
    if r.result in ("met", "part") and not (code and (named or r.said["pkt"])):
        fail(f"{r.number}: is met by no code, or shown by no test")
    shown = [test_text(t) for t in named] + [f"pkt {s}" for s in r.said["pkt"]]
    does = [f"`{n}`" for n in obeyed] + [c.removeprefix("src/") for c in code]
    text = " ".join([r.text, *(linked(w) for w in r.said["why"])])
    return (f"| {r.number} | {r.section} | {text} | {'<br>'.join(does)} | {'<br>'.join(shown)} "
            f"| {RESULTS[r.result]} |")


def rule_row(rule, test):
    shown = [test_text(test)] + [f"pkt {s}" for s in rule.scripts[:1]]
    if len(rule.scripts) > 1:
        shown[-1] += f" and {len(rule.scripts) - 1} more"
    code = "<br>".join(c.removeprefix("src/") for c in rule.code)
    cells = (f"`{rule.name}`", linked(rule.source), rule.text, code, "<br>".join(shown))
    return f"| {' | '.join(cells)} |"


HEAD = """\
# Conformance

What the RFCs ask of a TCP, the code of tern that obeys, and the tests that show it. Written by
tests/docs/`conformance.py` from include/tern/`rules.def`, tests/docs/`requirements.txt` and what
the tests hit. Do not edit it: the test docs.conformance, which runs when the unit tests have
passed, holds it to them.

A test is named as path: case, in tests/unit/path_test.c; each rule has one here, and most are hit
by many. A script is named as pkt folder/name, in tests/pkt/, and hits the rules it is named for
under `tern drill`, over IPv4, IPv6 and v4-mapped sockets. Code is in src/. A result is that of the
tests named: where one fails, so does the build.
"""


def summary(wanted, rules):
    counts = {result: sum(r.result == result for r in wanted) for result in RESULTS}
    musts = [r for r in wanted if r.number.startswith("MUST")]
    missed = ", ".join(r.number for r in musts if r.result != "met")
    scripts = sorted({s for rule in rules.values() for s in rule.scripts})
    yield "| | |\n|---|---|"
    yield f"| requirements of RFC 9293 Appendix B | {len(wanted)} |"
    for result, text in RESULTS.items():
        yield f"| - {text} | {counts[result]} |"
    yield f"| of the {len(musts)} MUST, met | {sum(r.result == 'met' for r in musts)} |"
    yield f"| rules, each obeyed in code and hit by a unit test | {len(rules)} |"
    yield f"| rules that scripts are named for | {sum(bool(r.scripts) for r in rules.values())} |"
    yield f"| scripts that name a rule | {len(scripts)} |"
    yield f"\nThe MUST that are not met, or in part: {missed}; why stands in their rows."


def deviations():
    yield "\n## Where tern leaves the text, and what is its own\n"
    yield "Each with its page. Limits of memory are here too: the RFCs leave them to the stack.\n"
    yield "| rule | why | what | code | shown by |\n|---|---|---|---|---|"


def page(rules, wanted, before):
    tests = {name: chosen(rule, rules, before) for name, rule in rules.items()}
    for name, test in tests.items():
        if not rules[name].code:
            fail(f"{name}: obeyed nowhere in src/")
        if test is None:
            fail(f"{name}: hit by no unit test of those that ran last; run them all (make docs), "
                 "and if none hits it, write one")
    yield HEAD
    yield from summary(wanted, rules)
    yield "\n## RFC 9293, Appendix B\n"
    yield "| number | section | what is asked | code | shown by | result |"
    yield "|---|---|---|---|---|---|"
    for r in wanted:
        check_requirement(r, rules)
        yield requirement_row(r, rules, tests)
    yield from deviations()
    yield from (rule_row(r, tests[n]) for n, r in rules.items() if r.group() == 0)
    yield "\n## Every other rule, by RFC\n"
    yield "A rule stands under the first RFC that it names."
    for rfc in sorted({r.group() for r in rules.values()} - {0}):
        yield f"\n### RFC {rfc}\n"
        yield "| rule | source | what is decided | code | shown by |\n|---|---|---|---|---|"
        yield from (rule_row(r, tests[n]) for n, r in rules.items() if r.group() == rfc)


def main():
    if len(sys.argv) > 3 or sys.argv[2:] not in ([], ["--check"]):
        sys.exit("usage: conformance.py [FOLDER [--check]]")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/dev/rule-coverage").resolve()
    if not folder.is_dir() or not any(folder.iterdir()):
        fail(f"{folder} has nothing. The unit tests write it:\n"
             f"    ctest --test-dir {folder.parent} -R '^unit'")
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    new = "\n".join(page(read_rules(folder), read_requirements(), kept(old))) + "\n"
    if new == old:
        return 0
    if sys.argv[2:] == ["--check"]:
        print(STALE.format(root=ROOT, folder=folder))
        return 1
    PAGE.write_text(new, encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
