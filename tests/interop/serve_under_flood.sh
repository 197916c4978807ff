#!/bin/bash
# serve_under_flood.sh - the kernel's curl gets its page from `tern serve` while a flood of SYNs
# from addresses that nobody has runs; without cookies it does not.
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
import random, signal, socket, struct, sys, time

rate, seconds = int(sys.argv[1]), float(sys.argv[2])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
target = (10 << 24) + (77 << 16) + 2
# What does not change from SYN to SYN, summed once: pseudo-header, ports, offset, flags, options.
options = struct.pack("!BBHBBBBBBBB", 2, 4, 1460, 1, 3, 3, 7, 1, 1, 4, 2)
fixed = sum(struct.unpack("!6H", options)) + (target >> 16) + (target & 0xffff)
fixed += 6 + 32 + 8080 + 0x8002 + 64240
random.seed(1)

def syn():
    source = random.randrange(0x0b000000, 0x7f000000)  # 11.0.0.0 .. 126.255.255.255
    port, sequence = random.randrange(1024, 65536), random.getrandbits(32)
    total = fixed + (source >> 16) + (source & 0xffff) + port
    total += (sequence >> 16) + (sequence & 0xffff)
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 52, 0, 0x4000, 64, 6, 0, source, target)
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
            raw.sendto(syn(), ("10.77.0.2", 0))
        sent += 100
    else:
        time.sleep(0.001)
print(sent)
TEXT

# Packets that tern has sent: what the kernel received on the device.
answers() { awk '$1 == "tern0:" { print $3 }' /proc/net/dev; }
resident() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$serve_pid/status"; }

# flood_begin SECONDS
flood_begin() {
    python3 "$dir/flood.py" $FLOOD_RATE "$1" >"$dir/sent" &
    flood_pid=$!
    pids="$pids $flood_pid"
}

# fetch MAX_SECONDS: the page, by a connection of its own.
fetch() { curl -sS --max-time "$1" -o "$dir/got" http://10.77.0.2:8080/page 2>>"$dir/curl.log"; }

serve_begin --half-open 256 --quiet
start=$(resident)
for n in $(seq 20); do fetch 10 || fail "no page before the flood"; done
before=$(resident)
pages=$((before - start)) # what 20 pages cost; a sanitizer's malloc keeps what is freed
flood_begin $FLOOD_SECONDS
until_true 5 eval '[ "$(answers)" -gt 2000 ]' # the 256 records are long taken
served=0 during=0
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
echo "$sent SYNs, $(answers) packets of tern's; $served of 20 pages," \
    "$during of them before the flood's end; $before KiB resident before, $after after" \
    "(20 pages without a flood: $start to $before)"
[ "$sent" -ge $FLOOD_RATE ] || fail "that was no flood"
[ "$(answers)" -gt 10000 ] || fail "the SYNs were not answered by cookie"
[ "$during" -eq 20 ] || fail "the flood was over too soon"
# A record of 64 octets kept for each SYN would be more than this.
[ "$((after - before))" -le "$((pages + sent * 48 / 1024))" ] || fail "memory grew with the flood"
serve_end

# The same without cookies: the queue of half-open records is full, and nobody gets in.
serve_begin --half-open 256 --cookies never --quiet
flood_begin 2
until_true 5 eval '[ "$(answers)" -ge 256 ]'
sleep 0.3
got=0
for n in 1 2 3; do
    if fetch 0.4; then got=$((got + 1)); fi
done
wait $flood_pid || fail "the flood ended in disorder"
echo "without cookies: $got of 3 pages, $(answers) packets of tern's"
[ "$got" = 0 ] || fail "a page came, and it should not have: was the flood there?"
serve_end
