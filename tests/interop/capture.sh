#!/bin/bash
# capture.sh - tshark reads what tern and the kernel say to each other, from tern's own --pcap and
# from the device: no malformed packet, no bad checksum, in both roles, IPv4 and IPv6.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nginx tshark dumpcap"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/file 1000000

# tshark, with every checksum verified. It is not to put the HTTP body together: where a segment was
# sent again, that ends in a "Reassembly error" of tshark's own, which it files under malformed.
shark() {
    tshark -r "$1" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
        -o tcp.desegment_tcp_streams:FALSE --disable-protocol http -Y "$2" 2>"$dir/tshark.log"
}

# clean FILE LEAST: has at least LEAST TCP segments, and none that tshark finds fault with.
clean() {
    local all bad
    all=$(shark "$1" tcp | wc -l)
    [ "$all" -ge "$2" ] || fail "$1: only $all segments"
    bad=$(shark "$1" '_ws.malformed || _ws.short || tcp.option.len.invalid ||
        tcp.checksum.status == "Bad" || ip.checksum.status == "Bad" ||
        icmp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad"')
    [ -z "$bad" ] || fail "$1: tshark finds fault with: $bad"
    # The check itself looks at something: tshark has verified a checksum of each segment.
    same "verified segments of $1" "$(shark "$1" 'tcp.checksum.status == "Good"' | wc -l)" "$all"
    echo "$(basename "$1"): $all segments, none bad"
}

# device_capture FILE: starts dumpcap on tern's device; sets dumpcap_pid.
device_capture() {
    until_true 10 ip link show dev cap0
    dumpcap -q -i cap0 -w "$1" >"$dir/dumpcap.log" 2>&1 &
    dumpcap_pid=$!
    pids="$pids $dumpcap_pid"
    until_true 10 test -s "$1"
}

device_capture_end() {
    sleep 0.5
    kill -INT "$dumpcap_pid" 2>/dev/null || true
    wait "$dumpcap_pid" || true
}

serve_begin --tun cap0 --pcap "$dir/serve.pcapng" --loss 1% --delay 1ms --duplicate 1% --reorder 1%
device_capture "$dir/serve-device.pcapng"
for host in 10.77.0.2 '[fd77::2]'; do
    curl -sS --max-time 60 -o "$dir/got" "http://$host:8080/file"
    same "sha256 from $host" "$(sha "$dir/got")" "$(sha "$dir/www/file")"
    status_is 7 curl -sS --max-time 10 "http://$host:9/" 2>/dev/null
done
ping -c 1 -W 2 -s 1000 10.77.0.2 >/dev/null || true # one in fifty is lost
device_capture_end
serve_end
clean "$dir/serve.pcapng" 1400
clean "$dir/serve-device.pcapng" 1400

nginx_begin
for host in 10.77.0.1 '[fd77::1]'; do
    "$tern" get -o "$dir/got" --pcap "$dir/get.pcapng" --loss 1% --delay 1ms --duplicate 1% \
        --reorder 1% --max-time 60 "http://$host:8080/file"
    same "sha256 from $host" "$(sha "$dir/got")" "$(sha "$dir/www/file")"
    clean "$dir/get.pcapng" 700
done
