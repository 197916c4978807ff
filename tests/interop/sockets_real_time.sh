#!/bin/bash
# sockets_real_time.sh - blocking sockets over tern in real time, with the kernel, curl and nginx:
# examples/sockets_tun.c as server and as client.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nginx" network_enter "$@"
network_begin "$1"
program=${TERN_BUILD_DIR:?}/tests/sockets_tun
bytes=3000000 requests=3

ip tuntap add t0 mode tun
ip addr add 10.9.0.1/24 dev t0
ip link set t0 up

# ---- Server: each request is answered by accept, read, write, shutdown, read, close ----
"$program" serve t0 10.9.0.2 8080 $bytes $requests 2>"$dir/serve.log" &
pid=$!
pids="$pids $pid"
until_true 10 grep -q '^serving' "$dir/serve.log"
python3 -c "
part = ''.join(chr(97 + i % 26) for i in range(65536))
whole, rest = divmod($bytes, len(part))
print(part * whole + part[:rest], end='')" >"$dir/want"
for i in $(seq $requests); do
    curl -sf -m 60 -o "$dir/got" http://10.9.0.2:8080/
    cmp "$dir/want" "$dir/got" || fail "request $i: not the octets that were served"
done
got=0
wait "$pid" || got=$?
same "the server's exit status" "$got" 0

# ---- Client: connect, write, and read to the end ----
nginx_begin
random_file www/file 5000000
"$program" get t0 10.9.0.2 10.9.0.1 8080 /file >"$dir/answer"
tail -c 5000000 "$dir/answer" >"$dir/body"
same "the file that nginx serves" "$(sha "$dir/body")" "$(sha "$dir/www/file")"
grep -aq '^HTTP/1.1 200 OK' "$dir/answer" || fail "no status line"

# ---- Errors are errno ----
status_is 1 "$program" get t0 10.9.0.2 10.9.0.1 9 / 2>"$dir/refused.log"
grep -q 'Connection refused' "$dir/refused.log" || fail "not refused: $(cat "$dir/refused.log")"
status_is 2 "$program" get 2>/dev/null
echo "$requests answers of $bytes octets, a file of 5000000, a refusal"
