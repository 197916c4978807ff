#!/usr/bin/env python3
# selftest.py - feeds each check of tidy.py a bad snippet and sees it fire, and a good tree and sees
# it silent; likewise symbols.py and coverage_rules.py. A check that cannot fail checks nothing.
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import CHECKS
from tree import Tree

HERE = Path(__file__).resolve().parent

GOOD = {
    ".clang-format": (HERE.parents[1] / ".clang-format").read_text(encoding="utf-8"),
    "include/tern/rules.def": '/* rules.def - rules. */\nRULE(A_RULE, "RFC 791", "-", "A.")\n',
    "src/base/seq.h": "/* seq.h - numbers. `src/base/seq.h` and `seq_one()` exist. */\n"
    "static inline int seq_one(void)\n{\n    return 1;\n}\n",
    "src/tcp/open/syn.h": "/* syn.h - SYN. */\n",
    "src/tcp/loss/rtt.h": "/* rtt.h - RTT. */\n",
    "src/tcp/calls.c": '/* calls.c - spine. */\n#include "tcp/open/syn.h"\n'
    '#include "base/seq.h"\n',
    "src/tcp/transfer/ack.c": "/* ack.c - ACK. */\n"
    '#include "tcp/loss/rtt.h"\n\nvoid ack_check(void)\n{\n    RULE_HIT(stack, at(f(0)), A_RULE);\n'
    "    goto out;\nout:\n    return;\n}\n",
    "docs/MAP.md": "Read `tcp/calls.c`, `open/syn.h` and `A_RULE`.\n",
}


def body(lines):
    return "    i++;\n" * lines


def c(path, text):
    return path, f"/* {path.split('/')[-1]} - bad. */\n{text}"


# (check, path, text, what the violation must say)
BAD = [
    ("layers", *c("src/base/x.c", '#include "wire/ip.h"\n'), "src/base may not include"),
    ("layers", *c("src/wire/x.h", '#include "tcp/tcb.h"\n'), "src/wire may not include"),
    ("layers", *c("src/base/x.c", "#include <stdio.h>\n"), "src/ may not include <stdio.h>"),
    ("layers", *c("sim/x.c", '#include "draw/ladder.h"\n'), "sim may not include"),
    ("layers", *c("host/x.c", '#include "wire/ip.h"\n'), "host may not include"),
    ("layers", *c("apps/tern/x.c", '#include "wire/ip.h"\n'), "apps may not include"),
    ("layers", *c("src/base/x.c", '#include "seq.h"\n'), 'may not include "seq.h"'),
    ("layers", *c("src/tcp/open/x.c", '#include "tcp/loss/rtt.h"\n'), "phase open may not"),
    ("layers", *c("src/tcp/loss/x.c", '#include "tcp/transfer/ack.h"\n'), "phase loss may not"),
    ("layers", *c("src/tcp/tcb.h", '#include "tcp/open/syn.h"\n'), "only the spine"),
    ("sizes", *c("src/base/x.c", "\n" * 801), "802 lines; at most 800"),
    ("sizes", *c("src/base/x.c", f"/* {'x' * 100} */\n"), "106 columns; at most 100"),
    ("sizes", *c("sim/x.c", f"void x_run(int i)\n{{\n{body(68)}}}\n"), "x_run: 71 lines"),
    (
        "sizes",
        *c("sim/x.c", "int x(int a, int b, int c, int d, void (*e)(int, int), int f)\n{\n}\n"),
        "x: 6 parameters",
    ),
    ("head", "src/base/x.c", "#include <stdint.h>\n", "does not begin with"),
    ("head", *c("src/base/x.c", ""), None),
    ("head", "src/base/x.c", "/* x.c - long.\n" + " *\n" * 40 + " */\n", "the head comment has 42"),
    ("code_words", *c("src/base/x.c", "void x_f(void)\n{\n    malloc(1);\n}\n"), "malloc()"),
    ("code_words", *c("src/base/x.c", "void x_f(void)\n{\n    time(0);\n}\n"), "time() may not"),
    ("code_words", *c("src/base/x.c", "/* malloc(1) */\nint runtime(void);\n"), None),
    ("code_words", *c("sim/x.c", "void x_f(void)\n{\n    malloc(1);\n}\n"), None),
    ("code_words", *c("src/base/x.c", "static double x_d(void);\n"), "double: no floats"),
    ("code_words", *c("src/base/x.c", "void x_f(void)\n{\n    goto end;\n}\n"), "goto end"),
    ("code_words", *c("sim/x.c", "int x_f(int i)\n{\n    return x_f(i - 1);\n}\n"), "calls itself"),
    ("code_words", *c("sim/x.h", "typedef struct x {\n    int a;\n} x_t;\n"), "x_t: names in _t"),
    ("code_words", *c("sim/x.h", "typedef int x_t;\n"), "x_t: names in _t"),
    ("file_names", *c("src/base/string_util.c", ""), "no file is named util"),
    ("file_names", *c("src/misc/x.h", ""), "no file is named util"),
    ("file_names", *c("src/base/helpers.h", ""), "no file is named util"),
    ("text_words", *c("sim/x.c", "/* TO" "DO: more */\n"), "finish it"),
    ("text_words", "docs/x.md", "FIX" "ME\n", "finish it"),
    ("text_words", "docs/x.md", "in /wo" "rk/tern\n", "the name of a machine"),
    ("text_words", *c("sim/x.c", "/* RFC 793 3.4 */\n"), "RFC 793 is obsolete"),
    ("text_words", *c("sim/x.c", "/* RFC 791, RFC 792, RFC 7930 */\n"), None),
    (
        "rules_obeyed",
        "include/tern/rules.def",
        '/* rules.def - rules. */\nRULE(B_RULE, "RFC 791", "-", "B.")\n',
        "B_RULE: nothing in src/ obeys",
    ),
    ("quoted_names", "docs/x.md", "See `open/fin.c`.\n", "`open/fin.c`: no such file"),
    ("quoted_names", "docs/x.md", "See `tern_fly`.\n", "`tern_fly`: no such name"),
    ("quoted_names", *c("sim/x.c", "/* see `seq_two()` */\n"), "`seq_two()`: no such name"),
    ("quoted_names", "docs/x.md", "```\n`no_such_name`\n```\nThe `FIN` of `seq_one`.\n", None),
    ("formatted", *c("sim/x.c", "int  x ;\n"), "not as clang-format-14 writes it"),
]


def write(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def violations(files):
    """What each check says of a tree of these files: {check: [text]}."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        tree = Tree(folder)
        return {f.__name__: [f"{p}:{n}: {what}" for p, n, what in f(tree)] for f in CHECKS}


def snippet_fault(check, path, text, expected):
    """None, or what was wrong with what the check said."""
    said = violations({**GOOD, path: text})[check]
    if expected is None:
        return f"should be silent, said {said}" if said else None
    if not any(s.startswith(path + ":") and expected in s for s in said):
        return f'should say "{expected}", said {said}'
    return None


def exit_of(script, *arguments):
    command = [sys.executable, "-B", HERE / script, *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return result.returncode, result.stdout


# (code, what symbols.py must say)
OBJECTS = [
    ("#include <string.h>\nvoid f(void *p);\nvoid f(void *p)\n{memset(p, 0, 9);}\n", None),
    ("int puts(const char *);\nint tern_f(void);\nint tern_f(void){return puts(\"\");}\n", "puts"),
    ("int tern_count;\n", "tern_count"),
    ("static int n = 1;\nint tern_f(void);\nint tern_f(void){return n++;}\n", "n"),
    ("const char *const tern_names[] = {\"a\"};\nconst int tern_k = 1;\n", None),
]


def symbols_fault(code, expected):
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "x.c", Path(folder) / "x.o"
        source.write_text(code, encoding="utf-8")
        flags = ["-c", "-O2", "-ffreestanding", "-fno-pic", "-fno-stack-protector"]
        subprocess.run(["cc", *flags, "-o", made, source], check=True)
        status, said = exit_of("symbols.py", made)
    if expected is None:
        return None if status == 0 else f"should pass, said {said}"
    if status == 1 and f" {expected}: " in said:
        return None
    return f"should name {expected}, said {said}"


RULES = 'RULE(ONE, "", "", "")\nRULE(TWO, "", "", "")\n'
EDGES = 'EDGE(A, B, C, "", "")\n'
# (what the tests wrote, what coverage_rules.py must say)
COVERAGE = [
    ("rule ONE t\nrule TWO t\nedge A B C t\n", None),
    ("rule ONE t\nedge A B C t\n", "TWO"),
    ("rule ONE t\nrule TWO t\nedge A B D t\n", "A -> B (C)"),
    ("rule ONE t\nrule TWO\nedge A B C t\n", "TWO"),
    ("", "no coverage"),
]


def coverage_fault(written, expected):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, {"include/tern/rules.def": RULES, "include/tern/edges.def": EDGES})
        write(root, {"coverage/a_test": written})
        status, said = exit_of("coverage_rules.py", root, root / "coverage")
    if expected is None:
        return None if status == 0 else f"should pass, said {said}"
    return None if status == 1 and expected in said else f'should say "{expected}", said {said}'


def main():
    passed = 0
    faults = [f"good tree: {c}: {s}" for c, said in violations(GOOD).items() for s in said]
    cases = [("tidy " + b[0], snippet_fault, b) for b in BAD]
    cases += [("symbols", symbols_fault, o) for o in OBJECTS]
    cases += [("coverage_rules", coverage_fault, w) for w in COVERAGE]
    for name, fault_of, case in cases:
        fault = fault_of(*case)
        if fault is None:
            passed += 1
        else:
            faults.append(f"{name}: {case[-2]!r}: {fault}")
    unseen = {f.__name__ for f in CHECKS} - {b[0] for b in BAD if b[-1] is not None}
    faults += [f"{check}: never seen to fire" for check in sorted(unseen)]
    for fault in faults:
        print("FAIL", fault)
    print(f"{passed} passed, {len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    if shutil.which("clang-format-14") is None:
        sys.exit("clang-format-14 was not found (tools/setup.sh test)")
    sys.exit(main())
