"""Effects and counterfactuals on any pattern of starts, gaps, exposure, weights, covariates and clusters.

Each random panel is fitted a second time by statsmodels, with a dummy for every unit and period, on the untreated rows
alone; the treated rows that those dummies can speak for are predicted and compared; and all of it again without each
cluster.
"""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from toolkit import Panel, did

SEEDS = range(40)
NAMES = {"unit": "area", "period": "month", "outcome": "crimes", "treated_from": "start"}


def rows(seed: int) -> pd.DataFrame:
    """A panel with cohorts of one to four units, gaps, and sometimes nobody who is never treated.

    Counts are above zero, so that the Poisson fit on dummies has a maximum.
    """
    draw = np.random.default_rng(seed)
    units, periods = int(draw.integers(10, 16)), int(draw.integers(7, 11))
    never = 0 if seed % 5 == 0 else int(draw.integers(4, 6))
    starts = draw.integers(0 if seed % 3 == 0 else 3, periods, units).astype(float)  # 0: no time before
    starts[: max(never, 4)] = np.nan if never else periods - 1
    area, month = np.divmod(np.arange(units * periods), periods)
    table = pd.DataFrame({"area": area, "month": month, "start": starts[area], "team": area // 2})
    table["hours"] = draw.normal(size=len(table))
    table["people"] = draw.uniform(1, 3, len(table))
    table["w"] = draw.uniform(0.5, 2, len(table))
    level = 1.5 + 0.5 * draw.normal(size=units)[area] + 0.2 * draw.normal(size=periods)[month]
    table["crimes"] = draw.poisson(table["people"] * np.exp(level + 0.2 * table["hours"])) + 1.0
    gap = (draw.random(len(table)) < (0.15 if seed % 2 else 0.0)) & (month < periods - 1)
    return table[~gap].reset_index(drop=True)


def columns(seed: int) -> dict[str, object]:
    """Which of exposure, weights, covariates and clusters the panel names: every mixture comes up."""
    chosen: dict[str, object] = {}
    if seed % 2 == 0:
        chosen["exposure"] = "people"
    if seed // 2 % 2 == 0:
        chosen["weight"] = "w"
    if seed // 4 % 2 == 0:
        chosen["covariates"] = ["hours"]
    if seed // 8 % 2 == 0:
        chosen["cluster"] = "team"
    return chosen


def by_dummies(table: pd.DataFrame, named: dict[str, object], ratio: bool) -> pd.DataFrame:
    """The treated rows that the untreated ones can speak for, with what they would have been."""
    now = (table["month"] >= table["start"]).to_numpy()
    x = pd.get_dummies(table[["area", "month"]].astype("category"), dtype=float).to_numpy()
    if "covariates" in named:
        x = np.column_stack([x, table["hours"]])
    weight = table["w"].to_numpy() if "weight" in named else np.ones(len(table))
    per = table["people"].to_numpy() if "exposure" in named else np.ones(len(table))
    y = table["crimes"].to_numpy()
    _, size, right = np.linalg.svd(x[~now], full_matrices=False)
    base = right[size > 1e-9 * size[0]]
    spoken = np.abs(x - x @ base.T @ base).max(axis=1) < 1e-8  # rows in the span of the untreated rows
    z = x @ base.T  # as many columns as the untreated rows can tell apart
    if ratio:
        fit = sm.GLM(
            y[~now], z[~now], sm.families.Poisson(), offset=np.log(per[~now]), var_weights=weight[~now]
        )
        would_be = per * np.exp(z @ fit.fit(tol=1e-14, maxiter=200).params)
    else:
        y = y / per
        would_be = z @ sm.WLS(y[~now], z[~now], weights=weight[~now]).fit().params
    told = pd.DataFrame({"seen": y, "expected": would_be, "weight": weight, "month": table["month"]})
    return told[now & spoken]


def effect(told: pd.DataFrame, ratio: bool) -> float:
    """The log of summed observed over summed expected, or the weighted mean difference."""
    if told.empty:
        return math.nan
    seen, base = told["weight"] @ told["seen"], told["weight"] @ told["expected"]
    return math.log(seen / base) if ratio else (seen - base) / told["weight"].sum()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_effect_and_its_jackknife(seed: int, scale: str) -> None:
    table, named, ratio = rows(seed), columns(seed), scale == "ratio"
    ours = did.att(Panel.of(table, **NAMES, **named), scale=scale, inference="cluster")
    centre = effect(by_dummies(table, named, ratio), ratio)
    assert (math.log(ours.value) if ratio else ours.value) == pytest.approx(centre, rel=1e-8, abs=1e-8)
    before = table[~(table["month"] >= table["start"])]
    used = table[
        table["area"].isin(before["area"])
    ]  # areas treated throughout say nothing and are no clusters
    group = "team" if "cluster" in named else "area"
    without = [effect(by_dummies(used[used[group] != g], named, ratio), ratio) for g in used[group].unique()]
    error = math.sqrt((len(without) - 1) / len(without) * sum((w - centre) ** 2 for w in without))
    if math.isnan(error):
        assert math.isnan(ours.std_error) and math.isinf(ours.high)
    else:
        assert ours.std_error == pytest.approx(error, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_counterfactual_where_all_that_is_drawn_is_treated(seed: int, scale: str) -> None:
    """Where all treated units seen in a period are already treated, its expected value is the imputed one."""
    table, ratio = rows(seed), scale == "ratio"
    named = {name: column for name, column in columns(seed).items() if name != "weight"}
    panel = Panel.of(table, **NAMES, **named)
    answer = did.counterfactual(panel, scale=scale, inference="cluster")
    told = by_dummies(table, named, ratio)
    frame = table.assign(now=table["month"] >= table["start"])[table["start"].notna()]
    all_now = frame.groupby("month")["now"].all()
    series = answer.series.set_index("period")["expected"]
    wanted = told.groupby("month")["expected"].agg("sum" if ratio else "mean")
    chosen = [month for month in wanted.index if all_now[month]]
    assert [series[month] for month in chosen] == pytest.approx(wanted[chosen].tolist(), rel=1e-8)
    if ratio:
        saved = told["expected"].sum() - told["seen"].sum()
        assert answer.prevented.value == pytest.approx(saved, rel=1e-7, abs=1e-6)


def test_the_panels_are_of_every_kind() -> None:
    """Gaps, units with no time before, cohorts of one, nobody never treated, periods when everybody is treated."""
    found = {"gaps": 0, "no time before": 0, "a cohort of one": 0, "nobody never": 0, "all treated": 0}
    for seed in SEEDS:
        table = rows(seed)
        now = table["month"] >= table["start"]
        cohorts = table.drop_duplicates("area")["start"].value_counts()
        found["gaps"] += len(table) < table["area"].nunique() * table["month"].nunique()
        found["no time before"] += bool(now.groupby(table["area"]).all().any())
        found["a cohort of one"] += bool((cohorts == 1).any())
        found["nobody never"] += bool(table["start"].notna().all())
        found["all treated"] += bool(now.groupby(table["month"]).all().any())
    assert min(found.values()) >= 5, found
