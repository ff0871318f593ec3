"""The pages of the book, as its contents list them, and what one of them holds."""

from __future__ import annotations

from pathlib import Path

import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
CONTENTS = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [chapter["file"] for part in CONTENTS["parts"] for chapter in part["chapters"]]
PAGES = [CONTENTS["root"], *CHAPTERS]
EVALUATIONS = [page for page in PAGES if page.startswith("evaluations/")]
METHODS = [page for page in PAGES if page.startswith("book/methods/")]
# Made by Sphinx rather than written, and of kinds of their own.
MACHINE_MADE = ["search", "_modules/toolkit/panel"]


def read(html: Path, page: str) -> BeautifulSoup:
    """Return the parsed HTML of one page."""
    return BeautifulSoup((html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


def prose(soup: BeautifulSoup) -> str:
    """Return the text of the article without its code."""
    article = soup.find("article") or soup
    for code in article.find_all(["pre", "code", "script", "style", "details"]):
        code.decompose()
    return article.get_text(" ", strip=True)
