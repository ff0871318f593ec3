"""Turns equations into MathML while the book is built, so that readers need no script and no network."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# The converter turns these into nonsense without complaint.
UNSUPPORTED = (r"\begin{align", r"\begin{gather", r"\begin{multline", r"\begin{split")


def mathml(latex: str, *, display: str) -> str:
    """Return the MathML of one equation; ``display`` is ``"inline"`` or ``"block"``."""
    found = [environment for environment in UNSUPPORTED if environment in latex]
    if found:
        raise ExtensionError(
            f"Equation uses {found[0]}...}}, which cannot be shown: write one equation a line."
        )
    return convert(latex, display=display)


def visit_inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext(), display="inline"))
    raise nodes.SkipNode


def visit_block(writer: Any, node: nodes.math_block) -> None:
    # Wide equations scroll inside their own box; a box that scrolls must be reachable by keyboard.
    writer.body.append('<div class="equation" tabindex="0" role="group" aria-label="Equation">')
    writer.body.append(mathml(node.astext(), display="block") + "</div>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
