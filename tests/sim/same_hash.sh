#!/bin/sh
# same_hash.sh - the property runs leave the same trace, octet for octet, whatever compiled them.
#
# Builds tests/sim/trace_hash.c with gcc without optimisation and with clang with all of it, runs
# both, and compares. Exit status 77: one of the compilers is not there.
set -eu
cd "$(dirname "$0")/../.."
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || { echo "same_hash: $compiler is not there"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build() { # COMPILER OPTIONS...
    name=$1
    compiler=$1
    shift
    "$compiler" -std=c11 "$@" -I. -Iinclude -Isrc -o "$work/$name" tests/sim/trace_hash.c \
        tests/sim/*_fixture.c sim/*.c $(find src -name '*.c')
    "$work/$name" 200 >"$work/$name.txt"
}
build gcc -O0
build clang -O2
lines=$(wc -l <"$work/gcc.txt")
test "$lines" -eq 1200 || { echo "same_hash: $lines runs, not 1200"; exit 1; }
cmp "$work/gcc.txt" "$work/clang.txt"
echo "$lines runs, the same with gcc and clang"
