"""The simulated diversion scheme and the tables made from it: each is what its script makes today."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scripts import load

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"


@pytest.fixture(scope="module")
def made():
    return load("data/make_drug_diversion.py")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(DATA / "drug_diversion.csv")


@pytest.fixture(scope="module")
def planted() -> pd.Series:
    return pd.read_csv(DATA / "drug_diversion_truth.csv").set_index("figure")["value"]


def test_the_file_is_the_draw_of_its_seed(made, table, planted):
    frame, truth = made.draw(made.SEED)
    drawn = frame.astype(dict.fromkeys(made.COUNTS, float))
    pd.testing.assert_frame_equal(drawn, table, check_dtype=False)
    assert made.SEED == 2026
    figures = made.figures(frame, truth)
    assert list(planted.index) == list(figures)
    # Written to six figures.
    assert np.allclose(planted, list(figures.values()), rtol=1e-5)


def test_what_was_planted(planted):
    assert planted["rate_ratio"] == 0.79
    # Smaller than what Checkpoint's trial found, and not nothing.
    assert -0.103 < planted["risk_difference"] < -0.04
    # Before and after is the effect times what a spell does by itself, times what the willing do by themselves.
    assert planted["before_after_rate_ratio"] < planted["rate_ratio"] * planted["untreated_rate_ratio"]
    assert planted["untreated_rate_ratio"] == pytest.approx(1 / 1.6)


def test_unfair_comparisons_flatter_the_scheme(planted):
    for unfair in ("completed", "declined", "not_offered"):
        assert planted[f"{unfair}_risk_difference"] < 2 * planted["risk_difference"]
    assert 0.7 < planted["change_rate_ratio"] < planted["rate_ratio"]
    assert planted["willingness_gap"] > 0.2


def test_sixteen_hundred_people_in_twelve_suites(table):
    assert len(table) == 1600
    assert table["person"].is_unique
    assert table.groupby("force")["suite"].nunique().to_dict() == {"force 1": 4, "force 2": 4, "force 3": 4}
    assert table.groupby("suite")["offered"].nunique().eq(1).all()
    assert table.groupby("force")["offered"].mean().between(0.4, 0.6).all()
    assert (table["completed"] <= table["took_part"]).all()
    assert (table["took_part"] <= table["offered"]).all()


def test_figures_of_the_draw_are_near_those_they_are_held_to(table):
    # Four standard errors of one draw.
    never = table.loc[table["offered"] == 0, "reoffended"].dropna()
    assert abs(never.mean() - 0.48) < 4 * np.sqrt(0.25 / len(never))
    offered = table.loc[table["offered"] == 1, "took_part"]
    assert abs(offered.mean() - 0.45) < 4 * np.sqrt(0.2475 / len(offered))
    risk = table.groupby("completed")["reoffended"].mean()
    size = table.groupby("completed")["reoffended"].count()
    assert abs(risk[1] - risk[0] - -0.19) < 4 * np.sqrt(0.25 / size[0] + 0.25 / size[1])


def test_those_lost_have_no_follow_up_at_all(table):
    lost = table["reoffended"].isna()
    assert lost.equals(table["offences_after"].isna())
    assert lost.equals(table["days_after"].isna())
    assert table.drop(columns=["reoffended", "offences_after", "days_after"]).notna().all().all()
    share = lost.groupby(table["took_part"]).mean()
    assert share[1] < share[0]
    followed = table[~lost]
    assert (followed.loc[followed["reoffended"] == 1, "offences_after"] > 0).all()


def test_another_seed_is_another_draw(made, table):
    other, truth = made.draw(1)
    assert not other["offences_before"].equals(table["offences_before"])
    assert truth.rate_ratio == pytest.approx(0.79)


def test_the_stored_redraws_are_what_the_methods_say_today(made, monkeypatch):
    monkeypatch.syspath_prepend(DATA)
    redraws = load("benchmarks/drug_redraws.py")
    stored = pd.read_csv(DATA / "derived" / "drug_diversion_redraws.csv")
    assert stored["seed"].nunique() == 400
    assert made.SEED not in set(stored["seed"])
    for seed in (1, 400):
        rows = stored[stored["seed"] == seed].set_index("method")
        said = {row["method"]: row for row in redraws.rows_of(seed)}
        assert set(said) == set(rows.index)
        for method, row in said.items():
            for figure in ("truth", "value", "low", "high"):
                # Stored to six decimals.
                assert rows.loc[method, figure] == pytest.approx(row[figure], abs=6e-7)
    # Both are rounded before they are compared, so an end may fall on the truth.
    assert stored["truth"].between(stored["low"], stored["high"]).eq(stored["covers"]).all()


def test_the_redraws_tell_the_story_of_the_page():
    stored = pd.read_csv(DATA / "derived" / "drug_diversion_redraws.csv")
    by_method = stored.assign(off=stored["value"] - stored["truth"]).groupby("method")
    off, error = by_method["off"].mean(), by_method["off"].std() / np.sqrt(400)
    # Unfair comparisons claim more than twice the planted 5.1 points in all; weights and pairs take most of that away.
    assert off["completers"] < off["never offered"] < off["weighted"] < -4 * error["weighted"]
    assert abs(off["weighted"] - off["matched"]) < 0.01
    # Willingness moves what comes before entry, and the offer is free of it.
    assert off["placebo"] < -4 * error["placebo"]
    assert abs(off["offer"]) < 4 * error["offer"]
    held = by_method["covers"].mean()
    assert held["completers"] < 0.05
    assert held["before and after"] < 0.05
    # 95% and four errors of 400 draws.
    assert held["offer"] > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 400)
