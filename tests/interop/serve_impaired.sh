#!/bin/bash
# serve_impaired.sh - curl fetches 100 MB from `tern serve` over a bad wire, IPv4 and IPv6: 1 %
# loss, 30 ms delay, 1 % reordered, 1 % duplicated, each in each direction.
#
# One NewReno connection carries about 1.22 MSS / (RTT sqrt(loss)) = 0.25 MB/s there (RFC 5348 3.1
# has the long form), 100 MB being more than six minutes. So the file is fetched in 8 ranges at once
# and put together again: the same octets, in about one minute.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/file 100000000
want=$(sha "$dir/www/file")
serve_begin --loss 1% --delay 30ms --reorder 1% --duplicate 1% --seed 1
fetchers=
for n in 0 1 2 3 4 5 6 7; do
    range=$((n * 12500000))-$((n * 12500000 + 12499999))
    curl -sS --max-time 400 -r $range -o "$dir/four.$n" http://10.77.0.2:8080/file &
    fetchers="$fetchers $!"
    curl -sS --max-time 400 -r $range -o "$dir/six.$n" 'http://[fd77::2]:8080/file' &
    fetchers="$fetchers $!"
done
pids="$pids $fetchers"
began=$(date +%s)
for fetcher in $fetchers; do wait "$fetcher" || fail "a curl ended with $?"; done
echo "2 times 100 MB in $(($(date +%s) - began)) s"
same "sha256 over IPv4" "$(cat "$dir"/four.[0-7] | sha256sum | cut -d' ' -f1)" "$want"
same "sha256 over IPv6" "$(cat "$dir"/six.[0-7] | sha256sum | cut -d' ' -f1)" "$want"
serve_end
