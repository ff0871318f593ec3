"""The simulated navigators and the tables made from them: each is what its script makes today."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scripts import load

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"


@pytest.fixture(scope="module")
def made():
    return load("data/make_vru_navigators.py")


@pytest.fixture(scope="module")
def drawn(made):
    return made.draw(made.SEED)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(DATA / "vru_navigators.csv")


@pytest.fixture(scope="module")
def planted() -> pd.Series:
    return pd.read_csv(DATA / "vru_navigators_truth.csv").set_index("figure")["value"]


def test_the_file_is_the_draw_of_its_seed(made, drawn, table, planted):
    frame, truth = drawn
    pd.testing.assert_frame_equal(frame, table, check_dtype=False)
    assert planted["seed"] == made.SEED == 2026
    # Written to six figures.
    steady = frame[frame["hospital"] != truth.hospital]
    old_form = frame[(frame["hospital"] != truth.hospital) | (frame["month"] < truth.form_from)]
    assert planted["rate_ratio"] == pytest.approx(truth.over(frame), abs=6e-7)
    assert planted["rate_ratio_first_year"] == pytest.approx(truth.over(made.first_year(frame)), abs=6e-7)
    assert planted["rate_ratio_left_out"] == pytest.approx(truth.over(steady), abs=6e-7)
    assert planted["rate_ratio_months_before"] == pytest.approx(truth.over(old_form), abs=6e-7)
    assert planted["prevented"] == pytest.approx(truth.prevented_in(frame), abs=0.051)
    assert planted["prevented_left_out"] == pytest.approx(truth.prevented_in(steady), abs=0.051)
    assert truth.hospital == f"hospital {planted['form_hospital']:02.0f}"


def test_24_hospitals_by_72_months_and_eight_in_four_waves(table):
    assert len(table) == 24 * 72
    assert not table.duplicated(["hospital", "month"]).any()
    hospitals = table.groupby("hospital").agg(kind=("kind", "first"), began=("navigators_from", "first"))
    assert hospitals["kind"].value_counts().to_dict() == {"city": 12, "town": 12}
    assert hospitals["began"].value_counts().to_dict() == dict.fromkeys(
        ("2021-04", "2021-10", "2022-04", "2022-10"), 2
    )
    assert (hospitals.loc[hospitals["began"].notna(), "kind"] == "city").all()
    assert (table["assaults"] + table["cause_unknown"] < table["attendances"]).all()


def test_the_effect_grows_by_equal_steps_to_15_per_cent_in_twelve_months(made, drawn):
    frame, truth = drawn
    cells = frame.merge(truth.expected, on=["hospital", "month"])
    ratio = cells["with_programme"] / cells["without"]
    began = pd.PeriodIndex(cells["navigators_from"], freq="M")
    time = pd.PeriodIndex(cells["month"], freq="M").astype("int64") - began.astype("int64")
    treated = np.asarray(began.notna() & (time >= 0))
    steps = np.minimum(np.asarray(time)[treated] + 1, 12)
    assert np.allclose(ratio[treated], 1 - 0.15 * steps / 12)
    assert np.allclose(ratio[~treated], 1)


def test_the_ratio_over_rows_is_that_of_their_sums(drawn):
    frame, truth = drawn
    # Each of the eight has at least 18 months: 12 that grow (0.91875 on average) and the rest at 0.85.
    first = truth.over(frame[frame["month"] < "2021-07"])
    assert first == pytest.approx(1 - 0.15 * 2 / 12, abs=2e-3)
    assert 0.85 < truth.over(frame) < 0.91875


def test_calibrated_to_glasgow_royal(made):
    # 301 of 6,098 and 263 of 7,236 in 30 days. Sizes are log-normal with a spread of 0.25 about the median.
    assert made.ATTENDANCES["city"] == 6667
    assert made.SHARE["city"] == pytest.approx(564 / 13334)
    sizes, shares = [], []
    for seed in range(40):
        frame, _ = made.draw(seed)
        before = frame[(frame["kind"] == "city") & (frame["month"] < "2020-03")]
        hospitals = before.groupby("hospital")[["assaults", "attendances"]].sum()
        sizes.append(np.log(hospitals["attendances"] / 23).mean())
        shares.append(np.log(hospitals["assaults"] / hospitals["attendances"]).mean())
    # Four standard errors. Attendances have grown by 2% a year for about a year in these months. Drift and scatter
    # have a mean of one and not a log of nothing, which takes a thousandth or two off the second.
    error = 4 / np.sqrt(40 * 12)
    assert np.mean(sizes) == pytest.approx(np.log(6667) + 0.02 * 11 / 12, abs=error * 0.25)
    assert np.mean(shares) == pytest.approx(np.log(564 / 13334), abs=error * np.hypot(0.15, 0.07))


def test_the_form_changes_one_hospital_and_nothing_else(made):
    changed, truth = made.draw(1)
    unchanged, same = made.draw(1, form=False)
    assert truth.hospital == same.hospital
    differ = changed["assaults"] != unchanged["assaults"]
    on_form = (changed["hospital"] == truth.hospital) & (changed["month"] >= truth.form_from)
    assert differ.equals(on_form)
    # What is recorded as assault is no longer recorded without a cause.
    columns = ["assaults", "cause_unknown"]
    assert changed[columns].sum(axis=1).equals(unchanged[columns].sum(axis=1))
    gained = changed.loc[on_form, "assaults"].sum() / unchanged.loc[on_form, "assaults"].sum()
    assert gained == pytest.approx(0.95 / 0.70, abs=0.02)
    others = changed.drop(columns=columns).equals(unchanged.drop(columns=columns))
    assert others


def test_lockdown_takes_more_from_assaults_than_from_attendances(made):
    totals = 0
    for seed in range(10):
        frame, _ = made.draw(seed)
        totals = totals + frame.groupby("month")[["assaults", "attendances"]].sum()
    # The same months a year before, with attendances up by 2%.
    spring = totals.loc["2020-04":"2020-06"].sum() / totals.loc["2019-04":"2019-06"].sum()
    assert spring["attendances"] == pytest.approx(0.65 * 1.02, rel=0.02)
    assert spring["assaults"] == pytest.approx(0.65 * 0.65 * 1.02, rel=0.06)


def test_the_stored_redraws_are_what_the_methods_say_today(made, monkeypatch):
    monkeypatch.syspath_prepend(DATA)
    redraws = load("benchmarks/vru_redraws.py")
    stored = pd.read_csv(DATA / "derived" / "vru_navigators_redraws.csv")
    assert stored["seed"].nunique() == 200
    assert made.SEED not in set(stored["seed"])
    for seed in (1, 200):
        rows = stored[stored["seed"] == seed].set_index("method")
        said = {row["method"]: row for row in redraws.rows_of(seed)}
        assert set(said) == set(rows.index)
        for method, row in said.items():
            for figure in ("truth", "value", "low", "high", "found"):
                # Stored to six decimals.
                assert rows.loc[method, figure] == pytest.approx(row[figure], abs=6e-7)
    # Both are rounded before they are compared, so an end may fall on the truth.
    assert stored["truth"].between(stored["low"], stored["high"]).eq(stored["covers"]).all()


def test_the_redraws_tell_the_story_of_the_page():
    stored = pd.read_csv(DATA / "derived" / "vru_navigators_redraws.csv")
    by_method = stored.assign(off=stored["value"] - stored["truth"]).groupby("method")
    off, error = by_method["off"].mean(), by_method["off"].std() / np.sqrt(200)
    held = by_method["covers"].mean()
    # One hospital's form hides part of the fall; without that hospital, or with its months before, nothing is left.
    assert off["imputation"] > 0.02
    assert off["imputation"] > off["imputation, unchanged"] + 4 * error["imputation"]
    for honest in ("left out", "months before", "imputation, unchanged"):
        assert abs(off[honest]) < 4 * error[honest]
        assert held[honest] > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 200)
    # The effect grows, so the usual regression says too little of it, and its interval is too narrow.
    paired = stored.pivot(index="seed", columns="method", values="value")
    gap = paired["two-way, unchanged"] - paired["imputation, unchanged"]
    assert gap.mean() > 4 * gap.std() / np.sqrt(200)
    assert held["two-way, unchanged"] < 0.95 - 4 * np.sqrt(0.95 * 0.05 / 200)
    # After the lockdown, before and after says rise where there was a fall.
    assert (paired["before and after"] > 1).mean() > 0.8
    # The rule finds the hospital and no other, and placebos find nothing more often than they may.
    assert stored.groupby("seed")["found"].first().mean() > 0.98
    assert (held[[name for name in held.index if name.startswith("placebo")]] > 0.92).all()
