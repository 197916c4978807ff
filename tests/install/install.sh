#!/bin/sh
# install.sh - builds tern as a packager does, installs it, moves it, and uses it.
#
#   install.sh ROOT WORK     WORK is a folder of the build, made anew
#
# The prefix is renamed after the installation, so that nothing in it may know where it was.
set -eu
root=$1 work=$2
consumer=$root/tests/install/consumer
fail()
{
    echo "install: $*" >&2
    exit 1
}

rm -rf "$work"
mkdir -p "$work"
cmake -S "$root" -B "$work/build" -DCMAKE_INSTALL_PREFIX="$work/first" -DCMAKE_BUILD_TYPE=Release \
    -DTERN_WERROR=ON -DTERN_TESTS=OFF -DTERN_BENCH=OFF >"$work/log"
cmake --build "$work/build" -j2 >>"$work/log"
cmake --install "$work/build" >>"$work/log"
mv "$work/first" "$work/prefix"
prefix=$work/prefix
lib=$(dirname "$(find "$prefix" -name libtern.a)")

# ---- Every header is there --------------------------------------------------------------------
for file in "$root"/include/tern/*; do
    if [ "${file##*/}" = simulation.h ]; then # docs/decisions/0010: never leaves the tree
        [ ! -e "$prefix/include/tern/simulation.h" ] || fail "simulation.h is installed"
        continue
    fi
    cmp "$file" "$prefix/include/tern/${file##*/}"
done

# ---- What leaves the libraries is what the headers declare -------------------------------------
# leaves LIBRARY HEADER...: declarations may span lines, TERN_API up to the name in front of the
# first parenthesis.
leaves()
{
    name=$1
    shift
    cat "$@" | tr '\n' ' ' | grep -o 'TERN_API [^;()]*(' |
        grep -o 'tern_[a-z0-9_]*($' | tr -d '(' | sort -u >"$work/declared"
    cat "$work/declared" >>"$work/all-declared"
    nm -D --defined-only -P "$lib/lib$name.so" | cut -d' ' -f1 | sort -u >"$work/shared.symbols"
    nm -g --defined-only -P "$lib/lib$name.a" | grep ' [A-Z] ' | cut -d' ' -f1 | sort -u \
        >"$work/static.symbols"
    for library in shared static; do
        if grep -v '^tern_' "$work/$library.symbols"; then
            fail "$name, $library: exports names that do not begin with tern_"
        fi
        diff "$work/declared" "$work/$library.symbols" ||
            fail "< is declared in a header only, > is exported by $name, $library, only"
    done
}
leaves tern $(ls "$prefix"/include/tern/*.h | grep -v '/sockets\.h$')
leaves tern_sockets "$prefix/include/tern/sockets.h"

# ---- By pkg-config, by find_package(), shared and static ---------------------------------------
export PKG_CONFIG_PATH="$lib/pkgconfig"
version=$(sed -n 's/.*TERN_VERSION_STRING "\(.*\)"/\1/p' "$root/include/tern/tern.h")
warnings="-std=c11 -Wall -Wextra -Wpedantic -Werror"
for package in tern:main tern-sockets:sockets; do
    name=${package%:*} source=$consumer/${package#*:}.c
    test "$(pkg-config --modversion "$name")" = "$version" || fail "$name.pc: not version $version"
    gcc $warnings $(pkg-config --cflags "$name") -o "$work/$name-shared" "$source" \
        $(pkg-config --libs "$name")
    gcc $warnings $(pkg-config --cflags "$name") -o "$work/$name-static" "$source" \
        -Wl,-Bstatic $(pkg-config --libs --static "$name") -Wl,-Bdynamic
done
cmake -S "$consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" >>"$work/log"
cmake --build "$work/consumer" >>"$work/log"

built=0
for program in "$work/tern-" "$work/tern-sockets-" "$work/consumer/" "$work/consumer/sockets_"; do
    shared=${program}shared static=${program}static
    LD_LIBRARY_PATH=$lib ldd "$shared" | grep -q 'libtern.so' ||
        fail "$shared: not shared"
    LD_LIBRARY_PATH=$lib "$shared"
    ldd "$static" | grep 'libtern' && fail "$static: not static"
    "$static"
    built=$((built + 2))
done

# ---- The program -------------------------------------------------------------------------------
"$prefix/bin/tern" --version | grep -F "$version"
for po in "$root"/po/*.po; do
    language=$(basename "$po" .po)
    test -f "$prefix/share/locale/$language/LC_MESSAGES/tern.mo" || fail "no $language messages"
done
echo "$(wc -l <"$work/all-declared") functions exported, $built programs built and run"
