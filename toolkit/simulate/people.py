"""People who enter a scheme at an arrest, with a planted effect on those who take part, and the truth about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit

from toolkit.simulate.caseloads import DIVERSION, Caseload
from toolkit.simulate.settings import number, require
from toolkit.validate import DesignError, kind, random_generator, shown, whole

YEAR = 365
_LARGEST_RATIO = 1_000_000


@dataclass(frozen=True)
class PeopleTruth:
    """What was planted in simulated people, and what unfair comparisons of them give in expectation.

    Everything here is an expectation given who entered, who took part and how willing they were: chance in the
    offences themselves is averaged out.

    Parameters
    ----------
    risk_difference : float
        Risk of a proven reoffence within the follow-up of those who took part, with the programme less without it: what
        ``risk.difference`` estimates. NaN where nobody took part.
    risk_ratio : float
        The one over the other.
    rate_ratio : float
        Their expected offences after entry, with the programme over without it.
    prevented : float
        Their expected offences after entry, without less with.
    comparisons : DataFrame
        One row per comparison that somebody might make: comparison, risk_difference, risk_ratio, rate_ratio (NaN where
        the comparison has none), with no adjustment for anything. How far a row is from the truth is its bias.
    expected : DataFrame
        One row per person: person, willingness, before, without, with_programme (expected offences before and after
        entry), risk_without, risk_with_programme.
    """

    risk_difference: float
    risk_ratio: float
    rate_ratio: float
    prevented: float
    comparisons: pd.DataFrame
    expected: pd.DataFrame


def people(
    caseload: Caseload = DIVERSION,
    *,
    entrants: int = 1600,
    days: int = 730,
    rate_ratio: float = 0.8,
    seed: int | np.random.Generator | None = None,
) -> tuple[pd.DataFrame, PeopleTruth]:
    """People followed from an arrest, some of whom took part, with a planted effect, and the truth about them.

    Parameters
    ----------
    caseload : Caseload
        How people behave and who takes part: ``DIVERSION``, or your own.
    entrants : int
        Number of people.
    days : int
        Length of the period before entry and of the follow-up, in days: more than 365, so that nobody is away for
        all of it.
    rate_ratio : float
        The planted effect on the offending rate of those who take part: 0.8 is a 20% fall.
    seed : int or numpy Generator, optional
        Seed 0 where missing. The same input gives the same bits, and the effect changes nothing about those who do
        not take part.

    Returns
    -------
    frame : DataFrame of one row per person
        person, force, suite, offered, took_part, completed, age, sex, prior_offences, offences_before, days_before,
        offences_after, days_after, reoffended. Prior offences are those before the period before entry; the arrest at
        entry is counted in neither period. The last three are missing for those lost to follow-up.
    truth : PeopleTruth

    Raises
    ------
    DesignError
        No people, a follow-up of a year or less, a negative rate ratio.

    Notes
    -----
    **Assumes** an effect that multiplies the rate of everyone who takes part alike, whether or not they complete.

    **Assumes** that who takes part depends on measured risk and on willingness, and not on the spell a person is in.

    **Assumes** that follow-up is lost at random within those who took part and within the others.

    Given a person's rate, offences after entry are negative binomial with alpha ``spell``, so the risk of a proven one
    is 1 - (1 + spell x proven x rate x years) ** (-1 / spell). Before entry the gamma of the spell is size-biased,
    because people are arrested in proportion to it; so with no programme the rate after is 1 / (1 + spell) of the rate
    before: regression to the mean.

    Examples
    --------
    >>> from toolkit import simulate
    >>> frame, truth = simulate.people(entrants=400, rate_ratio=0.8)
    >>> len(frame), round(truth.rate_ratio, 2), truth.risk_difference < 0
    (400, 0.8, True)
    >>> truth.comparisons["comparison"].tolist()[:2]
    ['before and after', 'completed against everyone else']
    """
    entrants, days = whole(entrants, "entrants", 1), whole(days, "days", YEAR + 1)
    if not isinstance(caseload, Caseload):
        raise DesignError(f"caseload must be a Caseload, not {kind(caseload)}: simulate.DIVERSION is one.")
    rate_ratio = number(rate_ratio, "rate_ratio", "0.8 for a 20% fall")
    require(
        0 <= rate_ratio <= _LARGEST_RATIO,
        f"rate_ratio={shown(rate_ratio)} must be a number of at least 0 and at most {_LARGEST_RATIO:,}; "
        "0.8 is a 20% fall.",
    )
    rng = random_generator(seed)
    who = _entrants(caseload, entrants, rng)
    part = _participation(caseload, who, rng)
    at_risk = [_days_at_risk(caseload, days, entrants, rng) for _ in range(2)]
    expected = _expected(caseload, who, at_risk, np.where(part["took_part"] == 1, rate_ratio, 1.0))
    lost = rng.random(entrants) < np.where(part["took_part"] == 1, *caseload.lost)
    record = _record(caseload, expected, at_risk, rng)
    record.loc[lost, ["offences_after", "days_after", "reoffended"]] = np.nan
    frame = pd.concat([who.places, part, who.people, record], axis=1)
    return frame, _truth(part, expected, at_risk)


class _Who(NamedTuple):
    """Who entered: where, what is recorded of them, and what is not."""

    places: pd.DataFrame
    people: pd.DataFrame
    runs_scheme: np.ndarray
    rate: np.ndarray  # offences a year outside a spell, willingness left out
    measured_risk: np.ndarray  # log of the rate expected from what is recorded, in standard deviations
    willingness: np.ndarray


def _entrants(caseload: Caseload, n: int, rng: np.random.Generator) -> _Who:
    suite = rng.integers(0, caseload.forces * caseload.suites, n)
    age = np.minimum(18 + rng.gamma(1.6, 8.0, n), 75).astype(int)
    woman = rng.random(n) < caseload.women
    frailty = _gamma(caseload.spread, n, rng)
    of_women = np.exp(caseload.women_rate * woman)
    usual = caseload.priors * of_women * (age - 14) / 16
    priors = rng.poisson(usual * frailty)
    known = of_women * np.exp(caseload.ten_years * (age - 30) / 10 + _force_effect(caseload)[suite])
    # The mean of a gamma frailty, given a Poisson count around usual x frailty.
    guess = (1 + caseload.spread * priors) / (1 + caseload.spread * usual)
    sex = np.where(woman, "female", "male").astype(object)
    return _Who(
        _places(caseload, suite),
        pd.DataFrame({"age": age, "sex": sex, "prior_offences": priors}),
        suite % 2 == 0,
        caseload.offences * known * frailty,
        _standard(np.log(known * guess)),
        rng.standard_normal(n),
    )


def _force_effect(caseload: Caseload) -> np.ndarray:
    """The log rate of each suite's force against the middle."""
    spaced = np.linspace(-0.15, 0.15, caseload.forces) if caseload.forces > 1 else np.zeros(1)
    return np.repeat(spaced, caseload.suites)


def _places(caseload: Caseload, suite: np.ndarray) -> pd.DataFrame:
    n, suites = len(suite), caseload.forces * caseload.suites
    width, wide = len(str(n)), max(2, len(str(suites)))
    forces = np.array([f"force {1 + place // caseload.suites}" for place in range(suites)], dtype=object)
    names = np.array([f"suite {1 + place:0{wide}d}" for place in range(suites)], dtype=object)
    person = np.array([f"P{number:0{width}d}" for number in range(1, n + 1)], dtype=object)
    return pd.DataFrame({"person": person, "force": forces[suite], "suite": names[suite]})


def _participation(caseload: Caseload, who: _Who, rng: np.random.Generator) -> pd.DataFrame:
    """Those with less risk and more willingness take part, if offered, and complete, if they take part."""
    lean = caseload.unmeasured * who.willingness - caseload.measured * who.measured_risk
    offered = who.runs_scheme
    took_part = offered & _chosen(lean, offered, caseload.takes_part, rng)
    completed = took_part & _chosen(lean, took_part, caseload.completes, rng)
    named = {"offered": offered, "took_part": took_part, "completed": completed}
    return pd.DataFrame({name: flag.astype(int) for name, flag in named.items()})


def _chosen(lean: np.ndarray, among: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """A draw by logit, whose intercept makes the expected share among those given the one asked for."""
    draw = rng.random(len(lean))
    if not among.any() or share in (0, 1):
        return draw < share
    far = 40 + np.abs(lean).max()
    intercept = brentq(lambda level: expit(level + lean[among]).mean() - share, -far, far, xtol=1e-12)
    return draw < expit(intercept + lean)


def _days_at_risk(caseload: Caseload, days: int, n: int, rng: np.random.Generator) -> np.ndarray:
    away = rng.random(n) < caseload.away
    return days - away * rng.integers(30, YEAR, n, endpoint=True)


def _expected(caseload: Caseload, who: _Who, at_risk: list[np.ndarray], effect: np.ndarray) -> pd.DataFrame:
    """Expected offences of each person before and after entry, and the risk of a proven one after."""
    before, after = (
        who.rate * np.exp(slope * who.willingness) * days / YEAR
        for slope, days in zip((caseload.willing_before, caseload.willing_after), at_risk, strict=True)
    )
    return pd.DataFrame(
        {
            "person": who.places["person"],
            "willingness": who.willingness,
            "before": before * (1 + caseload.spell),
            "without": after,
            "with_programme": after * effect,
            "risk_without": _any_proven(caseload, after),
            "risk_with_programme": _any_proven(caseload, after * effect),
        }
    )


def _any_proven(caseload: Caseload, offences: np.ndarray) -> np.ndarray:
    """One less the chance that a negative binomial count of proven offences is 0."""
    proven = caseload.proven * offences
    if caseload.spell == 0:
        return -np.expm1(-proven)
    return -np.expm1(-np.log1p(caseload.spell * proven) / caseload.spell)


def _record(
    caseload: Caseload, expected: pd.DataFrame, at_risk: list[np.ndarray], rng: np.random.Generator
) -> pd.DataFrame:
    """What is recorded; with the programme each offence is kept, proven or not, with the same probability."""
    n, spell = len(expected), caseload.spell
    before = rng.poisson(expected["before"] / (1 + spell) * _entry_spell(spell, n, rng))
    without = expected["without"] * _gamma(spell, n, rng)
    effect = np.divide(
        expected["with_programme"], expected["without"], out=np.ones(n), where=expected["without"] > 0
    )
    rates = [without * share for share in (caseload.proven, 1 - caseload.proven)]
    # All that the effect does not touch is drawn first, so that the same seed has the same people whatever the effect.
    counts = [rng.poisson(rate) for rate in rates]
    proven, unproven = (
        rng.binomial(count, np.minimum(effect, 1)) + rng.poisson(rate * np.maximum(effect - 1, 0))
        for count, rate in zip(counts, rates, strict=True)
    )
    return pd.DataFrame(
        {
            "offences_before": before,
            "days_before": at_risk[0],
            "offences_after": (proven + unproven).astype(float),
            "days_after": at_risk[1].astype(float),
            "reoffended": (proven > 0).astype(float),
        }
    )


def _gamma(variance: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """A gamma of mean 1."""
    return rng.gamma(1 / variance, variance, n) if variance > 0 else np.ones(n)


def _entry_spell(variance: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """The same gamma among those who come in proportion to it: one more in shape, so of mean 1 + variance."""
    return rng.gamma(1 / variance + 1, variance, n) if variance > 0 else np.ones(n)


def _standard(score: np.ndarray) -> np.ndarray:
    spread = score.std()
    return (score - score.mean()) / spread if spread > 0 else np.zeros(len(score))


def _truth(part: pd.DataFrame, expected: pd.DataFrame, at_risk: list[np.ndarray]) -> PeopleTruth:
    treated = expected[part["took_part"] == 1]
    with_it, without = treated["with_programme"].sum(), treated["without"].sum()
    difference, ratio = _against(treated["risk_with_programme"].mean(), treated["risk_without"].mean())
    return PeopleTruth(
        risk_difference=difference,
        risk_ratio=ratio,
        rate_ratio=_over(with_it, without),
        prevented=float(without - with_it),
        comparisons=_comparisons(part, expected, at_risk),
        expected=expected,
    )


def _comparisons(part: pd.DataFrame, expected: pd.DataFrame, at_risk: list[np.ndarray]) -> pd.DataFrame:
    """What comparisons with no adjustment give in expectation, given who took part."""
    offered, took_part, completed = (part[name] == 1 for name in ("offered", "took_part", "completed"))
    people = expected.assign(days_before=at_risk[0], days_after=at_risk[1])
    pairs = {
        "completed against everyone else": (completed, ~completed),
        "took part against did not": (took_part, ~took_part),
        "took part against declined": (took_part, offered & ~took_part),
        "took part against not offered": (took_part, ~offered),
        "offered against not offered": (offered, ~offered),
    }
    rows = [("before and after", np.nan, np.nan, _change(people[took_part]))]
    for name, (one, other) in pairs.items():
        risks = _against(*(people.loc[side, "risk_with_programme"].mean() for side in (one, other)))
        rows.append((name, *risks, _over(_rate(people[one], "after"), _rate(people[other], "after"))))
    change = _over(_change(people[took_part]), _change(people[~offered]))
    rows.append(("change of took part against change of not offered", np.nan, np.nan, change))
    return pd.DataFrame(rows, columns=["comparison", "risk_difference", "risk_ratio", "rate_ratio"])


def _rate(people: pd.DataFrame, period: str) -> float:
    offences = {"before": "before", "after": "with_programme"}[period]
    return _over(people[offences].sum(), people[f"days_{period}"].sum())


def _change(people: pd.DataFrame) -> float:
    return _over(_rate(people, "after"), _rate(people, "before"))


def _against(one: float, other: float) -> tuple[float, float]:
    """The difference and the ratio of two risks."""
    return float(one - other), _over(one, other)


def _over(one: float, other: float) -> float:
    return float(one / other) if other > 0 else float("nan")
