# network_fixture.sh - for the interop scripts: a network of their own, and peers in it.
#
# `network_enter "$@"` starts the script again in a new network namespace (and user namespace, when
# not root), which is gone when its last process is. Everything a script starts is ended by its
# process id, and its folder removed, when it exits.

network_skip() { echo "skipped: $1"; exit 77; }

network_enter() {
    if [ "${NETWORK_ENTERED:-}" = "$$" ]; then
        return
    fi
    [ $# -ge 1 ] && [ -x "$1" ] || { echo "usage: $0 PATH_OF_TERN"; exit 2; }
    local flags=-n tool
    [ "$(id -u)" = 0 ] || flags=-rn
    for tool in ip unshare $NETWORK_TOOLS; do
        command -v "$tool" >/dev/null || network_skip "$tool is not installed"
    done
    unshare $flags true 2>/dev/null || network_skip "no network namespace can be made here"
    unshare $flags sh -c 'exec 3<>/dev/net/tun' 2>/dev/null ||
        network_skip "/dev/net/tun cannot be opened"
    # exec keeps the process id, by which the script knows itself again.
    NETWORK_ENTERED=$$ exec unshare $flags bash "$0" "$@"
}

# Sets tern, dir (a folder of the script's own) and the traps.
network_begin() {
    tern=$1
    dir=$(mktemp -d)
    chmod 755 "$dir"
    pids=
    trap network_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    ip link set lo up
}

network_end() {
    local status=$? pid
    exec 2>/dev/null # the shell would say of each that it was killed
    for pid in $pids; do kill -KILL "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    if [ "$status" != 0 ] && [ "$status" != 77 ]; then
        echo "FAILED with status $status; what was said last:"
        tail -n 5 "$dir"/*.log 2>/dev/null || true
    fi
    rm -rf "$dir"
}

fail() { echo "FAIL: $*"; exit 1; }

# same WHAT GOT WANT
same() { [ "$2" = "$3" ] || fail "$1: got '$2', want '$3'"; }

# Runs a command and checks its exit status: status_is 7 tern get ...
status_is() {
    local want=$1 got=0
    shift
    "$@" || got=$?
    [ "$got" = "$want" ] || fail "exit status $got instead of $want: $*"
}

# until_true SECONDS COMMAND...: tries ten times a second.
until_true() {
    local tries=$(($1 * 10))
    shift
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "in vain: $*"
        sleep 0.1
    done
}

# random_file NAME BYTES: octets without a pattern.
random_file() { head -c "$2" /dev/urandom >"$dir/$1"; }

sha() { sha256sum "$1" | cut -d' ' -f1; }

# serve_begin OPTION...: tern serves $dir/www; sets serve_pid.
serve_begin() {
    mkdir -p "$dir/www"
    : >"$dir/serve.log"
    "$tern" serve "$dir/www" --port 8080 "$@" >"$dir/serve.log" 2>&1 &
    serve_pid=$!
    pids="$pids $serve_pid"
    until_true 10 grep -q '^serving ' "$dir/serve.log"
}

# serve_end: by SIGTERM, and says so when it ended otherwise.
serve_end() {
    local got=0
    kill -TERM "$serve_pid"
    wait "$serve_pid" || got=$?
    [ "$got" = 143 ] || fail "tern serve ended with $got instead of 143"
}

# nginx_begin: Debian's nginx with a configuration of its own serves $dir/www on port 8080 of every
# address, without the system's configuration, folders or users.
nginx_begin() {
    mkdir -p "$dir/www" "$dir/nginx"
    cat >"$dir/nginx/nginx.conf" <<TEXT
daemon off;
master_process off;
pid $dir/nginx/pid;
error_log $dir/nginx.log warn;
events { worker_connections 2048; }
http {
    access_log off;
    client_body_temp_path $dir/nginx/body;
    proxy_temp_path $dir/nginx/proxy;
    fastcgi_temp_path $dir/nginx/fastcgi;
    uwsgi_temp_path $dir/nginx/uwsgi;
    scgi_temp_path $dir/nginx/scgi;
    server {
        listen 0.0.0.0:8080 backlog=1024;
        listen [::]:8080 backlog=1024;
        root $dir/www;
        location /list/ { autoindex on; }
        location = /moved { return 302 http://elsewhere.example/; }
        location = /teapot { return 418 "short and stout"; }
        location = /empty { return 204; }
    }
}
TEXT
    nginx -p "$dir/nginx" -e "$dir/nginx.log" -c "$dir/nginx/nginx.conf" &
    pids="$pids $!"
    until_true 10 curl -sf -o /dev/null http://127.0.0.1:8080/empty
}
