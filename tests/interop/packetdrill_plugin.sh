#!/bin/bash
# packetdrill_plugin.sh - Google's packetdrill drives libtern_packetdrill.so: the same verdict on
# tests/plugin/*.pkt as tern drill has.
#
#     TERN_PACKETDRILL_SOURCE=FOLDER tests/interop/packetdrill_plugin.sh PATH-OF-TERN
#
# FOLDER is gtests/net/packetdrill of its source, which is not part of tern: it is copied and built
# in a folder of the script's own (bison, flex). Without it only tern drill runs; unit.plugin
# drives the object without Google's source.
set -eu
tern=$1
plugin=$TERN_BUILD_DIR/libtern_packetdrill.so
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

skip() { echo "skipped: $1"; exit 77; }
fail() { echo "FAIL $*" >&2; cat "$dir/out" >&2; exit 1; }

cp "$root"/tests/plugin/*.pkt "$dir"
# A script that is wrong: the peer's data is acknowledged.
sed 's/> \. 1:1(0) ack 1001/> . 1:1(0) ack 1000/' "$dir/passive.pkt" >"$dir/wrong.pkt"

# judge VERDICT-COMMAND...: all pass, but for the wrong one.
judge() {
    local script
    for script in passive active loss; do
        "$@" "$dir/$script.pkt" >"$dir/out" 2>&1 || fail "$1: $script.pkt"
    done
    ! "$@" "$dir/wrong.pkt" >"$dir/out" 2>&1 || fail "$1: wrong.pkt passes"
}

judge "$tern" drill
[ -n "${TERN_PACKETDRILL_SOURCE:-}" ] ||
    skip "TERN_PACKETDRILL_SOURCE does not name the folder of packetdrill's source"
for tool in make bison flex; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done
! nm -D "$plugin" | grep -q __asan_init ||
    skip "packetdrill loads the object with RTLD_DEEPBIND, which AddressSanitizer refuses"
cp -r "$TERN_PACKETDRILL_SOURCE" "$dir/source"
(cd "$dir/source" && ./configure && make packetdrill CFLAGS=-w) >"$dir/out" 2>&1 ||
    fail "packetdrill does not build"

google() {
    LD_PRELOAD=$plugin timeout 60 "$dir/source/packetdrill" --so_filename="$plugin" \
        --so_flags=profile=linux --local_ip=192.168.0.1 "$@"
}
judge google
echo "tern drill and packetdrill agree on the scripts"
