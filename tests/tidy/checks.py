# checks.py - what a machine can hold of docs/STYLE.md. Each check takes a Tree and yields
# (path, line, what).
import re
import shutil
import subprocess
from pathlib import Path

from tree import comments

FUNCTION_LINES = 70
FILE_LINES = 800
COLUMNS = 100
PARAMETERS = 5
# Its functions are somebody else's function pointers: system calls, with as many parameters.
FOREIGN_SIGNATURES = ("apps/packetdrill/slots.c",)
HEAD_LINES = 40

# ---- Layers ------------------------------------------------------------------------------------

# Who may include whom: the folder of a file, and what the includes in it may begin with.
LAYERS = {
    "src/base": ("base", "tern"),
    "src/wire": ("wire", "base", "tern"),
    "src/tcp": ("tcp", "wire", "base", "tern"),
    "src/stack": ("stack", "tcp", "wire", "base", "tern"),
    "include/tern": ("tern",),
    "socket": ("socket", "tern"),
    "sim": ("sim", "tern"),
    "draw": ("draw", "wire", "tern"),
    "host": ("host", "tern"),
    "apps": ("apps", "socket", "sim", "draw", "host", "tern"),
}
# What src/ may take from outside: types, limits and the four functions every compiler brings.
FREESTANDING = ("limits.h", "stdalign.h", "stdbool.h", "stddef.h", "stdint.h", "string.h")
PHASES = {
    "open": (),
    "transfer": ("loss", "congestion"),
    "loss": ("congestion",),
    "congestion": (),
    "close": (),
}
SPINE = ("segment_arrives.c", "output.c", "calls.c", "timeouts.c", "state.c")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def layer_of(path):
    for layer in LAYERS:
        if path.startswith(layer + "/"):
            return layer
    return None


def phase_fault(path, target):
    """Inside src/tcp: the reason why path may not include target, or None."""
    here, there = path.split("/")[2:], target.split("/")[1:]
    if len(there) < 2 or there[0] not in PHASES:
        return None
    if len(here) == 1:
        if here[0] in SPINE:
            return None
        return "only the spine (" + ", ".join(SPINE) + ") includes phases"
    if here[0] == there[0] or there[0] in PHASES.get(here[0], ()):
        return None
    return f"phase {here[0]} may not include phase {there[0]}"


def layers(tree):
    for file in tree.files:
        layer = layer_of(file.path)
        if layer is None or not file.has_c_text:
            continue
        for match in INCLUDE.finditer(file.text):
            line, target = file.line_of(match.start()), match.group(2)
            if match.group(1) == "<":
                if layer.startswith("src/") and target not in FREESTANDING:
                    yield file.path, line, f"src/ may not include <{target}>"
                continue
            if target.split("/")[0] not in LAYERS[layer] or "/" not in target:
                yield file.path, line, f'{layer} may not include "{target}"'
                continue
            fault = phase_fault(file.path, target) if layer == "src/tcp" else None
            if fault:
                yield file.path, line, f'"{target}": {fault}'


# ---- Sizes -------------------------------------------------------------------------------------


def sizes(tree):
    for file in tree.files:
        if file.suffix not in (".c", ".h", ".py", ".sh", ".cmake"):
            continue
        if len(file.lines) > FILE_LINES:
            yield file.path, len(file.lines), f"{len(file.lines)} lines; at most {FILE_LINES}"
        for number, line in enumerate(file.lines, 1):
            if len(line) > COLUMNS:
                yield file.path, number, f"{len(line)} columns; at most {COLUMNS}"
    for file in tree.c_files():
        for f in file.functions():
            lines = f.last_line - f.first_line + 1
            if lines > FUNCTION_LINES:
                yield file.path, f.first_line, f"{f.name}: {lines} lines; at most {FUNCTION_LINES}"
            if f.parameters > PARAMETERS and file.path not in FOREIGN_SIGNATURES:
                yield (
                    file.path,
                    f.first_line,
                    f"{f.name}: {f.parameters} parameters; at most {PARAMETERS}, then a struct",
                )


def head(tree):
    """A file begins with its name and what it is, in at most 40 lines."""
    for file in tree.files:
        if not file.has_c_text:
            continue
        name = file.path.split("/")[-1]
        if not file.text.startswith(f"/* {name} - "):
            yield file.path, 1, f'does not begin with "/* {name} - what, in one clause."'
            continue
        lines = file.text[: file.text.find("*/")].count("\n") + 1
        if lines > HEAD_LINES:
            yield file.path, 1, f"the head comment has {lines} lines; at most {HEAD_LINES}"


# ---- Words -------------------------------------------------------------------------------------

BANNED_CALLS = re.compile(
    r"\b(malloc|calloc|realloc|free|alloca|v?s?n?printf|fprintf|puts|putchar|perror|time|clock|"
    r"clock_gettime|gettimeofday|s?rand(?:om)?|arc4random|abort|exit|assert|setjmp|longjmp|getenv)"
    r"\s*\("
)
FLOATS = re.compile(r"\b(float|double)\b")
GOTO = re.compile(r"\bgoto\s+(\w+)")
OUR_T = re.compile(r"\btypedef\b[^;{]*\b(\w+_t)\s*;|^}\s*(\w+_t)\s*;", re.M)
BANNED_NAMES = re.compile(r"(^|[^a-z])(utils?|common|misc|helpers?)([^a-z]|$)")
OBSOLETE = re.compile(r"\bRFCs?[ -]?(793|1323|2581|6937|8312)\b")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
MACHINE = re.compile(r"/wo" r"rk/|deb\.debian\." r"org|registry\.npm" r"js")


def code_words(tree):
    for file in tree.c_files():
        in_src = file.path.startswith("src/")
        patterns = [(GOTO, lambda m: m.group(1) != "out", "goto {}: only `out` is allowed")]
        patterns.append((OUR_T, None, "{}: names in _t are not ours"))
        if in_src:
            patterns.append((BANNED_CALLS, None, "{}() may not be called in src/"))
            patterns.append((FLOATS, None, "{}: no floats in src/"))
        for pattern, wanted, what in patterns:
            for match in pattern.finditer(file.code):
                if wanted is None or wanted(match):
                    word = next(g for g in match.groups() if g)
                    yield file.path, file.line_of(match.start()), what.format(word)
        for f in file.functions():
            if re.search(rf"(?<![\w.>]){re.escape(f.name)}\s*\(", f.body):
                yield file.path, f.first_line, f"{f.name} calls itself: no recursion"


def file_names(tree):
    for path in tree.paths:
        if BANNED_NAMES.search(path.lower()):
            yield path, 1, "no file is named util, common, misc or helper"


def text_words(tree):
    for file in tree.files:
        for pattern, what in (
            (UNFINISHED, "{}: finish it, or write an issue"),
            (MACHINE, "{}: the name of a machine or a registry"),
        ):
            for match in pattern.finditer(file.text):
                yield file.path, file.line_of(match.start()), what.format(match.group(0))
        if file.has_c_text:
            for match in OBSOLETE.finditer(file.text):
                line = file.line_of(match.start())
                yield file.path, line, f"{match.group(0)} is obsolete: cite what replaced it"


# ---- Rules obeyed ------------------------------------------------------------------------------

RULE = re.compile(r"^RULE\((\w+),", re.M)
RULE_USED = re.compile(
    r"\bRULE_HIT\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*?\b(\w+)\s*\)|\bTERN_RULE_(\w+)"
)


def rules_obeyed(tree):
    """Each rule of rules.def stands in src/ where the code obeys it."""
    used = set()
    for file in tree.c_files("src"):
        for match in RULE_USED.finditer(file.code):
            used.add(match.group(1) or match.group(2))
    for file in tree.files:
        if file.path != "include/tern/rules.def":
            continue
        for match in RULE.finditer(file.text):
            if match.group(1) not in used:
                line = file.line_of(match.start())
                yield file.path, line, f"{match.group(1)}: nothing in src/ obeys this rule"


# ---- Names in backquotes -----------------------------------------------------------------------

QUOTED = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
PATH = re.compile(r"[\w.-]*[\w-](/[\w.-]+)*(\.(c|h|def|py|sh|md|cmake|po|pkt|json)|/)")
IDENTIFIER = re.compile(r"([A-Za-z]\w*_\w+)(\(\))?|(\w+)\(\)")


def quoted(file):
    """(line, name) of each name in backquotes: in the comments of C, in the prose of Markdown."""
    if file.suffix == ".md":
        pieces = [(0, FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), file.text))]
    elif file.has_c_text:
        pieces = comments(file.text)
    else:
        pieces = []
    for offset, piece in pieces:
        for match in QUOTED.finditer(piece):
            yield file.line_of(offset + match.start()), match.group(1)


def path_exists(tree, name):
    name = name.rstrip("/")
    return any(
        p == name or p.endswith("/" + name) or p.startswith(name + "/") or f"/{name}/" in p
        for p in tree.paths
    )


def quoted_names(tree):
    words = set()
    for file in tree.files:
        if file.suffix != ".md":
            words.update(re.findall(r"\w+", file.code if file.has_c_text else file.text))
            if file.suffix == ".def":
                words.update(re.findall(r"\w+", file.text))
    for file in tree.files:
        for line, name in quoted(file):
            identifier = IDENTIFIER.fullmatch(name)
            if PATH.fullmatch(name) and not name.startswith("build/"):
                if not path_exists(tree, name):
                    yield file.path, line, f"`{name}`: no such file"
            elif identifier and (identifier.group(1) or identifier.group(3)) not in words:
                yield file.path, line, f"`{name}`: no such name"


# ---- clang-format ------------------------------------------------------------------------------

UNFORMATTED = re.compile(r"^(.*?):(\d+):\d+: error: code should be clang-formatted", re.M)


def formatted(tree):
    program = shutil.which("clang-format-14")
    if program is None:
        yield ".clang-format", 1, "clang-format-14 was not found (tools/setup.sh test)"
        return
    paths = [str(tree.root / f.path) for f in tree.c_files()]
    if not paths:
        return
    style = "file:" + str(tree.root / ".clang-format")
    result = subprocess.run(
        [program, f"--style={style}", "--dry-run", "-Werror", *paths],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    seen = set()
    for path, line in UNFORMATTED.findall(result.stderr):
        if path not in seen:
            seen.add(path)
            relative = Path(path).relative_to(tree.root).as_posix()
            yield relative, int(line), "not as clang-format-14 writes it (clang-format-14 -i)"


CHECKS = (
    layers,
    sizes,
    head,
    code_words,
    file_names,
    text_words,
    rules_obeyed,
    quoted_names,
    formatted,
)
