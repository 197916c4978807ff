#!/bin/bash
# get_impaired.sh - `tern get` fetches from nginx over a bad wire, and gets the same octets.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nginx"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/file 100000000
want=$(sha "$dir/www/file")
nginx_begin
for host in 10.77.0.1 '[fd77::1]'; do
    began=$(date +%s%N)
    "$tern" get -o "$dir/got" --max-time 400 --loss 1% --delay 15ms --reorder 1% --duplicate 1% \
        --seed 1 "http://$host:8080/file"
    echo "$host: $(stat -c %s "$dir/got") octets in $((($(date +%s%N) - began) / 1000000)) ms"
    same "sha256 from $host" "$(sha "$dir/got")" "$want"
    rm "$dir/got"
done
