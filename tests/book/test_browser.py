"""The built book in Chromium: no outside requests, no errors, accessible, fit for a phone, searchable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .pages import MACHINE_MADE, PAGES

pytestmark = pytest.mark.browser
EVERY_PAGE = [*PAGES, *MACHINE_MADE]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = [
    "color-contrast",
    "link-in-text-block",
]  # all that dark pages can break: the rest of them is the same
STILL = (
    "* { animation: none !important; transition: none !important }"  # half-faded text has too little contrast
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = 390
ENLARGED = 320  # 1280 at 400%: success criterion 1.4.10, reflow


@pytest.fixture(scope="module", params=["http", "file"])
def address(request: pytest.FixtureRequest, site: str, html: Path) -> str:
    """Where the book is opened from: a web server, or the disk."""
    return site if request.param == "http" else html.as_uri()


def visit(browser: Any, url: str, **options: Any) -> Any:
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    page = context.new_page()
    page.goto(url)
    return page


@pytest.mark.parametrize("name", ["index", *EVERY_PAGE])
def test_nothing_is_asked_of_other_sites_and_nothing_fails(browser: Any, address: str, name: str) -> None:
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    outside: list[str] = []
    errors: list[str] = []
    page.on("request", lambda call: None if _ours(call.url, address) else outside.append(call.url))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/{name}.html")
    page.wait_for_load_state("networkidle")
    context.close()
    assert not outside, f"{name} asks for {outside}"
    assert not errors, f"{name}: {errors}"


def _ours(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:"))


def violations(page: Any, rules: list[str]) -> list[dict[str, Any]]:
    """What axe finds wrong. It is not asked to tell of all that is right, which takes as long again."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response["violations"]
    return list(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", EVERY_PAGE)
def test_accessible_by_wcag_2_2_aa(browser: Any, site: str, name: str, scheme: str) -> None:
    page = visit(browser, f"{site}/{name}.html", color_scheme=scheme, reduced_motion="reduce")
    assert page.locator("html").get_attribute("data-theme") == scheme
    page.add_style_tag(content=STILL)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    found = violations(page, RULES if scheme == "light" else COLOURS)
    page.context.close()
    assert not found, "\n".join(_told(rule) for rule in found)


def _told(rule: dict[str, Any]) -> str:
    where = [node["html"][:160] for node in rule["nodes"][:5]]
    return (
        f"{rule['id']} ({rule['impact']}): {rule['help']}, {len(rule['nodes'])} times, such as\n  "
        + "\n  ".join(where)
    )


@pytest.mark.parametrize(
    ("scheme", "rules", "spoil", "seen"),
    [
        ("light", RULES, "article => article.append(new Image())", "image-alt"),
        ("dark", COLOURS, "article => article.querySelector('p').style.color = '#333'", "color-contrast"),
    ],
    ids=["light", "dark"],
)
def test_axe_sees_what_is_spoilt(
    browser: Any, site: str, scheme: str, rules: list[str], spoil: str, seen: str
) -> None:
    page = visit(browser, f"{site}/book/intro.html", color_scheme=scheme)
    page.locator("article").first.evaluate(spoil)
    found = violations(page, rules)
    page.context.close()
    assert seen in {rule["id"] for rule in found}


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_no_sideways_scrolling_on_a_phone_or_enlarged(browser: Any, site: str, name: str) -> None:
    page, widths = visit(browser, f"{site}/{name}.html"), {}
    for screen in (PHONE, ENLARGED):
        page.set_viewport_size({"width": screen, "height": 844})
        widths[screen] = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    wide = {screen: width for screen, width in widths.items() if width > screen}
    assert not wide, f"{name}: screens and how wide it is on them: {wide}"


def test_search_finds_by_address(browser: Any, address: str) -> None:
    page = visit(browser, f"{address}/search.html?q=displacement")
    page.locator("ul.search li a", has_text="Glossary").first.wait_for(timeout=10_000)
    page.context.close()


def test_search_opens_and_answers_from_the_keyboard(browser: Any, site: str) -> None:
    page = visit(browser, f"{site}/evaluations/asb_patrols.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("cluster")
    page.keyboard.press("Enter")
    page.locator("ul.search li a", has_text="Glossary").first.wait_for(timeout=10_000)
    page.context.close()


def test_one_search_box_is_in_sight(browser: Any, site: str) -> None:
    page = visit(browser, f"{site}/book/intro.html")
    seen = page.locator(".search-button__button:visible, input[type=search]:visible").count()
    page.context.close()
    assert seen == 1


def test_folded_code_opens_with_the_keyboard(browser: Any, site: str) -> None:
    page = visit(browser, f"{site}/evaluations/asb_patrols.html")
    fold = page.locator("details.hide").first
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    opened = fold.evaluate("fold => fold.open")
    page.context.close()
    assert opened


def test_the_finding_of_the_patrols_is_on_the_first_screen(browser: Any, site: str) -> None:
    page = visit(browser, f"{site}/book/intro.html")
    row = page.locator("article table tbody tr", has=page.locator("a[href*=asb_patrols]"))
    finding = row.locator("td").nth(1).inner_text().strip()
    page.goto(f"{site}/evaluations/asb_patrols.html")
    box = page.locator("article").get_by_text(finding).first.bounding_box()
    page.context.close()
    assert box is not None, f"the patrols page does not show {finding!r}"
    assert box["y"] + box["height"] <= DESKTOP["height"]


def test_the_front_door_opens_the_front_page(browser: Any, address: str) -> None:
    page = visit(browser, f"{address}/index.html")
    page.wait_for_url("**/book/intro.html", timeout=10_000)
    heading = page.locator("h1").inner_text()
    page.context.close()
    assert heading.startswith("Did it work")
