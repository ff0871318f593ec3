"""The decomposition of the two-way regression against R's bacondecomp."""

import re
from pathlib import Path

import pandas as pd
import pytest

from toolkit import Panel, did

from .reading import expected, staggered_panel


def agree(rows: pd.DataFrame, name: str) -> None:
    """Every pair that R has and no other, each with R's estimate and weight."""
    told = expected(name)
    other = rows["comparison_cohort"].replace("never treated", "Inf").astype(str)
    keys = rows["cohort"].astype(str) + "v" + other
    assert set(keys) == {key[2:] for key in told if re.fullmatch(r"w\.\d+v(\d+|Inf)", key)}
    assert rows["estimate"].to_numpy() == pytest.approx([told[f"e.{key}"] for key in keys], rel=1e-10)
    assert rows["weight"].to_numpy() == pytest.approx([told[f"w.{key}"] for key in keys], rel=1e-10)
    total = told["sum"] if "sum" in told else told["bacon_sum"]
    assert (rows["estimate"] * rows["weight"]).sum() == pytest.approx(total, rel=1e-10)


def test_four_cohorts_of_areas() -> None:
    agree(did.bacon(staggered_panel("b", "rate")), "b.bacon")


def test_four_cohorts_of_areas_by_kind() -> None:
    """R's words for the kinds: treated against untreated, earlier against later, later against earlier."""
    told = expected("b.bacon")
    kinds = did.bacon(staggered_panel("b", "rate"), by="comparison")
    names = ["TreatedvsUntreated", "EarliervsLaterTreated", "LatervsEarlierTreated"]
    assert kinds["comparison"].tolist() == ["never_treated", "not_yet_treated", "already_treated"]
    assert kinds["estimate"].to_numpy() == pytest.approx([told[f"est.{name}"] for name in names], rel=1e-10)
    assert kinds["weight"].to_numpy() == pytest.approx([told[f"w.{name}"] for name in names], rel=1e-10)
    assert kinds["n_pairs"].sum() == told["n"]


@pytest.mark.reference
def test_castle_doctrine(reference_data: Path) -> None:
    rows = pd.read_csv(reference_data / "data" / "real_castle.csv")
    agree(
        did.bacon(Panel.of(rows, unit="sid", period="year", treated="post", outcome="l_homicide")),
        "castle.bacon",
    )


@pytest.mark.reference
def test_minimum_wage(reference_data: Path) -> None:
    rows = pd.read_csv(reference_data / "data" / "real_mpdta.csv")
    rows["first"] = rows["first.treat"].where(rows["first.treat"] > 0)
    names = {"unit": "countyreal", "period": "year", "treated_from": "first", "outcome": "lemp"}
    agree(did.bacon(Panel.of(rows, **names)), "mpdta.bjs_did2s_bacon")
