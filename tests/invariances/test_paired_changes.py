"""The same people twice: what leaves the change alone, what turns it round, and what multiplies it."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from toolkit import before_after
from toolkit.estimate import Estimate

KINDS: dict[str, Callable[..., Estimate]] = {
    "t": before_after.paired,
    "bootstrap": partial(before_after.paired, interval="bootstrap"),
    "ranks": partial(before_after.paired, kind="rank"),
}
BINARY = {
    "exact": partial(before_after.paired, kind="binary"),
    "mid-p": partial(before_after.paired, kind="binary", mid_p=True),
}
SIZES = {kind: partial(before_after.effect_sizes, kind=kind) for kind in ("mean", "rank")}


def people(n: int = 40, seed: int = 0) -> pd.DataFrame:
    """Scores in halves, which floating point holds exactly, with ties, zeros and a skew."""
    rng = np.random.default_rng(seed)
    before = np.round(2 * rng.normal(20, 4, n)) / 2
    return pd.DataFrame({"before": before, "after": before + np.round(2 * rng.exponential(2, n) - 2) / 2})


def asked(n: int = 40, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"before": rng.random(n) < 0.5, "after": rng.random(n) < 0.3}).astype(int)


def numbers(answer: Estimate) -> np.ndarray:
    return np.array([answer.value, answer.low, answer.high, answer.std_error, answer.p_value])


@pytest.mark.parametrize("n", [9, 40, 70])
@pytest.mark.parametrize("name", [*KINDS, *BINARY])
def test_the_order_of_people_leaves_no_trace(name: str, n: int) -> None:
    table = people(n) if name in KINDS else asked(n)
    mixed = table.sample(frac=1, random_state=3)
    method = (KINDS | BINARY)[name]
    assert np.array_equal(
        numbers(method(table["before"], table["after"])),
        numbers(method(mixed["before"], mixed["after"])),
        equal_nan=True,
    )


@pytest.mark.parametrize("n", [9, 40, 70])
@pytest.mark.parametrize("name", [*KINDS, *BINARY])
def test_swapping_before_and_after_negates(name: str, n: int) -> None:
    table = people(n) if name in KINDS else asked(n)
    method = (KINDS | BINARY)[name]
    value, low, high, error, p_value = numbers(method(table["before"], table["after"]))
    there = numbers(method(table["after"], table["before"]))
    assert there[0] == -value
    assert np.allclose(there, [-value, -high, -low, error, p_value], rtol=1e-12, atol=1e-14, equal_nan=True)


@pytest.mark.parametrize("name", KINDS)
def test_a_constant_on_both_sides_leaves_it(name: str) -> None:
    table = people()
    first, moved = (KINDS[name](table["before"] + by, table["after"] + by) for by in (0, 1024))
    assert np.array_equal(numbers(first), numbers(moved), equal_nan=True)


@pytest.mark.parametrize("name", KINDS)
def test_a_constant_added_to_after_moves_the_change_by_it(name: str) -> None:
    table = people()
    first, moved = (KINDS[name](table["before"], table["after"] + by) for by in (0, 16))
    assert numbers(moved)[:3] == pytest.approx(numbers(first)[:3] + 16, rel=1e-12)


@pytest.mark.parametrize("name", KINDS)
def test_multiplying_multiplies(name: str) -> None:
    table = people()
    value, low, high, error, p_value = numbers(KINDS[name](table["before"], table["after"]))
    times = numbers(KINDS[name](3 * table["before"], 3 * table["after"]))
    assert times == pytest.approx([3 * value, 3 * low, 3 * high, 3 * error, p_value], rel=1e-9, nan_ok=True)


SCORES = {
    "eight people": ([5, 1, 5, 5, 1, 2, 3, 4], [4, 0, 2, 0, 5, 1, 2, 5]),
    "eight more": ([0, 1, 1, 0, 3, 2, 1, 3], [4, 5, 5, 5, 4, 5, 2, 1]),
    "sixty": (np.arange(60) % 6, (np.arange(60) * 7 % 11) % 6),
}


def by_rank(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The typical change, its ends and p-value, and the rank-biserial with its ends."""
    answer = before_after.paired(before, after, kind="rank")
    (size,) = before_after.effect_sizes(before, after, kind="rank").to_dict("records")
    return np.array(
        [answer.value, answer.low, answer.high, answer.p_value, size["value"], size["low"], size["high"]]
    )


@pytest.mark.parametrize("n_people", SCORES)
@pytest.mark.parametrize(
    ("by", "plus"), [(0.1, 0), (1e-3, 0), (1, 0.1), (0.1, 0.7), (1 / 3, 0), (1, 1e6 + 0.1)]
)
def test_ranks_do_not_mind_decimals(n_people: str, by: float, plus: float) -> None:
    """Whole scores and the same in tenths or moved by one: ties and zeros are the same, whatever rounding makes."""
    before, after = (np.array(side, dtype=float) for side in SCORES[n_people])
    whole, moved = by_rank(before, after), by_rank(before * by + plus, after * by + plus)
    moved[:3] /= by
    assert moved == pytest.approx(whole, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("kind", SIZES)
def test_effect_sizes_have_no_unit_no_origin_and_no_order(kind: str) -> None:
    table = people()
    names = ["value", "low", "high"]
    first = SIZES[kind](table["before"], table["after"])[names].to_numpy()
    mixed = table.sample(frac=1, random_state=3)
    for before, after in (
        (5 * table["before"] + 64, 5 * table["after"] + 64),
        (mixed["before"], mixed["after"]),
    ):
        assert SIZES[kind](before, after)[names].to_numpy() == pytest.approx(first, rel=1e-7)
    turned = SIZES[kind](table["after"], table["before"])[names].to_numpy()
    assert turned == pytest.approx(-first[:, [0, 2, 1]], rel=1e-9)


def test_yes_and_no_may_be_swapped() -> None:
    """The change in the proportion of no is the opposite, and so is its interval."""
    table = asked()
    yes, no = (
        before_after.paired(*(part[name] for name in table), kind="binary") for part in (table, 1 - table)
    )
    assert numbers(no) == pytest.approx(
        [-yes.value, -yes.high, -yes.low, yes.std_error, yes.p_value], abs=1e-12
    )
