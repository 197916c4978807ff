#!/bin/bash
# drill_check.sh - tern drill --check: scripts that parse, one that does not, and wrong words.
set -eu
tern=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
root=$(cd "$(dirname "$0")/../.." && pwd)

fail() {
    echo "drill_check: $*" >&2
    cat "$dir/out" "$dir/err" >&2
    exit 1
}

# run STATUS WORDS...: tern drill WORDS ends with this status.
run() {
    local want=$1 got=0
    shift
    "$tern" drill "$@" >"$dir/out" 2>"$dir/err" || got=$?
    [ "$got" = "$want" ] || fail "tern drill $*: status $got, not $want"
}

says() { grep -q -- "$2" "$dir/$1" || fail "no '$2' in $1"; }

run 0 --check "$root/tests/language"
says out '^\([0-9]*\) of \1 scripts parse: [0-9]* events$'
[ ! -s "$dir/err" ] || fail "something on stderr"

mkdir -p "$dir/scripts/below"
echo '0 close(3) = 0' >"$dir/scripts/below/good.pkt"
printf '0 close(3) = 0\n  +0 > S 0:1(0)\n' >"$dir/scripts/bad.pkt"
echo 'no script' >"$dir/scripts/notes.txt"
run 1 --check "$dir/scripts"
says err "/bad.pkt:2:10: the sequence numbers do not fit the length in parentheses$"
says out '^1 of 2 scripts parse: 1 events$'
run 1 --check --lang ko "$dir/scripts"
says err '순서 번호가 괄호 안의 길이와 맞지 않습니다'
run 1 --check "$dir/scripts/notes.txt"
says err "notes.txt:1:1: expected an event: a time, then what happens, found 'no'"

echo '0 close(FD) = RESULT' >"$dir/define.pkt"
run 0 --check -D FD=3 --define RESULT=0 "$dir/define.pkt"
run 1 --check -D 'FD=(' "$dir/define.pkt"
says err 'define.pkt:1:9: what this name is defined as'
run 2 --check -D 'F D=3' "$dir/define.pkt"
says err "'F D=3' is not NAME or NAME=VALUE"

echo '0 f(SO_REUSEADR) = 0' >"$dir/symbol.pkt"
run 0 --check "$dir/symbol.pkt"
says err "symbol.pkt:1:5: no symbol of Linux's sockets: SO_REUSEADR$"

# packetdrill's own flags count as if they stood in every script.
cat >"$dir/mtu.pkt" <<'TEXT'
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 1000 <mss 1400>
+0 > S. 0:0(0) ack 1 <mss 1260>
TEXT
run 0 --mtu=1300 "$dir/mtu.pkt"
run 0 --ip_version=ipv6 --mtu 1320 --local_ip=fd00::1 --remote_ip fd00::2 "$dir/mtu.pkt"
run 1 "$dir/mtu.pkt"
says out 'options <mss 1260>, sent <mss 1460>'
run 2 --mtu=x "$dir/mtu.pkt"
says err 'mtu: a number was expected'
run 2 --mtu
says err 'mtu wants a value'
run 2 --so_filename=x "$dir/mtu.pkt"
says err 'so_filename'

run 1 --check "$dir/nothing.pkt"
says err 'cannot read .*/nothing.pkt'
ln -s nothing "$dir/scripts/below/link.pkt"
run 1 --check "$dir/scripts/below"
says err 'cannot read .*/link.pkt'
says out '^1 of 1 scripts parse: 1 events$'
ln -s .. "$dir/scripts/below/up"
run 1 --check "$dir/scripts/below"
mkdir "$dir/empty"
run 1 --check "$dir/empty"
says err 'no .pkt file in'
run 2 --check
run 2 "$dir/scripts/bad.pkt"
run 2 --check --what "$dir/define.pkt"
says err 'unknown option --what'
echo "drill_check: well"
