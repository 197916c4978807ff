#!/usr/bin/env python3
# defs.py - the texts of rules.def and errors.def as a template for gettext, on stdout.
#
#     po/defs.py FILE.def...
#
# xgettext reads C calls; these lists are no calls of gettext, so they are read here.
import re
import sys

ENTRY = re.compile(r'^(RULE|ERROR)\((\w+),(.*)\)$')
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def main():
    print('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')
    seen = set()
    for path in sys.argv[1:]:
        with open(path, encoding='utf-8') as lines:
            for number, line in enumerate(lines, 1):
                entry = ENTRY.match(line.rstrip())
                if entry is None:
                    continue
                text = STRING.findall(entry.group(3))[-1]
                if text in seen:
                    continue
                seen.add(text)
                print(f'#. {entry.group(1)} {entry.group(2)}\n#: {path}:{number}')
                print(f'msgid "{text}"\nmsgstr ""\n')


main()
