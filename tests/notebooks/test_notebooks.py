"""Guards on the stored notebooks, against what nbval lets pass: nbval itself compares every output, cell by cell.

nbval runs each notebook as part of `python -m pytest` (the last test here makes sure of it). It compares text, tables
and SVG pictures exactly. It cannot see that a notebook was never run, compare bitmaps, or judge prose.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("evaluations", "book/methods")
PATHS = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.ipynb"))
NAMES = [path.relative_to(ROOT).as_posix() for path in PATHS]
EVALUATIONS = [name for name in NAMES if re.fullmatch(r"evaluations/[^_][^/]*", name)]

PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
LONG_DECIMAL = re.compile(r"\d\.\d{9,}")
MACHINE_PATH = re.compile(r"(?<![\w.])(/home/|/root/|/Users/|/work/|/tmp/|[A-Z]:\\\\?Users)")
NOT_A_NUMBER = re.compile(r"(?<![\w.-])(nan|NaN|NaT|<NA>)(?![\w-])")
# 18%, 0.82: a result. Plain whole numbers (12 months, 2016) are design, not results, and may be typed.
RESULT = re.compile(r"(?<![\w.])\d+(?:\.\d+)?\s?%|(?<![\w.])\d+\.\d+(?!\.?\w)")
TYPED_BY_CUSTOM = {"95%"}


@pytest.fixture(params=NAMES)
def notebook(request: pytest.FixtureRequest) -> Any:
    return nbformat.read(ROOT / request.param, as_version=4)


def code(notebook: Any) -> list[tuple[int, Any]]:
    """Return the code cells that hold something, each with its place in the notebook, counted from 1."""
    cells = enumerate(notebook.cells, start=1)
    return [(place, cell) for place, cell in cells if cell.cell_type == "code" and cell.source.strip()]


def texts(output: Any) -> Iterator[str]:
    """Yield what a reader sees of one output, pictures left out."""
    yield output.get("text", "")
    yield from (
        value for kind, value in output.get("data", {}).items() if kind in {"text/plain", "text/html"}
    )


def stored(notebook: Any) -> Iterator[tuple[int, str]]:
    for place, cell in code(notebook):
        for output in cell.outputs:
            yield from ((place, text) for text in texts(output))


def test_there_are_notebooks_for_every_page_of_the_book() -> None:
    contents = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    wanted = {f"{chapter}.ipynb" for chapter in chapters if chapter.startswith(FOLDERS)}
    assert wanted == set(NAMES) - {"evaluations/_template.ipynb"}
    assert "evaluations/_template.ipynb" in NAMES


def test_run_once_from_top_to_bottom(notebook: Any) -> None:
    counts = [cell.execution_count for _, cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "restart the kernel, run all cells, and save"


def test_no_line_ends_with_a_semicolon(notebook: Any) -> None:
    lines = [(place, line) for place, cell in code(notebook) for line in cell.source.splitlines()]
    found = [(place, line) for place, line in lines if line.rstrip().endswith(";")]
    assert not found, f"a semicolon hides an output, which nbval then cannot compare: {found}"


def test_stored_numbers_are_rounded(notebook: Any) -> None:
    found = [
        (place, match.group()) for place, text in stored(notebook) if (match := LONG_DECIMAL.search(text))
    ]
    assert not found, f"cell and number with nine decimals or more, which differ between processors: {found}"


def test_nothing_went_wrong_when_it_ran(notebook: Any) -> None:
    outputs = [(place, output) for place, cell in code(notebook) for output in cell.outputs]
    failed = [place for place, output in outputs if output.output_type == "error"]
    warned = [place for place, output in outputs if output.get("name") == "stderr"]
    assert not failed, f"cells that stopped with an error: {failed}"
    assert not warned, f"cells that warned on stderr: {warned}"


def test_no_missing_number_is_shown(notebook: Any) -> None:
    found = [
        (place, match.group()) for place, text in stored(notebook) if (match := NOT_A_NUMBER.search(text))
    ]
    assert not found, f"cells that show a missing number as code does: {found}"


def test_no_path_of_one_machine(notebook: Any) -> None:
    sources = [(place, cell.source) for place, cell in enumerate(notebook.cells, start=1)]
    found = [
        (place, match.group())
        for place, text in [*sources, *stored(notebook)]
        if (match := MACHINE_PATH.search(text))
    ]
    assert not found, f"cells with a path of one machine: {found}"


def test_pictures_are_svg_with_text_and_caption(notebook: Any) -> None:
    for place, cell in code(notebook):
        kinds = [kind for output in cell.outputs for kind in output.get("data", {}) if kind in PICTURES]
        if not kinds:
            continue
        assert len(cell.outputs) == 1, (
            f"cell {place}: a picture shares its cell, so both outputs become one figure"
        )
        about = cell.metadata.get("mystnb", {})
        assert set(kinds) == {"image/svg+xml"}, f"cell {place}: nbval compares no bitmaps, so store SVG"
        assert len(about.get("image", {}).get("alt", "").split()) >= 4, (
            f"cell {place}: a picture without text alternative"
        )
        assert about.get("figure", {}).get("caption"), f"cell {place}: a picture without caption"


def test_text_alternatives_hold_no_results(notebook: Any) -> None:
    alts = [
        (place, cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))
        for place, cell in code(notebook)
    ]
    found = [(place, match.group()) for place, alt in alts if (match := RESULT.search(alt))]
    assert not found, f"a text alternative is static, so a number in it goes stale: {found}"


def test_no_result_is_typed_in_prose(notebook: Any) -> None:
    cells = [
        (place, cell.source)
        for place, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "markdown"
    ]
    typed = [(place, number) for place, source in cells for number in _typed_results(source)]
    assert not typed, (
        f"numbers typed in prose (glue them, or cite their source in the same paragraph): {typed}"
    )


def _typed_results(source: str) -> Iterator[str]:
    for paragraph in source.split("\n\n"):
        if "{cite" in paragraph:  # a published number, quoted with its source
            continue
        plain = re.sub(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|https?://\S+", " ", paragraph)
        yield from (number for number in RESULT.findall(plain) if number not in TYPED_BY_CUSTOM)


def test_typed_results_are_told_from_what_may_be_typed() -> None:
    assert list(_typed_results("It fell by 18%, a ratio of 0.82.")) == ["18%", "0.82"]
    assert not list(_typed_results("The 95% interval over 12 months, `0.5`, and $x^{0.5}$."))
    assert not list(_typed_results("A fall of 4% was found {cite}`farrington2006`."))


def test_one_first_heading(notebook: Any) -> None:
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert len(re.findall(r"^# ", prose, flags=re.MULTILINE)) == 1


def test_runs_in_any_python_3_kernel(notebook: Any) -> None:
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.display_name == "Python 3"


@pytest.mark.parametrize("name", EVALUATIONS)
def test_evaluations_hand_their_finding_to_the_front_page(name: str) -> None:
    sources = "\n".join(cell.source for _, cell in code(nbformat.read(ROOT / name, as_version=4)))
    glued = set(re.findall(r"glue\(\s*[\"'](\w+)[\"']", sources))
    assert {"finding", "headline", "interval"} <= glued


def test_pytest_runs_every_notebook_through_nbval() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    options = project["tool"]["pytest"]["ini_options"]
    assert {"--nbval", "--nbval-current-env"} <= set(options["addopts"])
    assert set(FOLDERS) <= set(options["testpaths"])
