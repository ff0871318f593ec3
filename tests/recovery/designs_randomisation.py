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


SMALL = both(24, 3, ONE_START, setting="anti-social behaviour")
WIDE = {
    SMALL[
        0
    ]: "three areas with few incidents: away from no change the test is approximate, and errs on the wide side"
}


def design(case: Case) -> Design:
    """One of 24 is the least that can be told apart: an interval that leaves one out holds 23 of 24, or 95.8%."""
    note = WIDE.get(case, "")
    required = EXACT if case.treated == 1 else (REQUIRED[0], 0.98) if note else REQUIRED
    method, draws = f"did.att, randomisation, {case.scale}", 3000 if case in SMALL else 1000
    return Design(
        method, case.name, functools.partial(draw, case), required, draws=draws, quick=10, note=note
    )


DESIGNS = [
    *(design(case) for treated in (1, 3, 8) for case in both(24, treated, ONE_START)),
    *(design(case) for case in both(24, 8, WAVES)),
    *(design(case) for case in [*SMALL, *both(24, 8, ONE_START, setting="anti-social behaviour")]),
]
