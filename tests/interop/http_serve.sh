#!/bin/bash
# http_serve.sh - what `tern serve` answers: files, folders, ranges, and requests that are wrong.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl python3"
network_enter "$@"
network_begin "$1"

www=$dir/www
at=http://10.77.0.2:8080
mkdir -p "$www/folder" "$www/site" "$www/a b"
printf 'hello, world\n' >"$www/hello.txt"
: >"$www/empty"
printf 'index' >"$www/site/index.html"
printf 'x' >"$www/a b/<&>.txt"
printf 'secret' >"$dir/secret"
ln -s ../secret "$www/out"
ln -s hello.txt "$www/in"
ln -s /etc/passwd "$www/folder/absolute"
mkfifo "$www/pipe"
serve_begin --idle 2

# answer WANT CURL_ARGUMENT...: the status of a request.
answer() {
    local want=$1
    shift
    same "status of $*" "$(curl -sS --max-time 10 -o "$dir/body" -w '%{http_code}' "$@")" "$want"
}

answer 200 "$at/hello.txt"
same body "$(cat "$dir/body")" "hello, world"
answer 200 "$at/in"
same "body by a link inside" "$(cat "$dir/body")" "hello, world"
answer 200 "$at/empty"
same "size of an empty file" "$(stat -c %s "$dir/body")" 0
answer 200 "$at/site/"
same index "$(cat "$dir/body")" index
answer 301 "$at/site"
same "where it moved" "$(curl -sS -o /dev/null -w '%{redirect_url}' "$at/site")" "$at/site/"
answer 200 "$at/"
grep -q '<a href="./a%20b/">a b/</a>' "$dir/body" || fail "no 'a b' in the listing"
answer 200 "$at/a%20b/"
grep -q '<a href="./%3C%26%3E.txt">&lt;&amp;&gt;.txt</a>' "$dir/body" || fail "names not escaped"
answer 200 "$at/a%20b/%3c%26%3E.txt"
answer 404 "$at/nothing"
answer 404 "$at/hello.txt/more"
answer 404 "$at/pipe/"
answer 403 "$at/pipe"
answer 403 "$at/out"
answer 403 "$at/folder/absolute"
answer 403 --path-as-is "$at/../secret"
answer 403 --path-as-is "$at/folder/../../secret"
answer 403 "$at/%2e%2e/secret"
answer 403 "$at/folder%2f..%2f..%2fsecret"
answer 200 --path-as-is "$at/folder/../hello.txt"
answer 405 -X POST -d x=1 "$at/hello.txt"
answer 405 -X DELETE "$at/hello.txt"
answer 400 -H 'Host:' "$at/"
answer 414 "$at/$(printf 'a%.0s' $(seq 2000))"
answer 431 -H "X: $(printf 'a%.0s' $(seq 9000))" "$at/"
same "length of HEAD" "$(curl -sSI "$at/hello.txt" | tr -d '\r' | grep -i content-length)" \
    "Content-Length: 13"
same "a range" "$(curl -sS -r 7-11 "$at/hello.txt")" world
same "a suffix" "$(curl -sS -r -6 "$at/hello.txt")" world
answer 206 -r 0-0 "$at/hello.txt"
answer 416 -r 13- "$at/hello.txt"
answer 200 -0 "$at/hello.txt"
same "connections for two requests" "$(curl -sS -o /dev/null -o /dev/null -w '%{num_connects} ' \
    "$at/hello.txt" "$at/in")" "1 0 "

# What curl does not send: pipelined requests, a slow one, octets that are no HTTP.
python3 - <<'TEXT' || fail "raw requests"
import socket, time
def ask(data, end=True):
    s = socket.create_connection(("10.77.0.2", 8080), 5)
    s.settimeout(8)
    s.sendall(data)
    if end: s.shutdown(socket.SHUT_WR)
    got = b""
    while True:
        piece = s.recv(65536)
        if not piece: break
        got += piece
    s.close()
    return got
three = ask(b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
assert three.count(b"hello, world\n") == 3, three
assert ask(b"\x16\x03\x01\x00\xff nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 "), "nonsense"
assert ask(b"GET / HTTP/3.0\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 505 "), "version"
body = ask(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200000)
assert body.startswith(b"HTTP/1.1 405 ") and body.count(b"HTTP/1.1") == 1, body[:200]
began = time.time()
assert ask(b"GET / HT", end=False) == b"", "an unfinished request is ended"
assert 1.5 < time.time() - began < 6, time.time() - began
TEXT
serve_end
