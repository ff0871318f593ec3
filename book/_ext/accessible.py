"""Mends what the theme, pandas and docutils leave inaccessible in a page's HTML (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from sphinx.application import Sphinx

# 1,234  -0.5  £1.2m  16%  12 to 31  <0.001  (0.8, 1.1)  and an empty or missing cell
_ONE = r"[<>£$+−-]*\d[\d,.]*[%pkmbnx×]*"
NUMBER = re.compile(rf"[–—-]?|[(\[]?{_ONE}((,| to| \(| \[) ?{_ONE})*[)\]]?( (lower|higher|fewer|more))?")

COLUMNS = re.compile(r"\S {2,}\S")
CHECKSUM = re.compile(r"[0-9a-f]{64}")


def improve(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Rewrite the body of one page just before it is put into the template."""
    if not context.get("body"):
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    for mend in (
        bibliography,
        code_toggles,
        adjoining_toggles,
        data_tables,
        captions,
        printed_sentences,
        names,
    ):
        mend(soup)
    context["body"] = str(soup)


def bibliography(soup: BeautifulSoup) -> None:
    """References are a list of list items; ``doc-biblioentry`` is deprecated and not allowed in a list."""
    for entry in soup.find_all(attrs={"role": "doc-biblioentry"}):
        entry["role"] = "listitem"


def code_toggles(soup: BeautifulSoup) -> None:
    """A toggle is called what it says: the fixed label hides the visible words from voice control."""
    for summary in soup.find_all("summary"):
        del summary["aria-label"]


def adjoining_toggles(soup: BeautifulSoup) -> None:
    """Folded cells in a row, without output between them, open as one."""
    for cell in soup.select("div.cell.tag_hide-input"):
        following = cell.find_next_sibling()
        if (
            cell.select_one(".cell_output")
            or following is None
            or following.select_one("details.above-input") is None
        ):
            continue
        code = cell.select_one("details .cell_input")
        if code is not None and "tag_hide-input" in following.get("class", []):
            following.select_one("details .cell_input").insert_before(code.extract())
            cell.decompose()


def data_tables(soup: BeautifulSoup) -> None:
    """Give tables made by pandas a header for every column and a column of row names only if they say something."""
    for table in soup.select("table.dataframe"):
        _drop_pandas_style(table)
        _drop_counting_index(table)
        _name_headers(table)
        _mark_numbers(table)
        # The theme lets boxes of this class scroll, and makes them reachable by keyboard while they do.
        table.wrap(soup.new_tag("div", attrs={"class": "pst-scrollable-table-container"}))


def _drop_pandas_style(table: Tag) -> None:
    del table["border"]
    for row in table.select("thead tr"):
        del row["style"]
    if table.parent is not None:
        for style in table.parent.find_all("style", recursive=False):
            style.decompose()


def _drop_counting_index(table: Tag) -> None:
    names = [row.find("th") for row in table.select("tbody tr")]
    if any(name is None for name in names):
        return
    if [name.get_text() for name in names] != [str(number) for number in range(len(names))]:
        return
    for cell in [*names, *(row.find("th") for row in table.select("thead tr"))]:
        cell.decompose()


def _name_headers(table: Tag) -> None:
    for header in table.find_all("th"):
        if not header.get_text(strip=True):
            header.name = "td"
        elif header.find_parent("thead"):
            header["scope"] = "col"
        else:
            header["scope"] = "row"


def _mark_numbers(table: Tag) -> None:
    rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
    body = [row.find_all(["th", "td"]) for row in table.select("tbody tr")]
    width = max((len(row) for row in rows), default=0)
    # Tables with merged cells have no simple columns: leave those as they are.
    if table.find(attrs={"rowspan": True}) or table.find(attrs={"colspan": True}):
        return
    for place in range(width):
        if body and all(
            NUMBER.fullmatch(row[place].get_text(strip=True)) for row in body if len(row) > place
        ):
            for row in rows:
                if len(row) > place:
                    row[place]["class"] = [*row[place].get("class", []), "number"]


def captions(soup: BeautifulSoup) -> None:
    """A full stop parts "Figure 1" from what it shows, for the eye and for a screen reader."""
    for number in soup.select("figcaption .caption-number, caption .caption-number"):
        number.string = number.get_text(strip=True) + ". "


def printed_sentences(soup: BeautifulSoup) -> None:
    """Sentences that the code prints wrap like any text; tables that it prints, told by their gaps, do not."""
    for block in soup.select(".output.stream pre"):
        if not COLUMNS.search(block.get_text()):
            block["class"] = [*block.get("class", []), "sentences"]


def names(soup: BeautifulSoup) -> None:
    """Names of files and columns may break after _ and / in a narrow table; checksums are marked, to be set small."""
    for code in soup.select("table code"):
        for text in code.find_all(string=re.compile("[_/]")):
            parts = re.split("(?<=[_/])(?=.)", str(text))
            text.replace_with(*_joined(soup, parts))
    for code in soup.select("code"):
        if CHECKSUM.fullmatch(code.get_text()):
            code["class"] = [*code.get("class", []), "checksum"]


def _joined(soup: BeautifulSoup, parts: list[str]) -> list[Tag | NavigableString]:
    breaks = [piece for part in parts for piece in (soup.new_tag("wbr"), NavigableString(part))]
    return breaks[1:]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", improve, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
