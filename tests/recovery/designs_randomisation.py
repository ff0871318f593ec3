"""Difference-in-differences by randomisation: 1, 3 and 8 of 24 areas treated, together and in waves."""

from __future__ import annotations

import functools

from recovery.coverage import EXACT, REQUIRED, Design, Draw, drawn
from recovery.designs_did import DIFFERENCE, ONE_START, RATIO, WAVES, Case, both, panel

from toolkit import did

ASSIGNMENTS = 499  # of those that are drawn: fewer than usual, and no less fair


def draw(case: Case, seed: int) -> Draw:
    """Whether the interval of one simulated panel holds the effect that was planted."""
    found = did.att(panel(case, seed), scale=case.scale, inference="permutation", draws=ASSIGNMENTS)
    return drawn(found, RATIO if case.scale == "ratio" else DIFFERENCE)


def design(case: Case) -> Design:
    """One of 24 is the least that can be told apart: an interval that leaves one out holds 23 of 24, or 95.8%."""
    return Design(
        f"did.att, randomisation, {case.scale}",
        case.name,
        functools.partial(draw, case),
        EXACT if case.treated == 1 else REQUIRED,
        draws=1000,
        quick=10,
    )


DESIGNS = [
    *(design(case) for treated in (1, 3, 8) for case in both(24, treated, ONE_START)),
    *(design(case) for case in both(24, 8, WAVES)),
    *(
        design(case)
        for treated in (3, 8)
        for case in both(24, treated, ONE_START, setting="anti-social behaviour")
    ),
]
