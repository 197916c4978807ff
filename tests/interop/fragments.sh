#!/bin/bash
# fragments.sh - fragments that the kernel makes: echo requests over IPv4 and IPv6, and TCP from a
# host whose router cuts what is too large for the way to tern.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nsenter ping sysctl"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/file 20000
serve_begin --pcap "$dir/pcap"

# How often the capture says it: each packet carries the text of its last rule.
said() { grep -a -o "$1" "$dir/pcap" | wc -l; }
kept="it is kept until the rest of its datagram is here"

# The kernel's own fragments. An answer fits the device in one piece; a larger one is not given.
ip route add 10.77.0.2/32 dev tern0 mtu lock 600
ping -q -c 5 -i 0.2 -W 2 -M dont -s 1400 10.77.0.2 >"$dir/ping.log" ||
    fail "no answer to an echo in pieces over IPv4: $(cat "$dir/ping.log")"
ip -6 route add fd77::2/128 dev tern0 mtu lock 1280
ping -q -c 5 -i 0.2 -W 2 -M dont -s 1400 fd77::2 >"$dir/ping.log" ||
    fail "no answer to an echo in pieces over IPv6: $(cat "$dir/ping.log")"
status_is 1 ping -q -c 1 -W 1 -M dont -s 5000 10.77.0.2 >"$dir/ping.log"

# A host behind a router: this namespace forwards, and its way to tern has room for 600 octets.
unshare -n sleep 600 &
host=$!
pids="$pids $host"
elsewhere() { [ "$(readlink "/proc/$host/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
until_true 5 elsewhere
ip link add near type veth peer name far netns $host
ip address add 10.78.0.1/24 dev near
ip link set near up
nsenter -t $host -n sh -c 'ip address add 10.78.0.2/24 dev far && ip link set far up &&
    ip route add default via 10.78.0.1 && sysctl -qw net.ipv4.ip_no_pmtu_disc=1'
sysctl -qw net.ipv4.ip_forward=1

# A request of two segments, without DF: each comes in three pieces.
long=$(head -c 2500 /dev/zero | tr '\0' x)
for n in 1 2 3; do
    nsenter -t $host -n curl -sS --max-time 10 -H "X: $long" -o "$dir/got" \
        http://10.77.0.2:8080/file
    same "sha256 behind a router that cuts" "$(sha "$dir/got")" "$(sha "$dir/www/file")"
done
serve_end
pieces=$(said "$kept")
echo "$pieces fragments kept; all were answered"
# 5 echoes of 3 and 5 of 2 and one of 9, without the last of each; 3 requests of at least 3.
[ "$pieces" -ge $((5 * 2 + 5 * 1 + 8 + 3 * 2)) ] || fail "only $pieces fragments came"
