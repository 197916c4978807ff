#!/bin/sh
# libfuzzer.sh - builds the fuzz programs as the preset fuzz says, and runs each for a bounded time.
#
#   libfuzzer.sh ROOT WORK
set -eu
root=$1 work=$2
mkdir -p "$work"
cd "$root"
cmake --preset fuzz -B "$work" >"$work/log"
cmake --build "$work" -j2 --target tern_fuzzers >>"$work/log"
ctest --test-dir "$work" -L fuzz --output-on-failure --no-tests=error
