#!/bin/bash
# many_connections.sh - 1,000 connections in a row and 200 at once, tern in both roles, IPv4 and
# IPv6; none fails, and all get the same octets.
set -eu
. "$(dirname "$0")/network_fixture.sh"
NETWORK_TOOLS="curl nginx"
network_enter "$@"
network_begin "$1"

mkdir "$dir/www"
random_file www/small 3000
random_file www/middle 200000

# fetched N "OUTPUT OF tern get --repeat"
fetched() {
    echo "$2"
    case "$2" in
    "$1 fetched, $1 alike, 0 failed, "*) ;;
    *) fail "not $1 alike" ;;
    esac
}

nginx_begin
for host in 10.77.0.1 '[fd77::1]'; do
    echo "tern opens, $host:"
    fetched 1000 "$("$tern" get -o "$dir/got" --repeat 1000 "http://$host:8080/small" 2>&1)"
    same "sha256" "$(sha "$dir/got")" "$(sha "$dir/www/small")"
    fetched 200 "$("$tern" get -o "$dir/got" --repeat 200 --parallel 200 \
        "http://$host:8080/middle" 2>&1)"
    same "sha256" "$(sha "$dir/got")" "$(sha "$dir/www/middle")"
done

# curl closes each connection (Connection: close) and writes each body behind the other.
serve_begin
for host in 10.77.0.2 '[fd77::2]'; do
    echo "tern is opened, $host:"
    for n in $(seq 1000); do echo "url = \"http://$host:8080/small\""; done >"$dir/row"
    curl -sS --max-time 120 -H 'Connection: close' -K "$dir/row" >"$dir/got"
    same "octets of 1,000" "$(stat -c %s "$dir/got")" 3000000
    same "sha256 of the first 100" "$(head -c 300000 "$dir/got" | sha256sum)" \
        "$(for n in $(seq 100); do cat "$dir/www/small"; done | sha256sum)"

    mkdir -p "$dir/many"
    for n in $(seq 200); do
        echo "url = \"http://$host:8080/middle\""
        echo "output = \"$dir/many/$n\""
    done >"$dir/row"
    curl -sS --max-time 120 --no-progress-meter -H 'Connection: close' --http1.1 \
        -Z --parallel-immediate --parallel-max 200 -K "$dir/row"
    same "different bodies of 200" "$(sha256sum "$dir"/many/* | cut -d' ' -f1 | sort | uniq -c |
        tr -s ' ')" " 200 $(sha "$dir/www/middle")"
    rm -r "$dir/many"
done
same "requests in the log" "$(grep -c ' GET /[a-z]* 200 ' "$dir/serve.log")" 2400
serve_end
