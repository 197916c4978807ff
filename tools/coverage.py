#!/usr/bin/env python3
# coverage.py - which lines of src/ the tests reached, a file a line, after the preset coverage ran.
#
#     cmake --preset coverage && cmake --build --preset coverage -j2 && ctest --preset coverage
#     tools/coverage.py [--lines] [BUILD]
#
# --lines also names each line that no test reached. Uses gcov of the compiler that built it.
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def counts_of(build):
    """{path: {line: times run}} for the files of src/."""
    counts = {}
    data = sorted(build.rglob("tern_objects.dir/**/*.gcda"))
    if not data:
        sys.exit(f"{build}: no .gcda file: build the preset coverage and run its tests first")
    command = ["gcov", "--json-format", "--stdout", *[str(path.resolve()) for path in data]]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    for document in result.stdout.splitlines():
        for file in json.loads(document)["files"]:
            path = Path(file["file"])
            if path.is_relative_to(ROOT / "src"):
                lines = counts.setdefault(path.relative_to(ROOT).as_posix(), {})
                for line in file["lines"]:
                    number = line["line_number"]
                    lines[number] = lines.get(number, 0) + line["count"]
    return counts


def main():
    arguments = [a for a in sys.argv[1:] if a != "--lines"]
    build = Path(arguments[0]) if arguments else ROOT / "build/coverage"
    all_lines = all_reached = 0
    for path, lines in sorted(counts_of(build).items()):
        reached = sum(count > 0 for count in lines.values())
        all_lines += len(lines)
        all_reached += reached
        print(f"{100 * reached / len(lines):5.1f} %  {reached:5} of {len(lines):5}  {path}")
        if "--lines" in sys.argv:
            for number in sorted(n for n, count in lines.items() if count == 0):
                print(f"         {path}:{number}: reached by no test")
    share = 100 * all_reached / all_lines
    print(f"{share:5.1f} %  {all_reached:5} of {all_lines:5}  lines of src/")


if __name__ == "__main__":
    main()
