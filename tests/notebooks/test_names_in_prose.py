"""What the pages tell a reader to call exists: every `module.function` in prose, such as `did.att`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

import toolkit

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path for folder in ("evaluations", "book/methods", "book") for path in (ROOT / folder).glob("*.[im][pd]*")
)
CALL = re.compile(r"(?<![\w./-])([A-Za-z_]+)\.([a-z_]+)(?![\w/]|\.(?:py|csv|md|ipynb))")
SPAN = re.compile(r"\{[^}`]*\}`[^`]*`|`([^`]+)`")  # a code span; a role such as {glue:text}`name` is none
FENCE = re.compile(r"^```.*?^```", flags=re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    if path.suffix == ".md":
        return FENCE.sub("", path.read_text(encoding="utf-8"))
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def strangers(text: str) -> Iterator[str]:
    """The names in code spans that begin with a public name of the toolkit and go on to something it lacks."""
    for span in SPAN.findall(text):
        for first, second in CALL.findall(span):
            if first in toolkit.__all__ and not hasattr(getattr(toolkit, first), second):
                yield f"{first}.{second}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_name_in_prose_is_there_to_be_called(path: Path) -> None:
    found = sorted(set(strangers(prose(path))))
    assert not found, f"the page names what the toolkit does not have: {found}"


def test_strangers_are_told_from_friends() -> None:
    assert list(strangers("Use `did.att(panel)` or `did.magic`, then `plots.forest`.")) == ["did.magic"]
    assert not list(
        strangers("{glue:text}`did.magic`, did.magic, `benchmarks/did.py`, `pd.magic`, `Panel.of(cluster=)`")
    )
