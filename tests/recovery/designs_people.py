"""Outcomes of people, unmatched, matched and weighted: measured reasons decide who is treated, the truth is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
from recovery.coverage import EXACT, Design, Draw, drawn
from scipy.special import expit

from toolkit import DesignError, Sample, matching, risk
from toolkit.estimate import Estimate

Prepare = Callable[[Sample], Sample]
Ask = Callable[[Sample, str], Estimate]
MEASURED = ("age", "priors", "risk", "employed")
GAP, FACTOR = -0.08, 0.8
DECIDES, MATTERS = np.array([0.35, 0.25, -0.15, 0.2]), np.array([0.6, 0.5, 0.4, 0.3])
nearest = partial(matching.nearest, caliper=0.2)
again = partial(matching.nearest, replace=True)
entropy = partial(matching.weights, kind="entropy")


def separate(seed: int, sizes: tuple[int, int], shares: tuple[float, float]) -> Sample:
    """Two groups of people, as in a trial, and how many of each have the event."""
    rng = np.random.default_rng(seed)
    parts = [rng.random(n) < share for n, share in zip(sizes, shares, strict=True)]
    arm = np.repeat([1, 0], sizes)
    frame = pd.DataFrame({"treated": arm, "event": np.concatenate(parts).astype(int)})
    return Sample.of(frame, treated="treated", outcomes=["event"])


def drawn_separate(seed: int, *, sizes: tuple[int, int], shares: tuple[float, float], ratio: bool) -> Draw:
    method, truth = (risk.ratio, shares[0] / shares[1]) if ratio else (risk.difference, shares[0] - shares[1])
    return drawn(method(separate(seed, sizes, shares), "event", randomised=True), truth)


def drawn_counts(seed: int, *, sizes: tuple[int, int], ratio: bool) -> Draw:
    """Skewed counts: people's rates differ as a gamma of shape 0.7, so that most have none."""
    rng = np.random.default_rng(seed)
    arm = np.repeat([1, 0], sizes)
    rate = rng.gamma(0.7, 1 / 0.7, len(arm)) * np.where(arm == 1, FACTOR, 1.0)
    frame = pd.DataFrame({"treated": arm, "count": rng.poisson(rate)})
    method, truth = (risk.ratio, FACTOR) if ratio else (risk.difference, FACTOR - 1)
    return drawn(method(Sample.of(frame, treated="treated", outcomes=["count"]), "count"), truth)


def chosen(seed: int, n: int, effect: str) -> tuple[pd.DataFrame, np.ndarray]:
    """People whose measured lives decide both whether they are treated and what becomes of them, and their own gaps."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=(n, 3)), rng.random(n) < 0.5])
    treated = rng.random(n) < expit(-1.1 + x @ DECIDES)
    level = 0.15 + 0.5 * expit(x @ MATTERS - 0.15)
    gap = {"gap": GAP, "factor": (FACTOR - 1) * level, "own": GAP * 2 * expit(x[:, 0])}[effect] * np.ones(n)
    chance = level + treated * gap
    scale = rng.gamma(1.5, 1 / 1.5, n)
    frame = pd.DataFrame(x, columns=list(MEASURED)).assign(
        treated=treated.astype(int),
        event=(rng.random(n) < chance).astype(int),
        count=rng.poisson(3 * chance * scale),
    )
    return frame, gap


@cache
def truth_of(effect: str, outcome: str, ratio: bool) -> float:
    """The truth among the treated: what was planted, or its mean over a million people where it differs by person."""
    if ratio:
        return FACTOR
    if effect == "gap":
        return GAP * (3 if outcome == "count" else 1)
    frame, gap = chosen(0, 1_000_000, effect)
    return float(gap[frame["treated"] == 1].mean())


def drawn_adjusted(seed: int, *, n: int, effect: str, prepare: Prepare | None = None) -> Draw:
    """Adjust people who were not chosen by chance, as they came or in pairs, by a regression of the wrong shape."""
    frame, _ = chosen(seed, n, effect)
    sample = Sample.of(frame, treated="treated", covariates=MEASURED, outcomes=["event"])
    scale = "ratio" if effect == "factor" else "difference"
    answer = risk.adjusted(prepare(sample) if prepare else sample, "event", scale=scale)
    return drawn(answer, truth_of(effect, "event", effect == "factor"))


def drawn_chosen(
    seed: int, *, n: int, prepare: Prepare, outcome: str = "event", effect: str = "gap", **options: Any
) -> Draw:
    """Match or weight people who were not chosen by chance, then compare them."""
    frame, _ = chosen(seed, n, effect)
    sample = Sample.of(frame, treated="treated", covariates=MEASURED, outcomes=["event", "count"])
    method = risk.ratio if effect == "factor" else risk.difference
    answer = method(prepare(sample), outcome, **options)
    return drawn(answer, truth_of(effect, outcome, effect == "factor"))


def drawn_rare(seed: int, *, n: int, share: float, ask: Ask, prepare: Prepare | None = None) -> Draw:
    """Compare people, not chosen by chance, few of whom have the event and for whom treatment changes nothing."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=(n, 3)), rng.random(n) < 0.5])
    treated = rng.random(n) < expit(-1.1 + x @ DECIDES)
    level = share * 2 * expit(x @ MATTERS - 0.15)
    frame = pd.DataFrame(x, columns=list(MEASURED)).assign(treated=treated, event=rng.random(n) < level)
    sample = Sample.of(frame.astype(float), treated="treated", covariates=MEASURED, outcomes=["event"])
    try:
        answer = ask(prepare(sample) if prepare else sample, "event")
    except DesignError:  # a regression without an answer: the draw's place is taken by another
        return drawn_rare(seed + 10_000_000, n=n, share=share, ask=ask, prepare=prepare)
    return drawn(answer, answer.null)


def drawn_rates(seed: int, *, n: int, prepare: Prepare | None = None, days: bool = False) -> Draw:
    """Counts before and after of people of whom the treated are, for reasons nobody measured, half as busy again."""
    rng = np.random.default_rng(seed)
    frame, _ = chosen(seed, n, "gap")
    treated = frame["treated"] == 1
    own = rng.gamma(1.5, 1 / 1.5, n) * np.where(treated, 1.5, 1.0) * np.exp(0.2 * frame["risk"])
    free = rng.uniform(120, 365, (n, 2)) if days else np.full((n, 2), 365.0)
    before, after = (
        rng.poisson(own * factor * at / 365)
        for factor, at in ((1.2, free[:, 0]), (np.where(treated, 0.72, 0.9), free[:, 1]))
    )
    frame = frame.assign(before=before, after=after, free_before=free[:, 0], free_after=free[:, 1])
    named = ["before", "after", "free_before", "free_after"]
    sample = Sample.of(frame, treated="treated", covariates=MEASURED, outcomes=named)
    exposure = ("free_before", "free_after") if days else None
    sample = prepare(sample) if prepare else sample
    return drawn(
        risk.prior_event_rate_ratio(sample, before="before", after="after", exposure=exposure), FACTOR
    )


SEPARATE = [
    ((40, 40), (0.15, 0.25)),
    ((30, 80), (0.3, 0.2)),
    ((100, 100), (0.35, 0.48)),
    ((200, 800), (0.05, 0.05)),
]
FEW = ((30, 30), (0.05, 0.05))
NOTE = "1.5 events are expected in each group: with so few the interval is wider than it need be"
BOOT = {"draws": 99}


def words(sizes: tuple[int, int], shares: tuple[float, float]) -> str:
    return f"{sizes[0]} treated, {sizes[1]} others; {shares[0]:.0%} against {shares[1]:.0%}"


def people(method: str, name: str, *, seeds: int = 2000, quick: int = 60, **options: Any) -> Design:
    """A design in which people are matched or weighted first; a ratio where the effect is a factor."""
    return Design(f"risk.{method}", name, partial(drawn_chosen, **options), draws=seeds, quick=quick)


def weighted(method: str, name: str, prepare: Prepare, *, seeds: int = 1500, **options: Any) -> Design:
    """The same with a bootstrap, which is slow: fewer draws of the data, and of the bootstrap in each."""
    return people(method, name, n=300, prepare=prepare, **BOOT, seeds=seeds, quick=8, **options)


def rare(method: str, n: int, share: float, prepare: Prepare | None, **options: Any) -> Design:
    """A design in which few have the event, and treatment changes nothing."""
    told = {name: options.pop(name) for name in ("required", "note") if name in options}
    asked = method.split(",", maxsplit=1)[0].removeprefix("risk.")
    draw = partial(
        drawn_rare, n=n, share=share, ask=partial(getattr(risk, asked), **options), prepare=prepare
    )
    return Design(method, f"{n} people, {share:.0%} have the event", draw, draws=1500, quick=20, **told)


ANSWERED = "of draws whose regression has an answer; the others are refused, and drawn again"
WIDE = "about 2 events are expected among the treated: with so few the interval is wider than it need be"
FOUND_RARE = ((350, 0.05), (240, 0.03))
TWO = (("difference", False), ("ratio", True))
RATES = "risk.prior_event_rate_ratio"
DIFFER = "300 people, yes/no, effects that differ"
COUNTS = {"outcome": "count", "effect": "factor"}
BIG = {"seeds": 1000, "quick": 40}
DESIGNS = [
    *(
        Design(
            f"risk.{name}",
            words(*case),
            partial(drawn_separate, sizes=case[0], shares=case[1], ratio=ratio),
            draws=2000,
        )
        for name, ratio in TWO
        for case in SEPARATE
    ),
    Design(
        "risk.difference",
        words(*FEW),
        partial(drawn_separate, sizes=FEW[0], shares=FEW[1], ratio=False),
        EXACT,
        draws=2000,
        note=NOTE,
    ),
    *(
        Design(
            f"risk.{name}, counts",
            f"{m} treated, {n} others",
            partial(drawn_counts, sizes=(m, n), ratio=ratio),
            draws=2000,
        )
        for name, ratio in TWO
        for m, n in ((30, 80), (400, 800))
    ),
    people("difference, pairs", "400 people, yes/no", n=400, prepare=nearest),
    people("difference, pairs", "1,200 people, yes/no", n=1200, prepare=nearest, **BIG),
    people("ratio, pairs", "400 people, yes/no", n=400, prepare=nearest, effect="factor"),
    people("difference, pairs", "400 people, counts", n=400, prepare=nearest, outcome="count"),
    people("ratio, pairs", "400 people, counts", n=400, prepare=nearest, **COUNTS),
    people(
        "difference, two for one", "800 people, yes/no", n=800, prepare=partial(nearest, ratio=2), seeds=1000
    ),
    people("difference, with replacement", "400 people, yes/no", n=400, prepare=again),
    people("difference, with replacement", "1,200 people, yes/no", n=1200, prepare=again, **BIG),
    people("ratio, with replacement", "400 people, counts", n=400, prepare=again, **COUNTS),
    weighted("difference, propensity weights", DIFFER, matching.weights, effect="own"),
    weighted("ratio, propensity weights", "300 people, counts", matching.weights, seeds=1000, **COUNTS),
    weighted("difference, entropy weights", DIFFER, entropy, effect="own"),
    Design("risk.adjusted", DIFFER, partial(drawn_adjusted, n=300, effect="own"), draws=2000, quick=60),
    Design(
        "risk.adjusted, ratio",
        "400 people, yes/no",
        partial(drawn_adjusted, n=400, effect="factor"),
        draws=2000,
        quick=60,
    ),
    Design(
        "risk.adjusted, pairs",
        "400 people, yes/no",
        partial(drawn_adjusted, n=400, effect="gap", prepare=nearest),
        draws=2000,
        quick=60,
    ),
    *(rare("risk.difference, propensity weights", *case, matching.weights, **BOOT) for case in FOUND_RARE),
    rare("risk.ratio, propensity weights", *FOUND_RARE[0], matching.weights, **BOOT),
    *(rare("risk.difference, two for one", *case, partial(nearest, ratio=2)) for case in FOUND_RARE),
    rare("risk.difference, with replacement", *FOUND_RARE[0], again),
    rare("risk.difference, with replacement", *FOUND_RARE[1], again, required=EXACT, note=WIDE),
    *(rare("risk.difference, pairs", *case, nearest) for case in FOUND_RARE),
    rare("risk.adjusted", *FOUND_RARE[0], None, note=ANSWERED),
    Design(RATES, "150 people, unmeasured readiness", partial(drawn_rates, n=150), draws=2000, quick=100),
    Design(
        RATES,
        "800 people, unmeasured readiness, unequal days",
        partial(drawn_rates, n=800, days=True),
        draws=1000,
        quick=60,
    ),
    Design(
        f"{RATES}, pairs",
        "400 people, unmeasured readiness",
        partial(drawn_rates, n=400, prepare=nearest),
        draws=2000,
        quick=60,
    ),
]
