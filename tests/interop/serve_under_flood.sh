#!/bin/bash
# serve_under_flood.sh - the kernel's curl gets its page from `tern serve` while a flood of SYNs
# from addresses that nobody has runs; without cookies it does not. Over IPv4, then over IPv6.
#
# The flood is made here, inside the namespace: FLOOD_RATE SYNs a second until the pages are there,
# for FLOOD_SECONDS at most.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl python3"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/page 20000
FLOOD_RATE=20000
FLOOD_SECONDS=30

cat >"$dir/flood.py" <<'TEXT'
import ipaddress, random, signal, socket, struct, sys, time

target, rate, seconds = ipaddress.ip_address(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
family = socket.AF_INET if target.version == 4 else socket.AF_INET6
raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)  # with the IP header
raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)

def words(octets):
    return sum(struct.unpack(f"!{len(octets) // 2}H", octets))

# What does not change from SYN to SYN, summed once: pseudo-header, ports, offset, flags, options.
options = struct.pack("!BBHBBBBBBBB", 2, 4, 1460, 1, 3, 3, 7, 1, 1, 4, 2)
fixed = words(options) + words(target.packed) + 6 + 32 + 8080 + 0x8002 + 64240
random.seed(1)

def ip_head():
    """Of a packet from an address that nobody has; and that address."""
    if family == socket.AF_INET:  # 11.0.0.0 .. 126.255.255.255
        source = random.randrange(0x0b000000, 0x7f000000).to_bytes(4, "big")
        head = struct.pack("!BBHHHBBH", 0x45, 0, 52, 0, 0x4000, 64, 6, 0)
    else:  # of 2001:db8::/32
        source = b"\x20\x01\x0d\xb8" + random.randbytes(12)
        head = struct.pack("!IHBB", 6 << 28, 32, 6, 64)
    return head + source + target.packed, source

def syn():
    head, source = ip_head()
    port, sequence = random.randrange(1024, 65536), random.getrandbits(32)
    total = fixed + words(source) + port + (sequence >> 16) + (sequence & 0xffff)
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    tcp = struct.pack("!HHIIHHHH", port, 8080, sequence, 0, 0x8002, 64240, ~total & 0xffff, 0)
    return head + tcp + options

over = False

def end(*_):
    global over
    over = True

signal.signal(signal.SIGTERM, end)
began = time.monotonic()
sent = 0
while not over and (passed := time.monotonic() - began) < seconds:
    if sent < passed * rate:
        for _ in range(100):
            raw.sendto(syn(), (str(target), 0))
        sent += 100
    else:
        time.sleep(0.001)
print(sent)
TEXT

# Packets that tern has sent: what the kernel received on the device.
answers() { awk '$1 == "tern0:" { print $3 }' /proc/net/dev; }
resident() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$serve_pid/status"; }

# flood_begin SECONDS: against $target.
flood_begin() {
    python3 "$dir/flood.py" "$target" $FLOOD_RATE "$1" >"$dir/sent" &
    flood_pid=$!
    pids="$pids $flood_pid"
}

# fetch MAX_SECONDS: the page, by a connection of its own.
fetch() { curl -gsS --max-time "$1" -o "$dir/got" "http://$host:8080/page" 2>>"$dir/curl.log"; }

# With cookies every page comes while the flood runs.
served_with_cookies() {
    local start before pages served=0 during=0 after sent
    serve_begin --half-open 256 --quiet
    start=$(resident)
    for n in $(seq 20); do fetch 10 || fail "no page before the flood"; done
    before=$(resident)
    pages=$((before - start)) # what 20 pages cost; a sanitizer's malloc keeps what is freed
    flood_begin $FLOOD_SECONDS
    until_true 5 eval '[ "$(answers)" -gt 2000 ]' # the 256 records are long taken
    for n in $(seq 20); do
        rm -f "$dir/got"
        fetch 10 || fail "page $n did not come under the flood"
        same "sha256 of page $n" "$(sha "$dir/got")" "$(sha "$dir/www/page")"
        served=$((served + 1))
        if kill -0 $flood_pid 2>/dev/null; then during=$((during + 1)); fi
        [ "$n" = 20 ] || sleep 0.1
    done
    after=$(resident)
    kill $flood_pid 2>/dev/null || true
    wait $flood_pid || fail "the flood ended in disorder"
    sent=$(cat "$dir/sent")
    echo "$target: $sent SYNs, $(answers) packets of tern's; $served of 20 pages," \
        "$during of them before the flood's end; $before KiB resident before, $after after" \
        "(20 pages without a flood: $start to $before)"
    [ "$sent" -ge $FLOOD_RATE ] || fail "that was no flood"
    [ "$(answers)" -gt 10000 ] || fail "the SYNs were not answered by cookie"
    [ "$during" -eq 20 ] || fail "the flood was over too soon"
    # A record of 64 octets kept for each SYN would be more than this.
    [ "$((after - before))" -le "$((pages + sent * 48 / 1024))" ] ||
        fail "memory grew with the flood"
    serve_end
}

# Without, the queue of half-open records is full, and nobody gets in.
shut_out_without_cookies() {
    local got=0
    serve_begin --half-open 256 --cookies never --quiet
    flood_begin 2
    until_true 5 eval '[ "$(answers)" -ge 256 ]'
    sleep 0.3
    for n in 1 2 3; do
        if fetch 0.4; then got=$((got + 1)); fi
    done
    wait $flood_pid || fail "the flood ended in disorder"
    echo "$target without cookies: $got of 3 pages, $(answers) packets of tern's"
    [ "$got" = 0 ] || fail "a page came, and it should not have: was the flood there?"
    serve_end
}

target=10.77.0.2 host=10.77.0.2
served_with_cookies
shut_out_without_cookies
if ! grep -q "fd77::2" "$dir/serve.log"; then
    echo "this host has no IPv6"
    exit 0
fi
target=fd77::2 host='[fd77::2]'
served_with_cookies
shut_out_without_cookies
