#!/bin/sh
# alone.sh - compiles each public header by itself, twice included, without a warning.
#
#   alone.sh ROOT COMPILER LANGUAGE STANDARD     for example: alone.sh . gcc c c11
set -eu
root=$1 compiler=$2 language=$3 standard=$4
count=0
for header in "$root"/include/tern/*.h; do
    name=tern/${header##*/}
    printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
        "$compiler" -x "$language" -std="$standard" -Wall -Wextra -Wpedantic -Werror \
            -fsyntax-only -I "$root/include" -
    count=$((count + 1))
done
echo "$count headers"
test "$count" -gt 0
