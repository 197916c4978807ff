#!/usr/bin/env python3
# symbols.py - what src/, compiled with -ffreestanding, may take from outside and keep inside.
#
#     symbols.py OBJECT...
#
# Undefined after all objects are put together: memcpy, memmove, memset, memcmp and nothing else (a
# compiler may call these four even when the code does not). Writable data: none. A stack is its
# arena, and two stacks share nothing.
import os
import subprocess
import sys

ALLOWED = {"memcpy", "memmove", "memset", "memcmp"}
WRITABLE = {"b": ".bss", "c": "common", "d": ".data", "g": "small .data", "s": "small .bss"}


def symbols(path):
    nm = os.environ.get("NM", "nm")
    result = subprocess.run([nm, "-P", path], stdout=subprocess.PIPE, text=True, check=True)
    for line in result.stdout.splitlines():
        fields = line.split()
        yield fields[0], fields[1]


def main():
    defined, undefined, faults = set(), {}, []
    for path in sys.argv[1:]:
        for name, kind in symbols(path):
            if kind in "Uvw":
                undefined.setdefault(name, path)
            else:
                defined.add(name)
            if kind.lower() in WRITABLE:
                faults.append((path, name, f"writable, in {WRITABLE[kind.lower()]}"))
    for name in sorted(set(undefined) - defined - ALLOWED):
        faults.append((undefined[name], name, "neither of tern nor one of the four"))
    for path, name, what in faults:
        print(f"{path}: {name}: {what}")
    print(f"{len(sys.argv) - 1} objects, {len(defined)} symbols, {len(faults)} violations")
    return 1 if faults or not defined else 0


if __name__ == "__main__":
    sys.exit(main())
