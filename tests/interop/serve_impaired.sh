#!/bin/bash
# serve_impaired.sh - curl fetches from `tern serve` over a bad wire, and gets the same octets.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/file 100000000
want=$(sha "$dir/www/file")
serve_begin --loss 1% --delay 15ms --reorder 1% --duplicate 1% --seed 1
for host in 10.77.0.2 '[fd77::2]'; do
    curl -sS --max-time 400 -o "$dir/got" -w "$host: %{size_download} octets in %{time_total} s\n" \
        "http://$host:8080/file"
    same "sha256 from $host" "$(sha "$dir/got")" "$want"
done
serve_end
