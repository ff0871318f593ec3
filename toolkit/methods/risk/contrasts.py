"""What is compared between two arms of people: a gap of means, or of log rates, and each person's part in its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.numerics import people
from toolkit.sample import Sample
from toolkit.validate import DesignError, and_more, quoted, shown


@dataclass(frozen=True)
class Gap:
    """Mean of the treated less mean of the comparison people."""

    outcome: str

    def centre(self, sample: Sample) -> float:
        """The gap."""
        y = sample.outcome(self.outcome)
        first, second = people.rates(y, np.ones(len(y)), sample.treated, sample.weight)
        return float(first - second)

    def scores(self, sample: Sample, at: Sample) -> np.ndarray:
        """Each person's gap from the mean of their arm."""
        y = sample.outcome(self.outcome)
        means = people.rates(y, np.ones(len(y)), sample.treated, sample.weight)
        return at.outcome(self.outcome) - np.where(at.treated, *means)


@dataclass(frozen=True)
class Rate:
    """An outcome per exposure (a column, or nothing: per person)."""

    outcome: str
    exposure: str | None = None

    def columns(self, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
        """The outcome and the exposure of each person."""
        y = sample.measured(self.outcome)
        return y, np.ones(len(y)) if self.exposure is None else sample.measured(self.exposure)

    def arms(self, sample: Sample) -> np.ndarray:
        """The rate of the treated and of the comparison people."""
        return people.rates(*self.columns(sample), sample.treated, sample.weight)


@dataclass(frozen=True)
class LogRatio:
    """Log of the treated people's rate over the comparison people's, less the same of an earlier rate, if any."""

    rate: Rate
    earlier: Rate | None = None

    def centre(self, sample: Sample) -> float:
        """The log ratio; infinite or NaN where an arm has no events."""
        late = self.rate.arms(sample)
        early = np.ones(2) if self.earlier is None else self.earlier.arms(sample)
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.log(late[0]) - np.log(late[1]) - np.log(early[0]) + np.log(early[1]))

    def scores(self, sample: Sample, at: Sample) -> np.ndarray:
        """Each person's gap from the rate of their arm, in shares of it: the delta method for a log rate."""
        late = _share(self.rate, sample, at)
        return late if self.earlier is None else late - _share(self.earlier, sample, at)


def _share(rate: Rate, sample: Sample, at: Sample) -> np.ndarray:
    y, exposure = rate.columns(at)
    per = rate.arms(sample)
    own = rate.columns(sample)[1]
    reach = people.rates(own, np.ones(len(own)), sample.treated, sample.weight)
    mean = np.where(at.treated, *(per * reach))
    return (y - np.where(at.treated, *per) * exposure) / mean


def counts(sample: Sample, rate: Rate) -> None:
    """Raise unless the outcome is nowhere negative and the exposure above zero throughout."""
    y, exposure = rate.columns(sample)
    _refuse(y < 0, rate.outcome, y, "A ratio needs counts or shares of zero or more: use risk.difference")
    if rate.exposure is not None:
        _refuse(exposure <= 0, rate.exposure, exposure, "Leave those people out, or leave the exposure out")


def _refuse(bad: np.ndarray, name: str, values: np.ndarray, advice: str) -> None:
    if bad.any():
        first = values[int(np.flatnonzero(bad)[0])]
        raise DesignError(
            f"{name} is {shown(first)} for one person{and_more(int(bad.sum()), 'person')}. {advice}."
        )


def events_in_both(sample: Sample, rate: Rate) -> None:
    """Raise where an arm has no events, so that a ratio has no error."""
    for events, arm in zip(rate.arms(sample), ("treated", "comparison"), strict=True):
        if events == 0:
            raise DesignError(
                f"{quoted(rate.outcome)} is zero for every one of the {arm} people, so their ratio to the others "
                "cannot be given an interval. Use risk.difference, or follow people for longer."
            )
