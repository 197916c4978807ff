#!/bin/sh
# freestanding.sh - builds the preset freestanding with a compiler and runs its test.
#
#   freestanding.sh ROOT WORK COMPILER
set -eu
root=$1 work=$2 compiler=$3
cmake -S "$root" -B "$work" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release \
    -DTERN_WERROR=ON -DTERN_FREESTANDING=ON >"$work.log"
cmake --build "$work" -j2 >>"$work.log"
ctest --test-dir "$work" --verbose --no-tests=error
