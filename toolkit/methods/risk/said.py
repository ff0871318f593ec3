"""What limits a comparison of people, in words: who was not allocated by chance, small cells, weights on few."""

from __future__ import annotations

import numpy as np

from toolkit.numerics import people
from toolkit.sample import UNMATCHED, WEIGHTED, WITH, WITHOUT, Sample

UNMEASURED = (
    "Nobody was allocated by chance: reasons for taking part that were not measured may account for some or all of "
    "this."
)
_UNADJUSTED = "The two groups are as they came: differences that were measured are not adjusted for either."
_FEW_EVENTS = 5
# Of simulations with so few events, the share whose 95% interval held the truth: data/derived/coverage_people.csv.
HELD = {UNMATCHED: 0.97, "pairs": 0.96, WITHOUT: 0.95, WITH: 0.97, WEIGHTED: 0.95, "adjusted": 0.95}
_FEW_PEOPLE = 30


def arms(sample: Sample) -> tuple[tuple[np.ndarray, str], tuple[np.ndarray, str]]:
    """Each arm's people, and its name."""
    return (sample.treated, "treated"), (~sample.treated, "comparison")


def cautions(sample: Sample, randomised: bool, adjusted: bool = False) -> tuple[str, ...]:
    """The sample's own, then how few people the weights leave, then what chance did not settle."""
    said = [*sample.cautions, *_thin(sample)]
    if not randomised:
        said += [_UNADJUSTED] * (sample.design == UNMATCHED and not adjusted) + [UNMEASURED]
    return tuple(said)


def few_events(sample: Sample, name: str, events: np.ndarray, kind: str = "") -> tuple[str, ...]:
    """A caution for each arm in which fewer than five people had the event or, of a yes/no outcome, had it not.

    Then how often intervals of this kind, one of :data:`HELD`, held the truth in simulations with so few.
    """
    binary = bool(np.isin(events, (0, 1)).all())
    said = []
    for arm, who in arms(sample):
        n, had = int(arm.sum()), int((events[arm] > 0).sum())
        if had < _FEW_EVENTS:
            said.append(f"{name} is above zero for only {had} of {n} {who} people.")
        elif binary and n - had < _FEW_EVENTS:
            said.append(f"{name} is zero for only {n - had} of {n} {who} people.")
    return (*said, _with_so_few(kind)) if said else ()


def _with_so_few(kind: str) -> str:
    if kind not in HELD:
        return "With so few the interval is rough, and by how much was not simulated."
    share = HELD[kind]
    way = " (too narrow)" if share < 0.935 else " (wider than they need be)" if share > 0.965 else ""
    return f"With so few, intervals of this kind held the truth in {share:.0%} of simulations meant to be 95%{way}."


def _thin(sample: Sample) -> tuple[str, ...]:
    if sample.design not in (WEIGHTED, WITH):
        return ()
    said = []
    for arm, who in arms(sample):
        worth = people.worth(sample.weight[arm])
        if worth < _FEW_PEOPLE < arm.sum():
            said.append(f"The weights rest on few: {arm.sum():,} {who} people count as {worth:.0f}.")
    return tuple(said)


def against(sample: Sample) -> str:
    """Ends the sentence "18% lower than ..."."""
    if sample.design == UNMATCHED:
        return "among comparison people"
    return f"among {'weighted' if sample.design == WEIGHTED else 'matched'} comparison people"
