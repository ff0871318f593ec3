"""The yardsticks of the house: short files, small functions, no loose ends in the public face, no strangers' paths."""

import ast
import re
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLKIT = sorted((ROOT / "toolkit").rglob("*.py"))
FOLDERS = ("toolkit", "tests", "book", "data", "benchmarks", "evaluations")
PYTHON = [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.py")) if p.stat().st_size]
LINES_PER_FILE = 350
LINES_PER_FUNCTION = 25
NOUNS = ("panel", "sample", "estimate")
FACE = (*NOUNS, "comparison", "simulate", "sources", "methods", "checks", "report", "value")
BY_POSITION = 2  # placebo.in_time(panel, method, *, ...) and before_after.paired(before, after, *, ...)

# Spelt in two halves, so that this file does not find itself.
BANNED = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + r"(root|home|work|Users)/\w",
            r"(?<![\w.])/" + r"opt/\w",
            r"[A-Z]:\\+" + r"Users\\",
            r"site-" + r"packages/",
            r"--(extra-)?" + r"index-url",
            "files." + "pythonhosted",
        ]
    )
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def public(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions of a module and the methods of its classes, where no name on the way begins with _."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(ast.Module(node.body, []))


def in_public_face(path: Path) -> bool:
    """Whether evaluators type what is in this file; the rest is for its neighbours in the house."""
    inside = path.relative_to(ROOT / "toolkit")
    return inside.parts[0].removesuffix(".py") in FACE and not path.stem.startswith("_")


def body_lines(node: ast.FunctionDef) -> int:
    """The lines of a function below its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return node.end_lineno - body[0].lineno + 1 if body else 0


def offered_functions(source: str, names: set[str] | None) -> Iterator[ast.FunctionDef]:
    """The public functions of a module, and the methods of its classes; only those called `names` where given."""
    for node in ast.parse(source).body:
        if names is None or getattr(node, "name", None) in names:
            yield from public(ast.Module([node], []))


def loose_ends(source: str, names: set[str] | None = None) -> list[str]:
    """What the public face of a module may not have: **kwargs, or more than two arguments by position."""
    found = []
    for node in offered_functions(source, names):
        positional = [a.arg for a in node.args.posonlyargs + node.args.args if a.arg not in ("self", "cls")]
        if node.args.kwarg:
            found.append(f"line {node.lineno}: {node.name} takes **{node.args.kwarg.arg}")
        if len(positional) > BY_POSITION:
            found.append(f"line {node.lineno}: {node.name} takes {', '.join(positional)} by position")
    return found


def unfinished(source: str, names: set[str] | None = None) -> list[str]:
    """The public functions of a module whose docstring shows no example; a class may show them for its methods.

    `names` are the ones to look at, where these are not all.
    """
    found = []
    for node in ast.parse(source).body:
        faces = list(public(ast.Module([node], [])))
        if not faces or (names is not None and node.name not in names):
            continue
        shown = "\n".join(ast.get_docstring(part) or "" for part in {node, *faces})
        if not ("Examples\n" in shown and ">>> " in shown):
            found.append(f"line {node.lineno}: {node.name}")
    return found


def offered(path: Path) -> set[str] | None:
    """The names in a file that evaluators type, or None where they are all that have no underscore.

    Of the nouns and answers these are the classes. A package that takes names from its modules, as did does,
    offers those.
    """
    if path.stem in NOUNS:
        return {
            n.name for n in ast.parse(path.read_text(encoding="utf8")).body if isinstance(n, ast.ClassDef)
        }
    if path.parent == ROOT / "toolkit" or not (init := path.with_name("__init__.py")).exists():
        return None
    nodes = [n for n in ast.walk(ast.parse(init.read_text(encoding="utf8"))) if isinstance(n, ast.ImportFrom)]
    stems = {sibling.stem for sibling in path.parent.glob("*.py")}
    taken = [
        (n.module.split(".")[-1], a.name) for n in nodes if n.module for a in n.names if a.name not in stems
    ]
    return {name for stem, name in taken if stem == path.stem} if taken else None


def asserts(source: str) -> list[int]:
    return [node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]


def of_the_project() -> list[Path]:
    """The text files that belong to the project: what git knows or would take, without pictures and archives."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git clone, so what belongs to the project is not known")
    paths = [ROOT / found for found in listed.stdout.decode().split("\0") if found]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_every_file_opens_with_a_sentence(path):
    opening = ast.get_docstring(ast.parse(path.read_text(encoding="utf8"))) or ""
    assert re.match(r"[A-Z`].*?[.:?]", opening, flags=re.DOTALL), "say in one sentence what lives here"


@pytest.mark.parametrize("path", [p for p in PYTHON if "reference" not in p.parts], ids=name)
def test_no_file_is_too_long(path):
    lines = path.read_text(encoding="utf8").count("\n")
    assert lines <= LINES_PER_FILE


@pytest.mark.parametrize("path", TOOLKIT, ids=name)
def test_no_assert_guards_the_toolkit(path):
    assert not asserts(path.read_text(encoding="utf8")), "raise a DesignError that says what to do"


@pytest.mark.parametrize("path", [p for p in TOOLKIT if in_public_face(p)], ids=name)
def test_the_public_face_has_no_loose_ends(path):
    found = loose_ends(path.read_text(encoding="utf8"), offered(path))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", [p for p in TOOLKIT if in_public_face(p)], ids=name)
def test_every_public_function_shows_an_example(path):
    found = unfinished(path.read_text(encoding="utf8"), offered(path))
    assert not found, "\n".join(found)


def test_functions_are_small():
    lengths = sorted(
        body_lines(f) for p in TOOLKIT for f in functions(ast.parse(p.read_text(encoding="utf8")))
    )
    assert statistics.median(lengths) <= 10
    assert lengths[int(0.9 * len(lengths))] < LINES_PER_FUNCTION


def test_no_file_names_a_machine_or_an_index():
    found = []
    for path in of_the_project():
        for number, line in enumerate(
            path.read_text(encoding="utf8", errors="replace").splitlines(), start=1
        ):
            if match := BANNED.search(line):
                found.append(f"{name(path)}:{number}: {match.group()}")
    assert not found, "\n".join(found)


def pinned() -> dict[str, str]:
    """Every line of constraints.txt that is not a comment, by the name of its package."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf8").splitlines()
    return {re.split(r"[=<>@ ;]", line)[0]: line for line in lines if line and not line.startswith("#")}


def test_constraints_pin_versions_and_nothing_else():
    wrong = [line for line in pinned().values() if not re.fullmatch(r"[\w.-]+==[\w.+!]+( ; [^/@]+)?", line)]
    assert not wrong, "\n".join(wrong)


def test_constraints_pin_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    wanted = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    names = {re.split(r"[\[<>=! ;]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    assert not names - set(pinned()) - {project["name"]}, "run `make constraints`"


BAD = '''
def att(panel, scale, level, **options):
    """A sentence."""
    assert panel
'''

GOOD = '''
def att(panel, *, scale="ratio"):
    """A sentence.

    Examples
    --------
    >>> att(1)
    """

def _inner(a, b, c, **options):
    pass
'''


def test_the_yardsticks_measure():
    assert len(loose_ends(BAD)) == 2
    assert len(unfinished(BAD)) == 1
    assert unfinished(BAD, {"att"})
    assert not unfinished(BAD, {"event_study"})
    assert asserts(BAD) == [4]
    assert [body_lines(f) for f in functions(ast.parse(BAD))] == [1]
    assert loose_ends(GOOD) == unfinished(GOOD) == asserts(GOOD) == []
    assert loose_ends("class Panel:\n    def of(cls, a, b, c): ...")
    assert BANNED.search("in /" + "root/x")
    assert not BANNED.search("../shared/work/x")
