#!/bin/bash
# watch.sh - `--watch` draws the connections of `tern get` and `tern serve` as they live, and
# leaves what they carry alone.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nginx"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
printf 'hello\n' >"$dir/www/hello"
random_file www/file 200000
export LC_ALL=C.UTF-8 # wc -L counts columns

# drawn FILE WORD...: all of them, in this order, and no row beyond 80 columns.
drawn() {
    local file=$1 from=1 word line widest
    shift
    for word in "$@"; do
        line=$(tail -n +$from "$file" | grep -n -m 1 -e "$word" | cut -d: -f1)
        [ -n "$line" ] || fail "no '$word' after line $from of: $(cat "$file")"
        from=$((from + line - 1))
    done
    widest=$(grep -v '^serving ' "$file" | wc -L)
    [ "$widest" -le 80 ] || fail "a row of $widest columns"
    ! grep -q "$(printf '\033')" "$file" || fail "colours, and no terminal"
}

nginx_begin
same body "$("$tern" get --watch http://10.77.0.1:8080/hello 2>"$dir/drawn")" hello
drawn "$dir/drawn" 'client (tern)' SYN-SENT 'SYN ─' 'SYN,ACK' ESTABLISHED 'LEN 10[0-9]' FIN \
    'CLOSED\|TIME-WAIT' # who closes first is a race, and both at once happens too
"$tern" get --watch --lang ko 'http://[fd77::1]:8080/hello' >"$dir/got" 2>"$dir/drawn"
drawn "$dir/drawn" 'fd77::1' ESTABLISHED
grep -q '클라이언트' "$dir/drawn" || [ ! -d "$(dirname "$tern")/../locale/ko" ] ||
    fail "not in Korean: $(cat "$dir/drawn")"
"$tern" get --watch --loss 5% --duplicate 5% --reorder 5% --delay 1ms --seed 1 -o "$dir/got" \
    http://10.77.0.1:8080/file 2>"$dir/drawn"
same sha256 "$(sha "$dir/got")" "$(sha "$dir/www/file")"
drawn "$dir/drawn" SYN-SENT lost '(again)' 'CLOSED\|TIME-WAIT'
"$tern" get --watch --repeat 300 --parallel 100 -o "$dir/got" \
    http://10.77.0.1:8080/hello 2>"$dir/drawn"
[ "$(grep -c 'client (tern)' "$dir/drawn")" -ge 300 ] || fail "not all 300 were drawn"

serve_begin --watch --tun seen0
curl -sS -o "$dir/got" --max-time 20 http://10.77.0.2:8080/file
same sha256 "$(sha "$dir/got")" "$(sha "$dir/www/file")"
status_is 7 curl -sS --max-time 20 http://10.77.0.2:81/ 2>/dev/null
until_true 5 grep -q 'CLOSED\|TIME-WAIT' "$dir/serve.log"
serve_end
drawn "$dir/serve.log" 'server (tern)' SYN-RECEIVED ESTABLISHED FIN RST
