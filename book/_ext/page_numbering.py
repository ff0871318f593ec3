"""Numbers figures and tables from 1 on every page, so that "Figure 2" is the second on its own page."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

Numbers = dict[str, tuple[int, ...]]


def restart(numbers: Numbers) -> Numbers:
    """Return the same labels, in the same order, numbered from 1."""
    ordered = sorted(numbers, key=lambda label: numbers[label])
    return {label: (place,) for place, label in enumerate(ordered, start=1)}


def restart_on_each_page(app: Sphinx, env: BuildEnvironment) -> list[str]:
    for page in env.toc_fignumbers.values():
        for kind in page:
            page[kind] = restart(page[kind])
    return list(env.toc_fignumbers)


def setup(app: Sphinx) -> dict[str, bool]:
    # After Sphinx's own collector (priority 500), which numbers on through the whole book.
    app.connect("env-get-updated", restart_on_each_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
