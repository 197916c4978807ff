#!/bin/bash
# fast_open.sh - Fast Open with the kernel, both ways: Python's sockets ask `tern serve`, and answer
# `tern get`. Who took data with a SYN is read from the kernel's own counters.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="python3"
network_enter "$@"
network_begin "$1"
sysctl -qw net.ipv4.tcp_fastopen=3 2>/dev/null || network_skip "net.ipv4.tcp_fastopen is not ours"

# counter NAME: one of TcpExt.
counter() {
    awk -v name="$1" '/^TcpExt:/ { if (n++ == 0) split($0, names); else split($0, values) }
        END { for (i in names) if (names[i] == name) print values[i] }' /proc/net/netstat
}

# ---- The kernel's client, tern's server --------------------------------------------------------
mkdir -p "$dir/www"
printf 'hello, world\n' >"$dir/www/hello.txt"
serve_begin --fast-open --pcap "$dir/serve.pcapng"
cat >"$dir/client.py" <<'TEXT'
import socket, struct, sys
SYN_DATA = 32 # TCPI_OPT_SYN_DATA
def ask(family, address):
    s = socket.socket(family, socket.SOCK_STREAM)
    request = b"GET /hello.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert s.sendto(request, socket.MSG_FASTOPEN, (address, 8080)) == len(request)
    s.settimeout(10)
    got = b""
    while True:
        piece = s.recv(65536)
        if not piece: break
        got += piece
    options = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5]
    s.close()
    assert got.count(b"HTTP/1.1 200") == 1 and got.endswith(b"\r\n\r\nhello, world\n"), got
    return bool(options & SYN_DATA)
for family, address in (socket.AF_INET, "10.77.0.2"), (socket.AF_INET6, "fd77::2"):
    print(*(ask(family, address) for _ in range(4)))
TEXT
same "data with the kernel's SYNs" "$(python3 "$dir/client.py")" "False True True True
False True True True"
same "TCPFastOpenActive" "$(counter TCPFastOpenActive)" 6
same "TCPFastOpenActiveFail" "$(counter TCPFastOpenActiveFail)" 0
serve_end
same "requests that tern answered" "$(grep -c 'GET /hello.txt 200 13$' "$dir/serve.log")" 8

# A server where it is off: the kernel falls back, nothing is lost.
serve_begin
same "data with SYNs to a server without Fast Open" \
    "$(python3 "$dir/client.py" | tr '\n' ' ')" "False False False False False False False False "
serve_end

# ---- tern's client, the kernel's server --------------------------------------------------------
cat >"$dir/server.py" <<'TEXT'
import socket, sys
TCP_FASTOPEN = 23
listeners = []
def answer(s):
    request = b""
    while b"\r\n\r\n" not in request:
        piece = s.recv(65536)
        if not piece: return
        request += piece
    assert request.count(b"GET ") == 1, request
    s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100000)
    s.close()
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, int(sys.argv[1]))
s.bind(("::", 8080))
s.listen(64)
print("ready", flush=True)
while True:
    answer(s.accept()[0])
TEXT

# kernel_begin PENDING_MAX
kernel_begin() {
    : >"$dir/server.log"
    python3 "$dir/server.py" "$1" >"$dir/server.log" 2>&1 &
    server_pid=$!
    pids="$pids $server_pid"
    until_true 10 grep -q ready "$dir/server.log"
}

kernel_begin 16
for url in http://10.77.0.1:8080/ 'http://[fd77::1]:8080/'; do
    before=$(counter TCPFastOpenPassive)
    "$tern" get -q --fast-open --repeat 6 -o "$dir/body" "$url"
    same "size of the body from $url" "$(stat -c %s "$dir/body")" 100000
    same "TCPFastOpenPassive by $url" "$(($(counter TCPFastOpenPassive) - before))" 5
done
same "TCPFastOpenPassiveFail" "$(counter TCPFastOpenPassiveFail)" 0
"$tern" get -q --fast-open --repeat 4 --loss 10% --seed 3 -o "$dir/body" http://10.77.0.1:8080/
same "size of the body under loss" "$(stat -c %s "$dir/body")" 100000

# The server's key changes between two fetches: one falls back, with a new cookie.
before=$(counter TCPFastOpenPassive)
fails=$(counter TCPFastOpenPassiveFail)
(sleep 0.5; sysctl -qw net.ipv4.tcp_fastopen_key=11111111-22222222-33333333-44444444) &
pids="$pids $!"
"$tern" get -q --fast-open --repeat 40 --delay 10ms -o "$dir/body" http://10.77.0.1:8080/
same "fetches that fell back, the first among them" \
    "$((40 - ($(counter TCPFastOpenPassive) - before)))" 2
kill "$server_pid"
wait "$server_pid" 2>/dev/null || true

# A server where it is off.
kernel_begin 0
before=$(counter TCPFastOpenPassive)
"$tern" get -q --fast-open --repeat 3 -o "$dir/body" http://10.77.0.1:8080/
same "TCPFastOpenPassive where it is off" "$(($(counter TCPFastOpenPassive) - before))" 0
same "size of the body" "$(stat -c %s "$dir/body")" 100000
