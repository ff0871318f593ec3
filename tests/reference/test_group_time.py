"""Group-time effects beside R's did and DRDID: every estimate and every analytic standard error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, Panel, did, staggered
from toolkit.estimate import EventStudy, GroupTime

from .reading import expected, people, staggered_panel

CASTLE = Path(__file__).parents[2] / "data" / "castle.csv"
OVERALL = {"simple": "cells", "group": "cohorts", "dynamic": "event_times", "calendar": "periods"}
ROWS = {"group": "cohort", "dynamic": "event_time", "calendar": "period"}
WAYS = {"none": "none", "lpop.dr": "doubly_robust", "lpop.ipw": "weighting", "lpop.reg": "regression"}
WHO = {"never": "never_treated", "notyet": "not_yet_treated"}
MPDTA = [
    "mpdta.cs.never.none", "mpdta.cs.never.lpop.dr", "mpdta.cs.never.lpop.ipw", "mpdta.cs.never.lpop.reg",
    "mpdta.cs.notyet.none", "mpdta.cs.notyet.lpop.dr", "mpdta.cs.notyet.lpop.reg",
]  # fmt: skip


def told_by(cells: GroupTime) -> dict[str, float]:
    """Our numbers by the names that the R values have."""
    found = {}
    for name, average_of in OVERALL.items():
        overall = staggered.aggregate(cells, average_of=average_of)
        found |= {f"{name}.att": overall.value, f"{name}.se": overall.std_error}
    for name, by in ROWS.items():
        answer = staggered.aggregate(cells, by=by)
        table = answer.effects if isinstance(answer, EventStudy) else answer
        for row in table.to_dict("records"):
            found |= {f"{name}.e{row[by]}.b": row["estimate"], f"{name}.e{row[by]}.se": row["std_error"]}
    for row in cells.effects.to_dict("records"):
        cell = f"g{row['cohort']}.t{row['period']}"
        found |= {f"{cell}.att": row["estimate"], f"{cell}.se": row["std_error"]}
    return found


def agrees(cells: GroupTime, values: dict[str, float], rel: float = 1e-6, absolute: float = 1e-9) -> int:
    """Every value that R gave, but for its Wald test; how many there were."""
    ours, values = told_by(cells), {k: v for k, v in values.items() if not k.startswith("wald")}
    assert set(values) <= set(ours)
    assert [ours[name] for name in values] == pytest.approx(list(values.values()), rel=rel, abs=absolute)
    return len(values)


def mpdta(folder: Path, **columns: Any) -> Panel:
    """County teen employment and the minimum wage (Callaway and Sant'Anna 2021)."""
    table = pd.read_csv(folder / "data" / "real_mpdta.csv")
    table["first"] = table["first.treat"].where(table["first.treat"] > 0)
    return Panel.of(table, unit="countyreal", period="year", outcome="lemp", treated_from="first", **columns)


@pytest.mark.reference
@pytest.mark.parametrize("name", MPDTA)
def test_mpdta(name: str, reference_data: Path) -> None:
    who, how = name.removeprefix("mpdta.cs.").split(".", 1)
    columns = {} if how == "none" else {"covariates": ["lpop"]}
    cells = staggered.att_gt(
        mpdta(reference_data, **columns), comparison=WHO[who], adjust=WAYS[how], inference="analytic"
    )
    assert agrees(cells, expected(name)) == 60


@pytest.mark.reference
def test_mpdta_without_a_keyword(reference_data: Path) -> None:
    cells, told = staggered.att_gt(mpdta(reference_data)), expected("mpdta.cs.never.none")
    assert staggered.aggregate(cells).value == pytest.approx(told["simple.att"], rel=1e-9)
    for row in cells.effects.to_dict("records"):
        assert row["estimate"] == pytest.approx(told[f"g{row['cohort']}.t{row['period']}.att"], rel=1e-9)


@pytest.mark.reference
def test_mpdta_by_the_multiplier_bootstrap(reference_data: Path) -> None:
    """R's default; its errors are those of the formulas but for the draws (3% with 1,999)."""
    cells = staggered.att_gt(mpdta(reference_data), inference="multiplier")
    told = expected("mpdta.cs.never.none")
    errors = [told[f"g{row.cohort}.t{row.period}.se"] for row in cells.effects.itertuples()]
    np.testing.assert_allclose(cells.effects["std_error"], errors, rtol=0.08)


@pytest.mark.parametrize("who", WHO)
def test_months_by_areas(who: str) -> None:
    cells = staggered.att_gt(staggered_panel("b", "rate"), comparison=WHO[who], inference="analytic")
    assert agrees(cells, expected(f"b.cs.{who}")) == 218


def castle(**columns: Any) -> Panel:
    """Log homicide rates; R called states treated from the year in which the law came, a year before `post` does."""
    table = pd.read_csv(CASTLE)
    table["rate"] = np.log(1e5 * table["homicide"] / table["population"])
    return Panel.of(
        table, unit="state", period="year", outcome="rate", treated="post", **columns
    ).treated_earlier(1)


def test_castle_doctrine_laws() -> None:
    """R read log rates rounded to 7 digits."""
    told = {name: value for name, value in expected("castle.cs").items() if not name.startswith("w.")}
    cells = staggered.att_gt(castle(), inference="analytic")
    assert agrees(cells, told, absolute=1.5e-7) == 158


def test_castle_doctrine_laws_weighted_by_population() -> None:
    told = {n.removeprefix("w."): value for n, value in expected("castle.cs").items() if n.startswith("w.")}
    cells = staggered.att_gt(castle(weight="popwt"), inference="analytic")
    assert agrees(cells, told, absolute=1.5e-7) == 58


def offences(covariates: list[str]) -> Panel:
    """People before and after: one cohort, two periods."""
    table = people()
    rows = [
        table.assign(offences=table[f"{when}_offences"], post=i) for i, when in enumerate(("pre", "post"))
    ]
    frame = pd.concat(rows, ignore_index=True).assign(
        began=lambda t: np.where(t["treated"] == 1, 1.0, np.nan)
    )
    return Panel.of(
        frame, unit="id", period="post", outcome="offences", treated_from="began", covariates=covariates
    )


@pytest.mark.parametrize(
    ("adjust", "record", "att", "error"),
    [
        ("doubly_robust", "e.drdid.trad", "att", "se"),
        ("regression", "e.drdid.others", "or", "or_se"),
        ("weighting", "e.drdid.others", "ipw_std", "ipw_std_se"),
        ("none", "e.drdid.others", "none", "none_se"),
    ],
)
def test_people_by_drdid(adjust: str, record: str, att: str, error: str) -> None:
    panel = offences([] if adjust == "none" else ["risk", "priors", "age", "male"])
    cell = staggered.att_gt(panel, adjust=adjust, inference="analytic").effects.iloc[0]
    told = expected(record)
    assert cell["estimate"] == pytest.approx(told[att], rel=1e-6)
    assert cell["std_error"] == pytest.approx(told[error], rel=1e-6)


def test_where_every_area_has_a_gap_dropping_them_as_r_does_leaves_nothing() -> None:
    told, panel = expected("c.cs.unbal_false"), staggered_panel("c", "rate")
    assert told["n_complete"] == 0 and told["failed"] == 1

    def complete(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby("unit")["period"].transform("size") == len(panel.periods)

    with pytest.raises(DesignError, match="No rows are left"):
        panel.where(complete)
    overall = staggered.aggregate(staggered.att_gt(panel))
    assert any(said.startswith("40 units of 40 have gaps") for said in overall.cautions)
    balanced = staggered.aggregate(staggered.att_gt(staggered_panel("b", "rate")))
    assert overall.value == pytest.approx(balanced.value, abs=0.2 * balanced.std_error)


def test_sun_and_abrahams_att_is_the_average_by_cells() -> None:
    """With never-treated comparison and a balanced panel (R's sunab, by observations treated)."""
    cells = staggered.att_gt(staggered_panel("b", "rate"))
    assert staggered.aggregate(cells).value == pytest.approx(expected("b.sunab.ols")["att"], rel=1e-7)
    study = did.event_study(staggered_panel("b", "rate"), leads=1, lags=35, scale="difference")
    ours = staggered.aggregate(cells, by="event_time", first=0).effects["estimate"]
    np.testing.assert_allclose(ours, study.effects["estimate"][1:], rtol=1e-7)
