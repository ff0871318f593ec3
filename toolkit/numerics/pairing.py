"""Who is matched to whom, from points and who may be matched: greedy, optimal, with replacement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from toolkit.numerics.line import Line

_STEPS = 1e7  # the longest distance of an optimal matching, in whole steps
_TIE = 1e-9  # distances this near to each other, relative to the scale of the points, are the same


@dataclass(frozen=True)
class Ground:
    """Where people stand, and who may be matched with whom.

    Attributes
    ----------
    places : (n, k) float array
        The straight-line distance between them is what matching makes small.
    strata : (n,) int array
        Only people of one stratum may be matched.
    reach, caliper : (n,) float array, float
        Two people may be matched only if their ``reach`` differs by no more than ``caliper``; infinity is no limit.
    """

    places: np.ndarray
    strata: np.ndarray
    reach: np.ndarray
    caliper: float

    @property
    def straight(self) -> bool:
        """Whether people stand on a line, along which any caliper is told: the nearest are then found by sorting."""
        along = not np.isfinite(self.caliper) or np.array_equal(self.places[:, 0], self.reach)
        return self.places.shape[1] == 1 and along

    def lines(self, people: np.ndarray) -> dict[int, tuple[Line, np.ndarray]]:
        """The people of each stratum as a line, and who they are."""
        strata = self.strata[people]
        groups = {int(stratum): people[strata == stratum] for stratum in np.unique(strata)}
        return {stratum: (Line(self.places[group, 0]), group) for stratum, group in groups.items()}

    def distances(self, one: int, others: np.ndarray) -> np.ndarray:
        """Distance from one person to each of the others; infinite where they may not be matched."""
        gap = self.places[others] - self.places[one]
        far = np.abs(gap[:, 0]) if gap.shape[1] == 1 else np.sqrt((gap**2).sum(axis=1))
        lawful = self.strata[others] == self.strata[one]
        if np.isfinite(self.caliper):
            lawful &= np.abs(self.reach[others] - self.reach[one]) <= self.caliper * (1 + _TIE)
        return np.where(lawful, far, np.inf)


def greedy(ground: Ground, treated: np.ndarray, comparison: np.ndarray, ratio: int) -> np.ndarray:
    """Each treated person in turn takes the nearest comparison person left; ``ratio`` rounds of that.

    The order given is the order of choosing, and among comparison people equally near the first given is taken.
    Returns pairs, (m, 2). Quick on a line; otherwise the time grows as the treated times the comparison people.
    """
    if ground.straight:
        return _greedy_on_lines(ground, treated, comparison, ratio)
    free = np.ones(len(comparison), dtype=bool)
    pairs = []
    for _ in range(ratio):
        for one in treated:
            far = np.where(free, ground.distances(one, comparison), np.inf)
            nearest = _first_nearest(far)
            if np.isfinite(far[nearest]):
                free[nearest] = False
                pairs.append((one, comparison[nearest]))
    return np.array(pairs, dtype=int).reshape(-1, 2)


def _greedy_on_lines(ground: Ground, treated: np.ndarray, comparison: np.ndarray, ratio: int) -> np.ndarray:
    lines, limit, pairs = ground.lines(comparison), ground.caliper * (1 + _TIE), []
    for one in [one for one in np.tile(treated, ratio) if int(ground.strata[one]) in lines]:
        line, people = lines[int(ground.strata[one])]
        place = float(ground.places[one, 0])
        least = line.nearest_free(place)
        if least <= limit and np.isfinite(least):
            pairs.append((one, people[line.take(place, min(_tied(least), limit))]))
    return np.array(pairs, dtype=int).reshape(-1, 2)


def optimal(ground: Ground, treated: np.ndarray, comparison: np.ndarray, ratio: int) -> np.ndarray:
    """The least total distance, by SciPy's assignment, when as many as can be have a match, and as many matches.

    Leaving one treated person without a first match costs more than all further matches, and leaving out one of
    those more than all distances together.
    """
    pairs = [np.empty((0, 2), dtype=int)]
    for stratum in np.unique(ground.strata[treated]):
        rows = np.repeat(treated[ground.strata[treated] == stratum], ratio)
        columns = comparison[ground.strata[comparison] == stratum]
        first = np.arange(len(rows)) % ratio == 0
        if len(columns):
            far = np.array([ground.distances(one, columns) for one in rows])
            more = len(rows) + 1.0
            pairs.append(
                _in_order(_assigned(far, rows, columns, np.where(first, more**2, more)), ground.places)
            )
    return np.concatenate(pairs)


def _in_order(pairs: np.ndarray, places: np.ndarray) -> np.ndarray:
    """On a line many pairings of the same people are equally short: take the one that pairs them in order.

    No pairing is shorter in total, and none has a shorter longest distance, so a caliper still holds.
    """
    if places.shape[1] > 1:
        return pairs
    where = places[:, 0]
    sides = (side[np.argsort(where[side], kind="stable")] for side in pairs.T)
    return np.column_stack(list(sides))


def with_replacement(ground: Ground, treated: np.ndarray, comparison: np.ndarray, ratio: int) -> np.ndarray:
    """Each treated person with the ``ratio`` nearest comparison people, and any as near as the last of them.

    Quick on a line; otherwise the time grows as the treated times the comparison people.
    """
    if ground.straight:
        return _replaced_on_lines(ground, treated, comparison, ratio)
    pairs = [
        (one, other)
        for one in treated
        for other in comparison[_nearest(ground.distances(one, comparison), ratio)]
    ]
    return np.array(pairs, dtype=int).reshape(-1, 2)


def _replaced_on_lines(ground: Ground, treated: np.ndarray, comparison: np.ndarray, ratio: int) -> np.ndarray:
    lines, limit, pairs = ground.lines(comparison), ground.caliper * (1 + _TIE), []
    for one in [one for one in treated if int(ground.strata[one]) in lines]:
        line, people = lines[int(ground.strata[one])]
        place = float(ground.places[one, 0])
        near = people[line.within(place, min(_tied(line.nearest(place, ratio)), limit))]
        pairs.append(np.column_stack([np.full(len(near), one), near]))
    return np.concatenate([np.empty((0, 2), dtype=int), *pairs])


def _tied(far: float) -> float:
    """How far somebody may stand who is as near, rounding apart."""
    return far + _TIE * (1 + far)


def _first_nearest(far: np.ndarray) -> int:
    """The first place whose distance is the least, rounding apart."""
    least = far.min()
    return int(np.argmax(far <= _tied(least))) if np.isfinite(least) else 0


def _nearest(far: np.ndarray, ratio: int) -> np.ndarray:
    lawful = np.isfinite(far)
    if lawful.sum() <= ratio:
        return lawful
    last = np.partition(far, ratio - 1)[ratio - 1]
    return far <= _tied(last)


def _assigned(far: np.ndarray, rows: np.ndarray, columns: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """The cheapest assignment where leaving a row without a match costs what ``cost`` says, times the longest distance.

    Distances are told in ten-millionths of the longest, as whole numbers, so that rounding does not choose among
    assignments that are equally good. Columns that stand for no match are added where there are too few.
    """
    lawful = np.isfinite(far)
    if not lawful.any():
        return np.empty((0, 2), dtype=int)
    longest = far[lawful].max()
    steps = np.round(np.where(lawful, far, 0.0) * (_STEPS / longest if longest else 1.0))
    alone = (cost * (_STEPS + 1))[:, None]
    spare = max(len(rows) - len(columns), 0)
    prices = np.hstack([np.where(lawful, steps, alone), np.repeat(alone, spare, axis=1)])
    row, column = optimize.linear_sum_assignment(prices)
    made = np.hstack([lawful, np.zeros((len(rows), spare), dtype=bool)])[row, column]
    return np.column_stack([rows[row[made]], columns[column[made]]])
