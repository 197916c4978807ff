#!/bin/sh
# when.sh - tern when: the numbers of each profile, one value changed, and how it refuses.
#
#     tests/interop/when.sh PATH-OF-TERN
set -u
tern=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
export LC_ALL=C.UTF-8

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
    grep -q -- "$1" "$work/$2" || fail "no '$1' in: $(head -20 "$work/$2")"
}

expect 0 when syn
has 'rfc9293 *linux *freebsd' out
has '^10 *67.800 s$' out
has '^given up *180.000 s *133.300 s *75.000 s$' out
has 'connection aborted due to user timeout' out
grep -q ' $' "$work/out" && fail "blanks at the end of a line"
expect 0 when data --profile linux
has '^15 *804.600 s$' out
has '^given up *924.600 s$' out
expect 0 when data --profile=linux --rtt 100ms --lang ko
has '^1 *0.300 s$' out
has '포기' out
expect 0 when time-wait
has '^over *240.000 s *60.000 s *60.000 s$' out
for what in syn synack data fin keepalive persist time-wait; do
    expect 0 when $what --json
    python3 -c '
import json, sys
lines = [json.loads(l) for l in open(sys.argv[2])]
assert [l["profile"] for l in lines] == ["rfc9293", "linux", "freebsd"], lines
for l in lines:
    assert l["what"] == sys.argv[1]
    assert l["sends_us"] == sorted(l["sends_us"]) and not l["more"]
    assert not l["sends_us"] or l["sends_us"][-1] < l["end_us"]
' $what "$work/out" || fail "when $what --json"
done
expect 0 when syn --profile rfc9293 --set syn_schedule.waits_ms=100,200 \
    --set syn_schedule.give_up_ms=500
has '^2 *0.300 s$' out
has '^given up *0.500 s$' out
expect 0 when keepalive --profile linux --set keep_count=1
has '^given up *7275.000 s$' out
expect 0 when --keys
has '^data_schedule.retries_max (a number)$' out
has '^    linux    1000,1000,1000,1000,1000,2000,4000,8000,16500,32300,65500$' out
expect 0 when --help
has 'usage: tern when' out
expect 0 help when
has 'usage: tern when' out
for wrong in '' 'nothing' 'syn data' 'syn --profile windows' 'syn --rtt 5' 'syn --rtt 2000s' \
    'syn --rtt' 'syn --set keep_count' 'syn --set keep_count=0' 'syn --set nothing=1' \
    'syn --wrong'; do
    # shellcheck disable=SC2086
    expect 2 when $wrong
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "when $wrong: not one line: $(cat "$work/err")"
    [ -s "$work/out" ] && fail "when $wrong: printed something"
done

# ---- --profile and --set where stacks are made ----
expect 0 play handshake --lose 'syn:*' --profile linux --seed 1 --ascii
has '  133.310 ' out
expect 0 play handshake --profile client=linux,server=freebsd --set server.syn_window=1234 --seed 1
has 'WIN 64240' out
has 'WIN 1234' out
expect 0 play handshake --compare profile=linux,freebsd --seed 1
for wrong in '--profile nothing' '--profile clint=linux' '--profile client=linux,x=linux' \
    '--set nothing=1' '--set client.nothing=1' '--set server.time_wait_ms=0'; do
    # shellcheck disable=SC2086
    expect 2 play handshake $wrong
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "play $wrong: not one line: $(cat "$work/err")"
done
expect 2 get --profile nothing http://10.77.0.1/
expect 2 serve --set nothing=1 .
[ $failed -eq 0 ] && echo "when: as it should be"
exit $failed
