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
# Declarations may span lines: TERN_API up to the name in front of the first parenthesis.
cat "$prefix"/include/tern/*.h | tr '\n' ' ' | grep -o 'TERN_API [^;()]*(' |
    grep -o 'tern_[a-z0-9_]*($' | tr -d '(' | sort -u >"$work/declared"
nm -D --defined-only -P "$lib/libtern.so" | cut -d' ' -f1 | sort -u >"$work/shared.symbols"
nm -g --defined-only -P "$lib/libtern.a" | grep ' [A-Z] ' | cut -d' ' -f1 | sort -u \
    >"$work/static.symbols"
for library in shared static; do
    if grep -v '^tern_' "$work/$library.symbols"; then
        fail "the $library library exports names that do not begin with tern_"
    fi
    diff "$work/declared" "$work/$library.symbols" ||
        fail "< is declared in a header only, > is exported by the $library library only"
done

# ---- By pkg-config, by find_package(), shared and static ---------------------------------------
export PKG_CONFIG_PATH="$lib/pkgconfig"
version=$(sed -n 's/.*TERN_VERSION_STRING "\(.*\)"/\1/p' "$root/include/tern/tern.h")
test "$(pkg-config --modversion tern)" = "$version" || fail "tern.pc: not version $version"
warnings="-std=c11 -Wall -Wextra -Wpedantic -Werror"
gcc $warnings $(pkg-config --cflags tern) -o "$work/pc-shared" "$consumer/main.c" \
    $(pkg-config --libs tern)
gcc $warnings $(pkg-config --cflags tern) -o "$work/pc-static" "$consumer/main.c" \
    -Wl,-Bstatic $(pkg-config --libs --static tern) -Wl,-Bdynamic
cmake -S "$consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" >>"$work/log"
cmake --build "$work/consumer" >>"$work/log"

for program in "$work/pc-shared" "$work/consumer/shared"; do
    LD_LIBRARY_PATH=$lib ldd "$program" | grep -q 'libtern.so' || fail "$program: not shared"
    LD_LIBRARY_PATH=$lib "$program"
done
for program in "$work/pc-static" "$work/consumer/static"; do
    ldd "$program" | grep 'libtern' && fail "$program: not static"
    "$program"
done

# ---- The program -------------------------------------------------------------------------------
"$prefix/bin/tern" --version | grep -F "$version"
for po in "$root"/po/*.po; do
    language=$(basename "$po" .po)
    test -f "$prefix/share/locale/$language/LC_MESSAGES/tern.mo" || fail "no $language messages"
done
echo "$(wc -l <"$work/declared") functions exported, four programs built and run"
