# tree.py - the files of the project as the checks see them: text, code without comments, functions.
import re
from pathlib import Path

C_FOLDERS = ("include", "src", "socket", "sim", "draw", "host", "apps", "tests", "fuzz", "bench")
FOLDERS = C_FOLDERS + ("cmake", "docs", "po", "tools", ".ci")
TEXT = {".c", ".h", ".def", ".py", ".sh", ".cmake", ".txt", ".md", ".json", ".po", ".in", ".pkt"}
NAMES = {"Makefile", "LICENSE", "run"}


class Function:
    """A function's definition: where it begins and ends, its signature and its body's code."""

    def __init__(self, name, first_line, last_line, parameters, body):
        self.name = name
        self.first_line = first_line
        self.last_line = last_line
        self.parameters = parameters
        self.body = body


class File:
    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.split("\n")
        if self.lines[-1] == "":
            self.lines.pop()
        self.suffix = path.suffix
        self.is_c = self.suffix in (".c", ".h")
        self.has_c_text = self.is_c or self.suffix == ".def"
        self._code = None

    @property
    def code(self):
        """The text with comments blanked and strings emptied; line numbers stay."""
        if self._code is None:
            self._code = blank(self.text)
        return self._code

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def functions(self):
        """Definitions. clang-format puts a function's braces, and no others, alone at column 0."""
        lines = self.code.split("\n")
        found = []
        start = None
        for number, line in enumerate(lines):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                found.append(function_at(lines, start, number))
                start = None
        return found


def keep_lines(text):
    return re.sub(r"[^\n]", " ", text)


TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


def blank(text):
    def replace(match):
        token = match.group(0)
        if token.startswith("/"):
            return keep_lines(token)
        return token[0] + " " * (len(token) - 2) + token[-1]

    return TOKEN.sub(replace, text)


def comments(text):
    """(offset, comment) of each comment of C text."""
    return [(m.start(), m.group(0)) for m in TOKEN.finditer(text) if m.group(0).startswith("/")]


def function_at(lines, brace, last):
    first = brace
    while first > 0 and lines[first - 1].strip() and not re.match(r"#|}|.*;\s*$", lines[first - 1]):
        first -= 1
    signature = " ".join(lines[first:brace])
    group = parameter_list(signature)
    name = re.search(r"(\w+)\s*$", signature[: signature.rfind("(" + group + ")")])
    return Function(
        name.group(1) if name else "?",
        first + 1,
        last + 1,
        count_parameters(group),
        "\n".join(lines[brace : last + 1]),
    )


def parameter_list(signature):
    """The text inside the last parentheses at depth 0."""
    depth, start, group = 0, 0, ""
    for i, c in enumerate(signature):
        if c == "(":
            if depth == 0:
                start = i + 1
            depth += 1
        elif c == ")":
            depth -= 1
            if depth == 0:
                group = signature[start:i]
    return group


def count_parameters(group):
    if group.strip() in ("", "void"):
        return 0
    depth, count = 0, 1
    for c in group:
        depth += (c == "(") - (c == ")")
        count += c == "," and depth == 0
    return count


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        paths = [p for p in self.root.iterdir() if p.is_file()]
        for folder in FOLDERS:
            paths += [p for p in (self.root / folder).rglob("*") if p.is_file()]
        paths = [p for p in paths if "__pycache__" not in p.parts]
        self.paths = sorted(p.relative_to(self.root).as_posix() for p in paths)
        self.files = [
            File(self.root, self.root / path)
            for path in self.paths
            if Path(path).suffix in TEXT or Path(path).name in NAMES
        ]

    def c_files(self, *folders):
        return [
            f
            for f in self.files
            if f.is_c and (not folders or f.path.split("/")[0] in folders)
        ]
