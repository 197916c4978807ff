#!/usr/bin/env python3
# tidy.py - holds the tree to docs/STYLE.md: prints file:line: what, and fails if there is any.
#
#     tests/tidy/tidy.py [ROOT]
import sys
from pathlib import Path

from checks import CHECKS
from tree import Tree


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    tree = Tree(root)
    violations = [v for check in CHECKS for v in check(tree)]
    for path, line, what in violations:
        print(f"{path}:{line}: {what}")
    print(f"{len(tree.files)} files, {len(CHECKS)} checks, {len(violations)} violations")
    return 1 if violations or not tree.c_files("src") else 0


if __name__ == "__main__":
    sys.exit(main())
