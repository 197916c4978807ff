#!/bin/sh
# same_trace.sh - the same seed gives the same trace with another compiler, octet for octet.
#
#   same_trace.sh ROOT WORK COMPILER TERN
#
# Builds tern with COMPILER, optimised, and plays every scenario over a bad link with it and with
# TERN, the program of this build. Each line of JSON holds a whole packet, its times and its rule.
set -eu
root=$1 work=$2 compiler=$3 ours=$4
mkdir -p "$work"
cmake -S "$root" -B "$work" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release \
    -DTERN_TESTS=OFF -DTERN_BENCH=OFF >"$work/log"
cmake --build "$work" -j2 --target tern >>"$work/log"

plays=0
for scenario in $("$ours" play --list | cut -d' ' -f1); do
    for options in "--seed 1" "--seed 2 --loss 10%" "--seed 3 --loss 5% --delay 37ms"; do
        # Unquoted: two or more words. A scenario that a lost packet keeps from its end fails with
        # both.
        "$ours" play "$scenario" $options --json >"$work/ours" 2>&1 || echo "exit $?" >>"$work/ours"
        "$work/bin/tern" play "$scenario" $options --json >"$work/theirs" 2>&1 ||
            echo "exit $?" >>"$work/theirs"
        if ! cmp "$work/ours" "$work/theirs"; then
            echo "same_trace: tern play $scenario $options --json: differs with $compiler"
            exit 1
        fi
        test "$(wc -l <"$work/ours")" -ge 3
        plays=$((plays + 1))
    done
done
echo "$plays plays, the same with both compilers"
test "$plays" -ge 3
