#!/bin/sh
# setup.sh - installs the Debian packages that `make run` or `make test` needs and that are missing.
#
#   tools/setup.sh run     what builds and runs tern
#   tools/setup.sh test    that, and what the tests use
#
# With every package in place it does nothing and asks nobody. As root, or with sudo that needs no
# password, it installs what is missing; otherwise it prints the command that does, and fails.
set -eu

build="cmake gcc gettext libc6-dev make pkg-config"
check="clang clang-format-14 curl g++ iperf3 iproute2 iputils-ping libclang-rt-dev liblwip-dev
    librsvg2-bin nginx-light python3 tshark"

case "${1-}" in
run) wanted=$build ;;
test) wanted="$build $check" ;;
*)
    echo "usage: tools/setup.sh run|test" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: not a Debian system; this is what tern needs, under Debian's names:" $wanted >&2
    exit 0
fi

missing=
for package in $wanted; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
        missing="$missing $package"
    fi
done
if [ -z "$missing" ]; then
    exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "setup: packages are missing and installing them takes root. Run this and try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi

apt_get()
{
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get \
        -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

echo "setup: installing$missing"
for try in 1 2; do
    if apt_get update && apt_get install --no-install-recommends $missing; then
        exit 0
    fi
    echo "setup: try $try failed" >&2
done
echo "setup: could not install:$missing" >&2
exit 1
