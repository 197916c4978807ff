#!/bin/sh
# update.sh - brings po/ko.po up to the texts in the sources.
#
#     po/update.sh           rewrites po/ko.po and po/POTFILES; says what is not translated yet
#     po/update.sh --check   changes nothing; fails when a text has no translation, or when
#                            po/ko.po has one that is not used, is marked fuzzy or is wrong
#
# Texts come from _() and N_() in apps and draw, and from rules.def and errors.def.
set -eu
cd "$(dirname "$0")/.."
for tool in xgettext msgmerge msgattrib msgcat msgfmt python3; do
    command -v "$tool" >/dev/null || {
        echo "po/update.sh: $tool was not found; install gettext and python3" >&2
        exit 1
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

grep -lE '(^|[^A-Za-z_])N?_\("' apps/*/*.c draw/*.c | LC_ALL=C sort >"$work/POTFILES"
xgettext --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --add-comments=TRANSLATORS \
    --package-name=tern --output="$work/c.pot" --files-from="$work/POTFILES"
sed -i 's/charset=CHARSET/charset=UTF-8/' "$work/c.pot"
python3 po/defs.py include/tern/rules.def include/tern/errors.def >"$work/defs.pot"
msgcat --use-first "$work/c.pot" "$work/defs.pot" >"$work/tern.pot"
msgmerge --quiet --no-fuzzy-matching --no-location po/ko.po "$work/tern.pot" |
    msgattrib --no-obsolete --no-location >"$work/ko.po"
msgattrib --untranslated --no-obsolete "$work/ko.po" >"$work/missing"

if [ "${1-}" = --check ]; then
    status=0
    if grep -q '^msgid ".' "$work/missing" || grep -q '^msgid ""$' "$work/missing"; then
        grep -A 8 '^msgid' "$work/missing" >&2
        echo "po/update.sh: these texts have no Korean; run po/update.sh and translate them" >&2
        status=1
    fi
    if grep -q '^#, .*fuzzy' po/ko.po || grep -q '^#~' po/ko.po; then
        echo "po/update.sh: po/ko.po has fuzzy or obsolete entries" >&2
        status=1
    fi
    # An entry that no source has any more would be dropped by the merge.
    for file in po/ko.po "$work/ko.po"; do
        msgattrib --no-obsolete "$file" | grep -c '^msgid' >"$work/count" || true
        set -- "$@" "$(cat "$work/count")"
    done
    if [ "$2" -gt "$3" ]; then
        echo "po/update.sh: po/ko.po has texts that no source has; run po/update.sh" >&2
        status=1
    fi
    msgfmt --check --output-file=/dev/null po/ko.po || status=1
    exit $status
fi

cp "$work/ko.po" po/ko.po
cp "$work/POTFILES" po/POTFILES
msgfmt --check --statistics --output-file=/dev/null po/ko.po
