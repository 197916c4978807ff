#!/bin/bash
# command_line.sh - what `tern` itself answers: help, version, languages, and words that it does
# not know. Needs no network.
set -eu
tern=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset LANGUAGE

fail() { echo "FAIL: $*"; exit 1; }

# run STATUS ARGUMENT...: stdout is in $dir/out, stderr in $dir/err. The shell itself stays out of
# the locale: it would warn of one that is not there.
environment="LC_ALL=C"
run() {
    local want=$1 got=0
    shift
    env $environment "$tern" "$@" >"$dir/out" 2>"$dir/err" || got=$?
    [ "$got" = "$want" ] || fail "tern $*: exit status $got instead of $want"
}
says() { grep -q -e "$1" "$dir/out" || fail "no '$1' in: $(cat "$dir/out")"; }
# wrong STATUS TEXT ARGUMENT...: exactly one line, on stderr, with the text in it.
wrong() {
    local want=$1 text=$2
    shift 2
    run "$want" "$@"
    [ "$(wc -l <"$dir/err")" = 1 ] || fail "tern $*: not one line: $(cat "$dir/err")"
    [ ! -s "$dir/out" ] || fail "tern $*: also on stdout: $(cat "$dir/out")"
    grep -q -e "$text" "$dir/err" || fail "no '$text' in: $(cat "$dir/err")"
}

run 0 --version
says '^tern [0-9]*\.[0-9]*\.[0-9]*$'
run 0 help
for verb in play get serve states rules drill bench help; do says "^  $verb "; done
run 0 --help
says '^usage: tern VERB'
for verb in play get serve states rules drill bench; do
    run 0 $verb --help
    says "tern $verb"
    cp "$dir/out" "$dir/help"
    run 0 help $verb
    cmp -s "$dir/out" "$dir/help" || fail "help $verb is not $verb --help"
done

wrong 2 'tern help'
wrong 2 "did you mean 'play'" plaay
wrong 2 "did you mean 'get'" fet
wrong 2 "no verb 'something-else-entirely'" something-else-entirely
wrong 2 'ko or en' --lang fr help
wrong 2 'ko or en' help --lang
wrong 2 'unknown option --frobnicate' serve --frobnicate .
wrong 2 'option --port needs a value' serve . --port
wrong 2 "'x' is not a port" serve . --port x
wrong 2 'no folder' serve
wrong 2 'no URL' get
wrong 2 "'5' is not a share" get --loss 5 http://a/
wrong 2 "'30' is not a time" get --delay 30 http://a/
wrong 2 "'a/b' is not a name" get --tun a/b http://a/
wrong 2 "'575' is not octets" get --mtu 575 http://a/
wrong 3 'no host' get http://
wrong 3 'no scheme' get 10.77.0.2
wrong 3 'port' get http://10.77.0.2:70000/
wrong 1 'only http' get https://10.77.0.2/
wrong 7 'inside the host' get http://127.0.0.1/
if [ -w /dev/full ]; then
    got=0
    "$tern" help >/dev/full 2>"$dir/err" || got=$?
    [ "$got" = 1 ] && grep -q stdout "$dir/err" || fail "a full disk went unnoticed"
fi

# Korean by --lang and by the environment, also where the system has no such locale.
if [ -d "$(dirname "$tern")/../locale/ko" ]; then
    for words in "--lang ko help" "--lang=ko help" "help --lang ko"; do
        run 0 $words
        says '사용법'
    done
    environment="LC_ALL=ko_KR.UTF-8"
    run 0 help
    says '사용법'
    run 0 help --lang en
    says '^usage:'
    environment="LC_ALL= LC_MESSAGES= LANG=ko_KR.UTF-8"
    run 0 help
    says '사용법'
else
    echo "the messages were not built: Korean was not tried"
fi
