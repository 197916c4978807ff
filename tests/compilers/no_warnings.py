#!/usr/bin/env python3
# no_warnings.py - compiles every file of the build with another compiler: no warning there either.
#
#     no_warnings.py BUILD COMPILER
#
# Reads what was compiled from BUILD/compile_commands.json, and only looks (-fsyntax-only).
import json
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LEFT_OUT = ("-fsanitize", "-fno-sanitize", "--coverage")


def look(entry, compiler):
    arguments = shlex.split(entry["command"])[1:]
    output = arguments.index("-o")
    del arguments[output : output + 2]
    kept = [a for a in arguments if not a.startswith(LEFT_OUT)]
    result = subprocess.run(
        [compiler, *kept, "-Werror", "-fsyntax-only"],
        cwd=entry["directory"],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return result.returncode, result.stderr


def main():
    build, compiler = Path(sys.argv[1]), sys.argv[2]
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda entry: look(entry, compiler), entries))
    for status, said in results:
        if status != 0:
            print(said)
    bad = sum(status != 0 for status, _ in results)
    print(f"{len(results)} files, {bad} with warnings or errors by {compiler}")
    return 1 if bad or not results else 0


if __name__ == "__main__":
    sys.exit(main())
