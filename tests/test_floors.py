"""The floors of the house: no import runs back up, and none runs between two methods.

An import statement anywhere in a file counts, inside a function too. `FLOORS` says which floor each room of
`toolkit` is on; a room may import from the floors below it, and from itself.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GROUND, NOUNS, LANDING, TOP, ROOF = range(5)
FLOORS = {
    "numerics": GROUND,
    "validate": GROUND,
    "estimate": GROUND,
    "scale": GROUND,  # ratio or difference
    "display": GROUND,  # numbers and cautions as a reader sees them
    "periods": GROUND,
    "panel_checks": GROUND,  # the checks that Panel.of makes, on columns and frames
    "panel_columns": GROUND,  # the user's columns under our names
    "grid": GROUND,  # a panel as matrices
    "matches": GROUND,  # who was matched to whom, as arrays
    "sample_columns": GROUND,  # the columns that Sample.of reads, each checked
    "panel": NOUNS,
    "sample": NOUNS,
    "simulate": NOUNS,
    "sources": NOUNS,  # files in, tidy frames out: on the ground floor's shoulders, and no Panel
    "unlike": GROUND,  # what to say of arms that stood apart
    "arms": LANDING,  # a panel made ready for comparison
    "comparison": LANDING,
    "likeness": LANDING,  # how like the two arms of a sample are
    "methods": TOP,
    "checks": TOP,
    "report": TOP,
    "value": TOP,
    "__init__": ROOF,
}


def room(module: str) -> str:
    """The first name below `toolkit`: toolkit.methods.did is in the room `methods`, and toolkit on the roof."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def method(module: str) -> str | None:
    """The method a module below toolkit.methods belongs to: did for toolkit.methods.did.errors."""
    parts = module.split(".")
    return parts[2] if len(parts) > 2 else None


def imports(source: str, module: str, modules: set[str], is_package: bool = False) -> set[str]:
    """The modules of `toolkit` that a file imports, whichever way it spells them."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module, is_package)
            # `from toolkit.methods import did` imports toolkit.methods.did; `from toolkit import Panel` the roof.
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in modules else base for a in node.names}
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            found |= {
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            }
    return {name for name in found if name.split(".")[0] == "toolkit"}


def absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """The full name of the module on the left of a `from ... import`."""
    if not node.level:
        return node.module or ""
    up = node.level - 1 if is_package else node.level
    parts = module.split(".")
    return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


def called(node: ast.Call) -> str:
    """The last name of what is called: importlib.import_module(...) calls `import_module`."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def objection(module: str, target: str) -> str | None:
    """Why `module` may not import `target`, or None where it may."""
    here, there = room(module), room(target)
    if here not in FLOORS or there not in FLOORS:
        return f"{here if here not in FLOORS else there} is on no floor: give it one in tests/test_floors.py"
    if here == "methods" and there == "methods":
        # The parts of one long method, in a folder named after it, may know each other.
        return None if method(module) in (None, method(target)) else "no import runs between two methods"
    if here == there:
        return None
    if FLOORS[there] == GROUND and FLOORS[here] == GROUND:
        # The numbers are arrays in, arrays out: they know nothing of answers, only the error that says what to fix.
        beyond = here == "numerics" and there != "validate"
        return "numerics import nothing of toolkit but validate" if beyond else None
    if FLOORS[there] < FLOORS[here]:
        return None
    return f"{here} is not above {there}"


def files() -> dict[str, Path]:
    """Every module of toolkit with its file."""
    found = {}
    for path in sorted((ROOT / "toolkit").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def objections(module: str, source: str, modules: set[str], is_package: bool = False) -> list[str]:
    """What is wrong with the imports of one file."""
    targets = sorted(imports(source, module, modules, is_package))
    return [f"{module} imports {t}: {why}" for t in targets if (why := objection(module, t))]


@pytest.mark.parametrize("module", files())
def test_no_import_runs_back_up(module):
    path = files()[module]
    found = objections(module, path.read_text(encoding="utf8"), set(files()), path.name == "__init__.py")
    assert not found, "\n".join(found)


KNOWN = {
    f"toolkit.{name}" for name in ("panel", "estimate", "validate", "methods", "checks", "report", "numerics")
}
KNOWN |= {
    "toolkit.methods.did",
    "toolkit.methods.before_after",
    "toolkit.report.words",
    "toolkit.numerics.student",
}


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("toolkit.validate", "from toolkit.panel import Panel"),
        ("toolkit.numerics.student", "from toolkit.panel import Panel"),
        ("toolkit.numerics.student", "from toolkit.estimate import Estimate"),
        ("toolkit.estimate", "from toolkit import panel"),
        ("toolkit.panel", "from toolkit.methods import did"),
        ("toolkit.panel", "def f():\n    from toolkit.methods.did import att"),
        ("toolkit.panel", "from .methods.did import att"),
        ("toolkit.panel", "import importlib\nimportlib.import_module('toolkit.methods.did')"),
        ("toolkit.sources.police", "from toolkit.panel import Panel"),
        ("toolkit.simulate", "from toolkit.panel import Panel"),
        ("toolkit.methods.did", "from toolkit.methods import before_after"),
        ("toolkit.methods.did", "from . import before_after"),
        ("toolkit.methods.did", "from .before_after import rate_ratio"),
        ("toolkit.methods.did", "from toolkit import Panel"),
        ("toolkit.methods.did", "import toolkit"),
        ("toolkit.methods.did", "from toolkit.methods import shared"),
        ("toolkit.methods.before_after", "from toolkit.methods.did.errors import inverted"),
        ("toolkit.methods.did", "from toolkit.report import words"),
        ("toolkit.report.words", "from ..methods import did"),
        ("toolkit.report.words", "import toolkit.methods.did as did"),
        ("toolkit.checks.trends", "from toolkit.methods.did import event_study"),
        ("toolkit.checks.trends", "from toolkit.methods import did"),
        ("toolkit.cellar", "from toolkit.panel import Panel"),
    ],
)
def test_a_forbidden_import_is_caught(module, line):
    assert objections(module, line, KNOWN)


@pytest.mark.parametrize(
    ("module", "line", "is_package"),
    [
        ("toolkit.panel", "from toolkit.validate import DesignError", False),
        ("toolkit.panel", "import numpy\nfrom pandas import DataFrame", False),
        ("toolkit.estimate", "from toolkit.numerics import student", False),
        ("toolkit.numerics.jackknife", "from toolkit.numerics import student", False),
        ("toolkit.comparison", "from .panel import Panel", False),
        ("toolkit.methods.did", "from ..panel import Panel", False),
        ("toolkit.methods.did", "from toolkit.comparison import same_rule", False),
        ("toolkit.methods.did", "from .errors import inverted", True),
        ("toolkit.methods.did.effects", "from toolkit.methods.did.errors import inverted", False),
        ("toolkit.methods", "from . import did", True),
        ("toolkit.methods", "from toolkit.methods import did", True),
        ("toolkit", "from toolkit.methods import did\nfrom .panel import Panel", True),
    ],
)
def test_a_lawful_import_is_let_through(module, line, is_package):
    assert not objections(module, line, KNOWN, is_package)
