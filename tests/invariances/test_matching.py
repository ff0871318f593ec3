"""Matches and weights do not depend on the order of rows, on names, or on the units of a covariate."""

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import Sample, balance, matching

MATCHES = {
    "greedy": {},
    "caliper": {"caliper": 0.2, "ratio": 2},
    "optimal": {"how": "optimal"},
    "optimal, caliper": {"how": "optimal", "caliper": 0.2},
    "replacement": {"replace": True, "ratio": 2},
    "mahalanobis": {"distance": "mahalanobis"},
    "mahalanobis, optimal, exact": {"distance": "mahalanobis", "how": "optimal", "exact": ["force"]},
    "probability": {"distance": "probability", "caliper": 0.3},
}
WEIGHTS = {
    f"{estimand} {kind}": {"estimand": estimand, "kind": kind}
    for estimand in ("ATT", "ATE")
    for kind in ("propensity", "entropy")
}


def frame() -> pd.DataFrame:
    """People with some twins: ages in whole decades for half of them."""
    table = people(240, willing=0.8)
    table.loc[::2, "age"] = (table.loc[::2, "age"] // 10) * 10
    return table


def matches(table: pd.DataFrame, way: str, **names) -> set[tuple]:
    """Pairs by row label."""
    made = matching.nearest(Sample.of(table, **(NAMES | names)), **MATCHES[way])
    labels = table.index.to_numpy()
    return {(labels[one], labels[other]) for one, other in made.matches.pairs}


def weights(table: pd.DataFrame, way: str, **names) -> pd.Series:
    return matching.weights(Sample.of(table, **(NAMES | names)), **WEIGHTS[way]).frame["weight"].sort_index()


@pytest.mark.parametrize("way", MATCHES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_row_order_leaves_the_matches(way, seed):
    assert matches(frame().sample(frac=1, random_state=seed), way) == matches(frame(), way)


@pytest.mark.parametrize("way", WEIGHTS)
def test_row_order_leaves_the_weights(way):
    shuffled = frame().sample(frac=1, random_state=4)
    assert weights(shuffled, way).to_numpy() == pytest.approx(weights(frame(), way).to_numpy(), rel=1e-8)


@pytest.mark.parametrize("way", MATCHES)
def test_names_of_columns_and_levels_leave_the_matches(way):
    renamed = frame().rename(columns={"age": "years", "priors": "a", "force": "z", "diverted": "d"})
    renamed["z"] = renamed["z"].map({"Avon": "x3", "Durham": "x1", "Kent": "x2"})
    names = {"treated": "d", "covariates": ["years", "a", "z"]}
    told = {key: (["z"] if key == "exact" else value) for key, value in MATCHES[way].items()}
    made = matching.nearest(Sample.of(renamed, **(NAMES | names)), **told)
    labels = renamed.index.to_numpy()
    assert {(labels[one], labels[other]) for one, other in made.matches.pairs} == matches(frame(), way)


@pytest.mark.parametrize("way", MATCHES)
def test_the_order_of_covariates_leaves_the_matches(way):
    table = people(240, willing=0.8)  # without twins: which of two twins serves is for the labels to say
    assert matches(table, way, covariates=["force", "priors", "age"]) == matches(table, way)


@pytest.mark.parametrize("way", MATCHES)
def test_units_leave_the_matches(way):
    """Months for years, and a constant more: scores and Mahalanobis distances are the same."""
    months = frame().assign(age=lambda f: 12 * f["age"] + 7, priors=lambda f: f["priors"] - 100)
    assert matches(months, way) == matches(frame(), way)


@pytest.mark.parametrize("way", WEIGHTS)
def test_units_leave_the_weights(way):
    months = frame().assign(age=lambda f: 12 * f["age"] + 7, priors=lambda f: f["priors"] * -0.01)
    assert weights(months, way).to_numpy() == pytest.approx(weights(frame(), way).to_numpy(), rel=1e-7)


def test_units_leave_the_balance():
    one, other = (
        balance.table(Sample.of(table, **NAMES)).iloc[:, 4:].to_numpy(dtype=float)
        for table in (frame(), frame().assign(age=lambda f: 12 * f["age"] + 7))
    )
    assert other == pytest.approx(one, nan_ok=True)


def test_swapping_arms_turns_the_differences_round():
    """Told in standard deviations of the other arm, so only the sign and the means are the same."""
    table = frame()
    one = balance.table(Sample.of(table, **NAMES))
    other = balance.table(Sample.of(table.assign(diverted=1 - table["diverted"]), **NAMES))
    assert (
        np.sign(other["standardised_difference_before"]) == -np.sign(one["standardised_difference_before"])
    ).all()
    assert other["mean_treated_before"].tolist() == pytest.approx(one["mean_comparison_before"].tolist())
    ratio = one["variance_ratio_before"] * other["variance_ratio_before"]
    assert ratio.dropna().tolist() == pytest.approx([1, 1])
