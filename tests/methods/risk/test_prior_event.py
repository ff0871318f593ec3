"""The prior event rate ratio: by hand, what cancels from it, its cautions and refusals."""

import math

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, Sample, matching, risk


def rows(n=80, seed=2):
    rng = np.random.default_rng(seed)
    own = rng.gamma(2, 1, n)
    return pd.DataFrame(
        {"engaged": np.repeat([1, 0], n // 2), "age": rng.integers(16, 25, n), "before": rng.poisson(own),
         "after": rng.poisson(own), "free_before": rng.uniform(100, 365, n), "free_after": rng.uniform(100, 365, n)}
    )  # fmt: skip


def sample(frame):
    return Sample.of(
        frame,
        treated="engaged",
        covariates=["age"],
        outcomes=[c for c in frame if c not in ("engaged", "age")],
    )


def perr(given, **more):
    return risk.prior_event_rate_ratio(given, before="before", after="after", **more)


def test_it_is_the_ratio_of_two_rate_ratios():
    drawn = sample(rows())
    answer = perr(drawn)
    late, early = risk.ratio(drawn, "after"), risk.ratio(drawn, "before")
    assert answer.value == pytest.approx(late.value / early.value)


def test_its_error_is_that_of_each_persons_own_change():
    """Var(log ratio) is, by arm, that of after / mean after less before / mean before, over the number of people."""
    frame = rows()
    total = 0.0
    for _, arm in frame.groupby("engaged"):
        own = arm["after"] / arm["after"].mean() - arm["before"] / arm["before"].mean()
        total += own.var(ddof=1) / len(arm)
    assert perr(sample(frame)).std_error == pytest.approx(math.sqrt(total))


def test_with_days_it_is_a_ratio_of_totals_over_days():
    frame = rows()
    totals = frame.groupby("engaged").sum()
    rate = {when: totals[when] / totals[f"free_{when}"] for when in ("before", "after")}
    want = (rate["after"][1] / rate["after"][0]) / (rate["before"][1] / rate["before"][0])
    assert perr(sample(frame), exposure=("free_before", "free_after")).value == pytest.approx(want)


def test_a_readiness_that_multiplies_both_counts_cancels():
    frame = rows()
    busy = frame.assign(
        **{when: frame[when] * np.where(frame["engaged"] == 1, 3, 1) for when in ("before", "after")}
    )
    one, other = perr(sample(frame)), perr(sample(busy))
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


@pytest.mark.parametrize("prepare", [matching.nearest, matching.weights])
def test_it_takes_matched_and_weighted_people(prepare):
    answer = perr(prepare(sample(rows())), **({"draws": 20} if prepare is matching.weights else {}))
    assert 0 < answer.low < answer.value < answer.high
    assert answer.compared_with == "expected from the comparison people's own change"


def test_it_says_what_it_assumes_and_few_events():
    frame = rows()
    assert any("bad spell just before" in said for said in perr(sample(frame)).cautions)
    frame.loc[frame["engaged"] == 1, "before"] = 0
    frame.loc[:2, "before"] = 2
    assert "before is above zero for only 3 of 40 treated people." in perr(sample(frame)).cautions


def test_refusals():
    frame = rows()
    with pytest.raises(DesignError, match=r"^'before' is zero for every one of the comparison people"):
        perr(sample(frame.assign(before=frame["before"] * frame["engaged"])))
    with pytest.raises(DesignError, match=r"^after is -1 for one person"):
        perr(sample(frame.assign(after=frame["after"].where(frame.index > 0, -1))))
    locked = sample(frame.assign(free_after=frame["free_after"].where(frame.index > 0, 0)))
    with pytest.raises(DesignError, match=r"^free_after is 0 for one person"):
        perr(locked, exposure=("free_before", "free_after"))
    with pytest.raises(DesignError, match=r"must be two names of columns"):
        perr(sample(frame), exposure="free_after")
    with pytest.raises(DesignError, match=r"has no outcome 'earlier'"):
        risk.prior_event_rate_ratio(sample(frame), before="earlier", after="after")
    with pytest.raises(DesignError, match=r"^This takes a Sample"):
        perr(frame)
