#!/bin/sh
# states_rules.sh - tern states and tern rules: what they print, in which language, and how they
# refuse.
#
#     tests/interop/states_rules.sh PATH-OF-TERN
set -u
tern=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail()
{
    echo "FAIL $*"
    failed=1
}

# expect STATUS WORD... : runs tern, output in $work/out and $work/err.
expect()
{
    want=$1
    shift
    "$tern" "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ $got -eq "$want" ] || fail "tern $*: status $got, not $want: $(cat "$work/err")"
}

has()
{
    grep -q -- "$1" "$work/$2" || fail "no '$1' in: $(head -5 "$work/$2")"
}

# ---- states ----
LC_ALL=C.UTF-8 expect 0 states
for state in CLOSED LISTEN SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT \
    CLOSING LAST-ACK TIME-WAIT; do
    has "$state" out
done
has 'Also back to CLOSED' out
has '►' out
[ "$(grep -c "$(printf '\033')" "$work/out")" -eq 0 ] || fail "colour without a terminal"
LC_ALL=C expect 0 states
[ "$(LC_ALL=C tr -d '\000-\177' <"$work/out" | wc -c)" -eq 0 ] || fail "LC_ALL=C: not ASCII"
expect 0 states --ascii --width 60
[ "$(awk 'length > 60' "$work/out" | wc -l)" -eq 0 ] || fail "wider than --width 60"
expect 0 states --lang ko
has 'CLOSED로 돌아가는' out
expect 0 states --dot
has '"ESTABLISHED" -> "CLOSE-WAIT"' out
expect 0 states --svg "$work/states.svg"
python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$work/states.svg" ||
    fail "the SVG is not XML"
expect 0 states --help
has 'usage: tern states' out
expect 1 states --svg "$work/none/states.svg"
has "$work/none/states.svg" err
for wrong in '--width 59' '--width 201' '--width x' '--width' '--frob' 'word' '--dot --svg -'; do
    # shellcheck disable=SC2086
    expect 2 states $wrong
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "states $wrong: not one line: $(cat "$work/err")"
done

# ---- rules ----
expect 0 rules
has '^SYN_SENT  RFC 9293' out
rules=$(grep -c '^[A-Z]' "$work/out")
[ "$rules" -gt 100 ] || fail "only $rules rules"
expect 0 rules RST_CHALLENGED
has 'RFC 5961 3.2' out
has 'TERN_RULE_RST_CHALLENGED' out
expect 0 rules rst-challenged
has '^RST_CHALLENGED$' out
expect 0 rules SYN_SENT --lang ko
has '연결 요청' out
expect 2 rules RST_CHALENGED
has 'the nearest are RST_CHALLENGED' err
expect 2 rules SYN_SENT SYN_SENT
expect 2 rules "$(printf '%0100d' 0)"
expect 2 rules --frob

# ---- what runs have reached ----
expect 0 play handshake --seed 5 --coverage "$work/one"
expect 0 play close --seed 5 --coverage "$work/one"
expect 0 play handshake --seed 5 --compare lose=syn:1 --coverage "$work/two"
printf '%s\n' '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3' >"$work/one.pkt"
expect 0 drill --coverage "$work/two" "$work/one.pkt"
expect 0 rules --coverage "$work/one" "$work/two"
has 'runs: 5' out
has '^LISTEN  .* 4 ' out
has '^ *4  SYN-SENT     -> ESTABLISHED' out
has 'never  PORT_ZERO' out
expect 0 rules --coverage "$work/one" --lang ko
has '상태별로 받은 세그먼트' out
expect 0 rules --coverage "$work/one" --json
python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$work/out" ||
    fail "coverage: a line is not JSON"
expect 0 rules --coverage "$work/one" --svg "$work/heat.svg"
python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$work/heat.svg" ||
    fail "the heat map is not XML"
expect 2 rules --coverage
expect 2 rules --json
expect 2 rules --svg "$work/heat.svg"
expect 1 rules --coverage "$work/none"
expect 1 rules --coverage "$work/one.pkt"
expect 1 play handshake --coverage "$work/none/file"
expect 1 drill --coverage "$work/none/file" "$work/one.pkt"

[ $failed -eq 0 ] && echo "states and rules: as they should be"
exit $failed
