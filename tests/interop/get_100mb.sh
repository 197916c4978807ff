#!/bin/bash
# get_100mb.sh - `tern get` fetches 100 MB from nginx: the same octets, over IPv4 and IPv6.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nginx"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/big 100000000
want=$(sha "$dir/www/big")
nginx_begin
for host in 10.77.0.1 '[fd77::1]'; do
    began=$(date +%s%N)
    "$tern" get -o "$dir/got" --max-time 240 "http://$host:8080/big"
    echo "$host: $(stat -c %s "$dir/got") octets in $((($(date +%s%N) - began) / 1000000)) ms"
    same "sha256 from $host" "$(sha "$dir/got")" "$want"
    rm "$dir/got"
done
