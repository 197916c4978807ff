# pages.py - what the two READMEs promise: commands, outputs, pictures, a program, names of files.
#
# An HTML comment, which a reader does not see, says where the block after it comes from:
#
#   <!-- output: tern ... -->         a ```text block: what the command prints, octet for octet
#   <!-- picture: tern ... -->        an image: what the command writes with --svg
#   <!-- program -->                  a ```c block: a whole program
#   <!-- output of the program -->    a ```text block: what it prints
import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = ROOT / "README.md"
KOREAN = ROOT / "README.ko.md"

OUTPUT = re.compile(r"<!-- output: (?P<command>tern .*?) -->\n```text\n(?P<text>.*?)```\n", re.S)
PICTURE = re.compile(r"<!-- picture: (?P<command>tern .*?) -->\n!\[[^\]]*\]\((?P<path>[^)]+)\)")
PROGRAM = re.compile(r"<!-- program -->\n```c\n(?P<text>.*?)```\n", re.S)
PROGRAM_OUTPUT = re.compile(r"<!-- output of the program -->\n```text\n(?P<text>.*?)```\n", re.S)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")


class Build:
    """A build of tern: where it is, and how a program is compiled against its library."""

    def __init__(self, folder, compiler="cc", flags=()):
        self.tern = Path(folder).resolve() / "bin" / "tern"
        self.library = Path(folder).resolve() / "libtern.a"
        self.compiler = [compiler, "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *flags]

    def run(self, command, folder):
        """Runs `tern ...` in a folder that has tests/pkt, without a terminal, in English unless it
        says otherwise."""
        scripts = Path(folder, "tests")
        if not scripts.exists():
            scripts.symlink_to(ROOT / "tests")
        environment = {k: v for k, v in os.environ.items() if k != "LANGUAGE"}
        environment.update(LC_ALL="C.UTF-8")
        return subprocess.run(
            [self.tern, *shlex.split(command)[1:]],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def output(self, command):
        with tempfile.TemporaryDirectory() as folder:
            result = self.run(command, folder)
        if result.returncode != 0:
            raise SystemExit(f"{command}: exit status {result.returncode}: {result.stderr}")
        return result.stdout

    def svg(self, command):
        with tempfile.TemporaryDirectory() as folder:
            self.output(f"{command} --svg {folder}/picture.svg")
            return Path(folder, "picture.svg").read_text(encoding="utf-8")

    def program_output(self, text):
        with tempfile.TemporaryDirectory() as folder:
            source, program = Path(folder, "program.c"), Path(folder, "program")
            source.write_text(text, encoding="utf-8")
            include = f"-I{ROOT / 'include'}"
            arguments = [*self.compiler, include, "-o", program, source, self.library]
            if subprocess.run(arguments, check=False).returncode != 0:
                raise SystemExit("the program in README.md does not compile")
            result = subprocess.run(
                [program], stdout=subprocess.PIPE, encoding="utf-8", timeout=60, check=False
            )
        if result.returncode != 0:
            raise SystemExit(f"the program in README.md: exit status {result.returncode}")
        return result.stdout


def commands(text):
    """Every `tern ...` and `sudo tern ...`, in line or a line of a sh block, without comments."""
    found = []
    for language, body in FENCE.findall(text):
        if language == "sh":
            found += [line.split("#")[0].strip() for line in body.splitlines()]
    found += INLINE.findall(FENCE.sub("", text))
    return [c for c in found if re.match(r"(sudo )?tern [a-z-]", c)]


def needs_root(command):
    """Whether it makes a TUN device."""
    return bool(re.search(r"^(sudo )?tern (get|serve)\b|--(client|server) kernel", command))
