#!/bin/bash
# http_get.sh - what `tern get` makes of answers: framings, errors, exit statuses, output files.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nginx python3"
network_enter "$@"
network_begin "$1"

mkdir -p "$dir/www/list" "$dir/out"
for n in $(seq 500); do : >"$dir/www/list/a-name-of-some-length-$n"; done
printf 'hello\n' >"$dir/www/hello"
random_file www/file 300000
nginx_begin
at=http://10.77.0.1:8080

get() { "$tern" get --max-time 20 "$@"; }

same "body on stdout" "$(get "$at/hello")" hello
get "$at/list/" -o "$dir/out/list"
same "chunked body" "$(sha "$dir/out/list")" "$(curl -sS http://127.0.0.1:8080/list/ | sha256sum |
    cut -d' ' -f1)"
get "$at/empty" -o "$dir/out/empty"
same "size of 204" "$(stat -c %s "$dir/out/empty")" 0
same "a teapot's words" "$(get "$at/teapot")" "short and stout"
same "a note of the redirection" "$(get "$at/moved" 2>&1 >/dev/null)" \
    "tern get: the server points to http://elsewhere.example/, which is not followed"

# Names: from the hosts file (one of our own, where it can be put in place), and one of nobody.
printf '10.77.0.1 kernel.example\nfd77::1 kernel.example\n' >"$dir/hosts"
if unshare -m mount --bind "$dir/hosts" /etc/hosts 2>/dev/null; then
    for family in -4 -6; do
        same "body from a name, $family" "$(unshare -m sh -c 'mount --bind "$0" /etc/hosts &&
            exec "$@"' "$dir/hosts" "$tern" get $family http://kernel.example:8080/hello)" hello
    done
fi
status_is 6 get "http://no-such-host.invalid/" 2>/dev/null

# Usage and URLs.
status_is 2 get 2>/dev/null
status_is 2 get "$at/a" "$at/b" 2>/dev/null
status_is 2 get --no-such-option "$at/" 2>/dev/null
status_is 2 get --loss 1 "$at/" 2>/dev/null
status_is 3 get "http://" 2>/dev/null
status_is 3 get "http:///path" 2>/dev/null
status_is 3 get "http://10.77.0.1:0/" 2>/dev/null
status_is 3 get "http://[10.77.0.1]/" 2>/dev/null
status_is 3 get "10.77.0.1/hello" 2>/dev/null
status_is 1 get "https://10.77.0.1/" 2>/dev/null
same "one line" "$("$tern" get http:// 2>&1 | wc -l)" 1

# Connections that are not made.
status_is 7 get "http://10.77.0.1:9/" 2>/dev/null
status_is 7 get "http://[fd77::1]:9/" 2>/dev/null
status_is 7 get "http://127.0.0.1:8080/hello" 2>/dev/null
status_is 28 get --connect-timeout 1 "http://10.77.0.9/" 2>/dev/null

# HTTP errors.
status_is 0 get "$at/nothing" -o "$dir/out/404"
grep -q 404 "$dir/out/404" || fail "the body of a 404 was not written"
status_is 22 get --fail "$at/nothing" -o "$dir/out/none" 2>/dev/null
[ ! -e "$dir/out/none" ] || fail "--fail left a file"

# A file appears whole or not at all, and only under its own name.
printf 'before' >"$dir/out/kept"
status_is 22 get --fail "$at/nothing" -o "$dir/out/kept" 2>/dev/null
same "what was there before" "$(cat "$dir/out/kept")" before
get "$at/file" -o "$dir/out/kept"
same sha256 "$(sha "$dir/out/kept")" "$(sha "$dir/www/file")"
same "mode" "$(stat -c %a "$dir/out/kept")" "$(printf '%o' $((0666 & ~$(umask))))"
status_is 23 get "$at/hello" -o "$dir/no/folder" 2>/dev/null
status_is 23 get "$at/hello" -o "$dir/out" 2>/dev/null
get "$at/file" -o /dev/null
if [ -w /dev/full ]; then status_is 23 get "$at/file" -o /dev/full 2>/dev/null; fi
same "nothing left over" "$(ls "$dir/out" | tr '\n' ' ')" "404 empty kept list "

# A slow reader of stdout, and one that goes away.
same "sha256 through a slow pipe" "$(get "$at/file" | (sleep 1; sha256sum) | cut -d' ' -f1)" \
    "$(sha "$dir/www/file")"
random_file www/large 30000000
got=0
{ get "$at/large" 2>/dev/null || echo $? >"$dir/status"; } | head -c 10 >/dev/null
same "status after the reader left" "$(cat "$dir/status")" 23

# Servers that nginx is not.
cat >"$dir/odd.py" <<'TEXT'
import socket, struct, threading
answers = [
    (9001, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", False),
    (9002, b"", False),
    (9003, b"SSH-2.0-OpenSSH\r\n\r\n", False),
    (9004, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", True),
    (9005, b"HTTP/1.0 200 OK\r\n\r\nuntil the end", False),
    (9006, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", False),
    (9007, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", False),
    (9008, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", False),
]
def run(port, answer, reset):
    s = socket.create_server(("0.0.0.0", port))
    while True:
        c, _ = s.accept()
        c.recv(4096)
        c.sendall(answer)
        if reset:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.close()
def stall():
    s = socket.create_server(("0.0.0.0", 9009))
    kept = []
    while True:
        kept.append(s.accept())
threading.Thread(target=stall).start()
threads = [threading.Thread(target=run, args=a) for a in answers]
for t in threads: t.start()
TEXT
python3 "$dir/odd.py" &
pids="$pids $!"
until_true 10 curl -sS -o /dev/null http://127.0.0.1:9005/
odd() { status_is "$1" get "http://10.77.0.1:$2/" -o "$dir/odd" 2>/dev/null; }
odd 18 9001
odd 52 9002
odd 8 9003
odd 56 9004
odd 0 9005
same "body until the end" "$(cat "$dir/odd")" "until the end"
odd 0 9006
same "body after an interim answer" "$(cat "$dir/odd")" ok
odd 56 9007
odd 18 9008
status_is 28 "$tern" get --max-time 1 "http://10.77.0.1:9009/" 2>/dev/null

# On a terminal a bar is drawn on stderr, and its last state is all of it.
cat >"$dir/terminal.py" <<'TEXT'
import os, pty, sys
said = []
def read(fd):
    said.append(os.read(fd, 4096))
    return said[-1]
pty.spawn(sys.argv[1:], read)
said = b"".join(said)
assert b"\r100% ####" in said and b" 3.00 MB/3.00 MB " in said and said.endswith(b"\n"), said
assert said.count(b"\r") >= 3, said
TEXT
random_file www/slow 3000000
python3 "$dir/terminal.py" "$tern" get --delay 100ms -o "$dir/out/slow" "$at/slow" >/dev/null
same sha256 "$(sha "$dir/out/slow")" "$(sha "$dir/www/slow")"
