#!/usr/bin/env python3
# coverage_rules.py - fails when a rule of rules.def or an edge of edges.def is hit by no test.
#
#     coverage_rules.py ROOT FOLDER
#
# The TCP fixture of the unit tests leaves one file a program in FOLDER ($TERN_COVERAGE_DIR), with
# lines "rule NAME test" and "edge FROM TO CAUSE test": what each test hit.
import re
import sys
from pathlib import Path

RULE = re.compile(r"^RULE\((\w+),", re.M)
EDGE = re.compile(r"^EDGE\((\w+), (\w+), (\w+),", re.M)


def hits(folder):
    """({rule: tests}, {(from, to, cause): tests}) of all files in the folder."""
    rules, edges = {}, {}
    for path in sorted(folder.iterdir()):
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = line.split()
            if len(fields) == 3 and fields[0] == "rule":
                rules.setdefault(fields[1], set()).add(fields[2])
            elif len(fields) == 5 and fields[0] == "edge":
                edges.setdefault(tuple(fields[1:4]), set()).add(fields[4])
    return rules, edges


def main():
    include, folder = Path(sys.argv[1]) / "include/tern", Path(sys.argv[2])
    rules = RULE.findall((include / "rules.def").read_text(encoding="utf-8"))
    edges = EDGE.findall((include / "edges.def").read_text(encoding="utf-8"))
    if not folder.is_dir():
        sys.exit(f"{folder}: no such folder: the unit tests write it")
    rules_hit, edges_hit = hits(folder)
    tests = set().union(*rules_hit.values(), *edges_hit.values())
    if not tests:
        print(f"{folder}: no coverage was written")
    missing = [f"include/tern/rules.def: {r}: hit by no test" for r in rules if r not in rules_hit]
    missing += [
        f"include/tern/edges.def: {a} -> {b} ({c}): hit by no test"
        for a, b, c in edges
        if (a, b, c) not in edges_hit
    ]
    for line in missing:
        print(line)
    print(f"rules: {sum(r in rules_hit for r in rules)} of {len(rules)} hit by named tests")
    print(f"edges: {sum(e in edges_hit for e in edges)} of {len(edges)} hit by named tests")
    print(f"{len(tests)} tests")
    return 1 if missing or not rules or not edges else 0


if __name__ == "__main__":
    sys.exit(main())
