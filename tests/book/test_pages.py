"""What can be read from the built HTML alone: headings, pictures, links, and nothing left unresolved."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from .pages import EVALUATIONS, METHODS, PAGES, prose, read

UNRESOLVED = re.compile(
    r"\{(glue|numref|cite|term|ref|py)\b|glue:|\b(nan|NaN|NaT)\b|\[\?\]|<(Axes|Figure|toolkit)|PLACEHOLDER"
)
HIDDEN = re.compile(r"unpkg|jsdelivr|cdnjs|googleapis|require\.min\.js")


def test_the_book_builds_without_a_warning(build: CompletedProcess[str], output: Path) -> None:
    assert build.returncode == 0, f"book/build.py failed:\n{(build.stdout + build.stderr)[-4000:]}"
    assert build.stdout.rstrip().endswith(str(output / "_build" / "html" / "index.html"))


@pytest.mark.parametrize("page", PAGES)
def test_one_first_heading(html: Path, page: str) -> None:
    headings = [heading.get_text(strip=True) for heading in read(html, page).find_all("h1")]
    assert len(headings) == 1, f"{page} has these first headings: {headings}"


@pytest.mark.parametrize("page", PAGES)
def test_headings_step_down_one_at_a_time(html: Path, page: str) -> None:
    article = read(html, page).find("article")
    assert article is not None
    steps = [int(heading.name[1]) for heading in article.find_all(re.compile(r"^h[1-6]$"))]
    jumps = [(a, b) for a, b in pairwise(steps) if b > a + 1]
    assert not jumps, f"{page} skips from h{jumps[0][0]} to h{jumps[0][1]}"


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_says_what_it_shows(html: Path, page: str) -> None:
    pictures = read(html, page).select("article img")
    bare = [picture["src"] for picture in pictures if len(picture.get("alt", "").split()) < 4]
    assert not bare, f"{page}: no text alternative of four words or more on {bare}"
    same = [picture["src"] for picture in pictures if picture["alt"] == Path(str(picture["src"])).name]
    assert not same, f"{page}: the text alternative is the file's name on {same}"


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_is_a_figure_with_a_caption(html: Path, page: str) -> None:
    pictures = read(html, page).select("article img")
    loose = [picture["src"] for picture in pictures if not _caption(picture.find_parent("figure"))]
    assert not loose, f"{page}: no caption on {loose}"


def _caption(figure: object) -> str:
    caption = getattr(figure, "figcaption", None)
    return caption.get_text(strip=True) if caption else ""


@pytest.mark.parametrize("page", [*EVALUATIONS, *METHODS])
def test_figures_count_from_one(html: Path, page: str) -> None:
    numbers = [
        number.get_text(strip=True) for number in read(html, page).select("figcaption .caption-number")
    ]
    assert numbers == [f"Figure {place}." for place in range(1, len(numbers) + 1)]
    assert numbers, f"{page} has no figure"


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_left_unresolved(html: Path, page: str) -> None:
    soup = read(html, page)
    assert not soup.select(".problematic, .system-message"), f"{page} shows a Sphinx error"
    if page == "book/api":  # the API page may speak of NaN
        return
    found = UNRESOLVED.search(prose(soup))
    assert found is None, f"{page} shows {found.group() if found else ''!r}"


@pytest.mark.parametrize("page", PAGES)
def test_every_internal_link_leads_somewhere(html: Path, page: str) -> None:
    here = html / f"{page}.html"
    links = {str(link["href"]) for link in read(html, page).find_all("a", href=True)}
    broken = sorted(link for link in links if not _leads(here, link))
    assert not broken, f"{page} has links to nothing: {broken}"


def _leads(here: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme:
        return parts.scheme in {"http", "https", "mailto"}
    target = (here.parent / unquote(parts.path)).resolve() if parts.path else here
    if not target.is_file():
        return False
    return not parts.fragment or target.suffix != ".html" or _has_anchor(target, unquote(parts.fragment))


def _has_anchor(target: Path, name: str) -> bool:
    return name in _anchors(target)


@cache
def _anchors(target: Path) -> frozenset[str]:
    soup = BeautifulSoup(target.read_text(encoding="utf-8"), "html.parser")
    return frozenset(str(tag["id"]) for tag in soup.find_all(id=True))


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_another_host_for_its_parts(html: Path, page: str) -> None:
    soup = read(html, page)
    parts = [
        str(tag.get("src") or tag.get("href")) for tag in soup.select("script[src], img[src], link[href]")
    ]
    outside = [part for part in parts if urlsplit(part).netloc]
    assert not outside, f"{page} takes parts from {outside}"
    inline = " ".join(script.get_text() for script in soup.find_all("script", src=False))
    assert not HIDDEN.search(inline)


def test_the_front_door_redirects(html: Path) -> None:
    soup = read(html, "index")
    assert soup.html is not None and soup.html["lang"] == "en-GB"
    assert soup.title is not None and soup.title.get_text() == "Prevention Evaluation Toolkit"
    refresh = soup.find("meta", attrs={"http-equiv": "refresh"})
    assert refresh is not None and str(refresh["content"]).endswith("url=book/intro.html")


def test_the_front_page_has_a_finding_for_every_evaluation(html: Path) -> None:
    rows = read(html, "book/intro").select("article table tbody tr")
    linked = [str(row.find("a")["href"]).removeprefix("../").removesuffix(".html") for row in rows]
    assert linked == EVALUATIONS
    for row in rows:
        cells = [cell.get_text(" ", strip=True) for cell in row.find_all("td")]
        assert all(len(cell.split()) > 2 for cell in cells), f"an empty cell in {cells}"


def test_the_template_can_be_downloaded(html: Path) -> None:
    link = read(html, "book/intro").select_one("a.download")
    assert link is not None
    assert (html / "book" / str(link["href"])).read_bytes() == (
        Path(__file__).parents[2] / "evaluations" / "_template.ipynb"
    ).read_bytes()


def test_the_api_page_lists_every_public_name(html: Path) -> None:
    import toolkit

    soup = read(html, "book/api")
    listed = {str(entry["id"]) for entry in soup.select("dt[id]")} | {
        str(entry["id"]).removeprefix("module-") for entry in soup.select("[id^=module-]")
    }
    missing = [name for name in toolkit.__all__ if not any(_names(entry, name) for entry in listed)]
    assert not missing, f"not on the API page: {missing}"


def _names(entry: str, name: str) -> bool:
    return entry == name or entry.endswith(f".{name}")
