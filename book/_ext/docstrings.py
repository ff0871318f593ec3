"""Shows docstrings as they were meant: a property's first sentence whole, and no private arguments."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def shield(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    # Napoleon takes what stands before a colon in the first line of a property for its type.
    if what in {"property", "attribute"} and lines:
        lines.insert(0, "")


def hide_private(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    # A class whose arguments are private is made by a class method, never called.
    if what == "class" and signature and signature.startswith("(_"):
        return "", returns
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-signature", hide_private)
    app.connect("autodoc-process-docstring", shield, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
