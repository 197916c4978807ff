#!/bin/bash
# serve_100mb.sh - curl fetches 100 MB from `tern serve`: the same octets, over IPv4 and IPv6.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/big 100000000
want=$(sha "$dir/www/big")
serve_begin
for host in 10.77.0.2 '[fd77::2]'; do
    curl -sS --max-time 240 -o "$dir/got" -w "$host: %{size_download} octets in %{time_total} s\n" \
        "http://$host:8080/big"
    same "sha256 from $host" "$(sha "$dir/got")" "$want"
done
serve_end
