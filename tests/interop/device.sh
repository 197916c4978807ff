#!/bin/bash
# device.sh - the device: made, used, and gone again however tern ends; and what is said when it
# cannot be had.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl ping setpriv"
network_enter "$@"
network_begin "$1"

gone() { ! ip link show dev "$1" >/dev/null 2>&1; }

mkdir "$dir/www"
random_file www/big 50000000
routes_before=$(ip route; ip -6 route)

# Echo is answered, a closed port refuses, and the names are as documented.
serve_begin
ip -o addr show dev tern0 | grep -q 'inet 10\.77\.0\.1/24' || fail "no 10.77.0.1/24"
ip -o addr show dev tern0 | grep -q 'inet6 fd77::1/64' || fail "no fd77::1/64"
ping -c 3 -i 0.2 -W 2 10.77.0.2 >"$dir/ping.log" || fail "no answer to ping"
ping -6 -c 3 -i 0.2 -W 2 fd77::2 >"$dir/ping.log" || fail "no answer to ping -6"
ping -c 1 -W 2 -s 1400 10.77.0.2 >"$dir/ping.log" || fail "no answer to a large ping"
status_is 7 curl -sSv --max-time 10 http://10.77.0.2:81/ 2>"$dir/curl.log"
grep -q "Connection refused" "$dir/curl.log" || fail "not refused: $(cat "$dir/curl.log")"
status_is 7 curl -sS --max-time 10 'http://[fd77::2]:81/' 2>"$dir/curl.log"

# A second one beside it: the subnet is taken; another is not.
status_is 1 "$tern" serve "$dir/www" 2>"$dir/second.log"
same "lines said" "$(wc -l <"$dir/second.log")" 1
grep -q -e --peer "$dir/second.log" || fail "no word of --peer: $(cat "$dir/second.log")"
status_is 1 "$tern" serve "$dir/www" --tun tern0 --addr 10.78.0.2,fd78::2 \
    --peer 10.78.0.1/24,fd78::1/64 2>"$dir/second.log"
grep -q 'tern0' "$dir/second.log" || fail "no word of tern0: $(cat "$dir/second.log")"
first_pid=$serve_pid
serve_begin --addr 10.78.0.2,fd78::2 --peer 10.78.0.1/24,fd78::1/64 --tun other
curl -sS -o /dev/null --max-time 20 http://10.78.0.2:8080/
serve_end
until_true 5 gone other
serve_pid=$first_pid
serve_end
until_true 5 gone tern0

# However it ends, in the middle of a transfer, the device goes with it.
for signal in INT TERM KILL; do
    case $signal in INT) want=130 ;; TERM) want=143 ;; KILL) want=137 ;; esac
    serve_begin --tun sig0 --delay 20ms
    curl -sS --max-time 60 -o /dev/null http://10.77.0.2:8080/big 2>"$dir/curl.log" &
    curl_pid=$!
    pids="$pids $curl_pid"
    sleep 1
    kill -$signal "$serve_pid"
    got=0
    wait "$serve_pid" 2>/dev/null || got=$?
    same "status after SIG$signal" "$got" "$want"
    until_true 5 gone sig0
    if [ $signal = INT ]; then # the peer was told by a RST: curl need not wait
        got=0
        wait "$curl_pid" || got=$?
        same "status of curl" "$got" 56
    else
        kill "$curl_pid" 2>/dev/null || true
        wait "$curl_pid" 2>/dev/null || true
    fi
done

# The same for the other role: no connection, so it waits for the SYN to be answered.
"$tern" get --tun sig1 http://10.77.0.9/ -o "$dir/none" 2>/dev/null &
get_pid=$!
pids="$pids $get_pid"
until_true 5 ip link show dev sig1
kill -INT $get_pid
got=0
wait $get_pid || got=$?
same "status of get after SIGINT" "$got" 130
until_true 5 gone sig1
[ -z "$(find "$dir" -name 'none*')" ] || fail "a file was left: $(ls "$dir")"
same "routes afterwards" "$(ip route; ip -6 route)" "$routes_before"

# The IPv6 address takes packets as soon as the device is there: no SYN is lost and sent again.
for n in 1 2 3 4 5; do
    status_is 7 timeout 0.9 "$tern" get 'http://[fd77::1]:9/' 2>/dev/null
done

# A persistent device of that name is attached to, and stays.
ip tuntap add dev kept0 mode tun
serve_begin --tun kept0
curl -sS -o /dev/null --max-time 20 http://10.77.0.2:8080/
serve_end
ip link show dev kept0 >/dev/null || fail "a persistent device was removed"
ip link del kept0

# A device that root has made and set up for a user needs no privilege of that user. (In a mount
# namespace, with a /dev/net/tun that anybody may open, as most systems have it.)
as_nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
if $as_nobody true 2>/dev/null && mknod "$dir/tun" c 10 200 2>/dev/null; then
    chmod 666 "$dir/tun"
    cp "$tern" "$dir/tern"
    ip tuntap add dev user0 mode tun user 65534
    ip addr add 10.77.0.1/24 dev user0
    ip addr add fd77::1/64 dev user0 nodad
    ip link set user0 up
    root_tern=$tern
    cat >"$dir/unprivileged" <<TEXT
#!/bin/sh
exec unshare -m sh -c 'mount --bind "$dir/tun" /dev/net/tun && exec "\$@"' sh \\
    $as_nobody "$dir/tern" "\$@"
TEXT
    chmod +x "$dir/unprivileged"
    tern=$dir/unprivileged
    serve_begin --tun user0
    curl -sS -o /dev/null --max-time 20 http://10.77.0.2:8080/
    curl -sS -o /dev/null --max-time 20 'http://[fd77::2]:8080/'
    serve_end
    tern=$root_tern
    ip link del user0
fi

# Errors: one line, and the status.
says() { # says STATUS WORD COMMAND...
    local want=$1 word=$2
    shift 2
    status_is "$want" "$@" >"$dir/out.log" 2>"$dir/says.log"
    same "lines of $*" "$(wc -l <"$dir/says.log")" 1
    grep -q -e "$word" "$dir/says.log" || fail "no '$word' in: $(cat "$dir/says.log")"
}
says 1 "lo" "$tern" serve "$dir/www" --tun lo
if setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
    cp "$tern" "$dir/tern" # where anybody may run it
    says 1 "root" setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/tern" serve /
fi
if unshare -m mount -t tmpfs none /dev/net 2>/dev/null; then
    says 1 "modprobe tun" unshare -m sh -c 'mount -t tmpfs none /dev/net && exec "$@"' sh \
        "$tern" serve "$dir/www"
fi
says 1 "no/such" "$tern" serve "$dir/no/such"
says 1 "big" "$tern" serve "$dir/www/big"
says 2 "65536" "$tern" serve "$dir/www" --port 65536
says 2 "'0'" "$tern" serve "$dir/www" --port 0
says 2 "folder" "$tern" serve
says 2 "10.77.1.2" "$tern" serve "$dir/www" --addr 10.77.1.2
says 2 "--nothing" "$tern" serve "$dir/www" --nothing
says 1 "no/such" "$tern" serve "$dir/www" --pcap "$dir/no/such"
says 2 "did you mean 'serve'" "$tern" server
says 2 "ko or en" "$tern" --lang xx help
gone tern0 || fail "an error left a device"

# A host without IPv6: the rest goes on.
for switch in all default; do echo 1 >/proc/sys/net/ipv6/conf/$switch/disable_ipv6; done
serve_begin
grep -q 'http://10.77.0.2:8080/ on' "$dir/serve.log" || fail "said: $(cat "$dir/serve.log")"
curl -sS -o /dev/null --max-time 20 http://10.77.0.2:8080/
serve_end
says 7 "IPv6" "$tern" get 'http://[fd77::1]/'
