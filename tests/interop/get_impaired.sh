#!/bin/bash
# get_impaired.sh - `tern get` fetches 100 MB from nginx over a bad wire, IPv4 and IPv6: 1 % loss,
# 30 ms delay, 1 % reordered, 1 % duplicated, each in each direction.
#
# The kernel sends, so its congestion control decides how long that takes: with BBR seconds, with
# CUBIC or Reno about 0.25 MB/s, more than six minutes for one connection. Where BBR is not to be
# had, the 100 MB are fetched as 8 bodies of 12.5 MB at once. Reno is met in either case.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nginx"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/100 100000000
random_file www/12 12500000
random_file www/1 1000000
nginx_begin

# fetch HOST FILE TIMES: so many at once; the first is compared with the file, the others with it.
fetch() {
    local said
    said=$("$tern" get -o "$dir/got" --max-time 400 --loss 1% --delay 30ms --reorder 1% \
        --duplicate 1% --seed 1 --repeat "$3" --parallel "$3" "http://$1:8080/$2" 2>&1) ||
        fail "$said"
    echo "$1, $(cat "$control"): $2 MB, $3 at once. $said"
    same "sha256 from $1" "$(sha "$dir/got")" "$(sha "$dir/www/$2")"
    case $said in
    '' | "$3 fetched, $3 alike, 0 failed, "*) ;;
    *) fail "not $3 alike" ;;
    esac
    rm "$dir/got"
}

control=/proc/sys/net/ipv4/tcp_congestion_control
for host in 10.77.0.1 '[fd77::1]'; do
    if { echo bbr >$control; } 2>/dev/null; then
        fetch $host 100 1
    else
        fetch $host 12 8
    fi
    echo reno >$control
    fetch $host 1 8
done
