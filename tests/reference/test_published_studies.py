"""Two published studies, on the copies of their data in R packages."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit import Panel, did

from .reading import expected, names

pytestmark = pytest.mark.reference
CLOSE = 1e-7


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "data" / name)


def castle(folder: Path, **columns) -> Panel:
    """R's copy of the castle doctrine data, with its own coding of `post`."""
    rows = read(folder, "real_castle.csv").assign(log_police=lambda table: np.log(table["police"]))
    columns = {"outcome": "l_homicide"} | columns
    return Panel.of(rows, unit="sid", period="year", treated="post", **columns)


def test_castle_doctrine(reference_data: Path) -> None:
    told = expected("castle.twfe")
    plain = did.two_way(castle(reference_data), scale="difference")
    weighted = did.two_way(castle(reference_data, weight="popwt"), scale="difference")
    assert (plain.value, plain.std_error) == pytest.approx((told["unw"], told["unw_se"]), rel=CLOSE)
    assert (weighted.value, weighted.std_error) == pytest.approx((told["w"], told["w_se"]), rel=CLOSE)


def test_castle_doctrine_with_covariates(reference_data: Path) -> None:
    told = expected("castle.twfe")
    panel = castle(reference_data, weight="popwt", covariates=["unemployrt", "poverty", "log_police"])
    ours = did.two_way(panel, scale="difference")
    assert (ours.value, ours.std_error) == pytest.approx((told["wx"], told["wx_se"]), rel=CLOSE)


def wages(folder: Path) -> Panel:
    """Counties and the minimum wage: log teen employment, first treated 2004, 2006 or 2007."""
    rows = read(folder, "real_mpdta.csv")
    rows["first"] = rows["first.treat"].where(rows["first.treat"] > 0)
    return Panel.of(rows, unit="countyreal", period="year", outcome="lemp", treated_from="first")


def test_minimum_wage(reference_data: Path) -> None:
    panel, told = wages(reference_data), expected("mpdta.twfe")
    two_way = did.two_way(panel, scale="difference")
    assert (two_way.value, two_way.std_error) == pytest.approx((told["twfe"], told["twfe_se"]), rel=CLOSE)
    effect = did.att(panel, scale="difference")
    assert effect.value == pytest.approx(expected("mpdta.bjs_did2s_bacon")["bjs"], rel=CLOSE)


def test_minimum_wage_by_event_time(reference_data: Path) -> None:
    told = {
        int(key[2:]): value
        for key, value in expected("mpdta.twfe").items()
        if key.startswith("sa") and key != "sa_att"
    }
    study = did.event_study(wages(reference_data), leads=4, lags=3, scale="difference")
    ours = study.effects.set_index("event_time")["estimate"]
    assert set(told) == {-4, -3, -2, 0, 1, 2, 3}
    assert [ours[e] for e in told] == pytest.approx(list(told.values()), rel=CLOSE)
    size = study.effects["n_units"].where(study.effects["event_time"] >= 0, 0).to_numpy(dtype=float)
    average = study.combine(size / size.sum(), "average")
    assert average.value == pytest.approx(expected("mpdta.twfe")["sa_att"], rel=CLOSE)


def test_minimum_wage_imputed_by_event_time(reference_data: Path) -> None:
    """The 20 counties with one year before stay in, which didimputation drops under fixest's newer defaults."""
    told = expected("mpdta.bjs_did2s_bacon")
    panel = wages(reference_data)
    study = did.event_study(panel, leads=1, lags=3, base="all_before", scale="difference")
    ours = study.effects.set_index("event_time")
    assert [ours.loc[e, "estimate"] for e in range(4)] == pytest.approx(
        [told[f"bjs_e{e}"] for e in range(4)], rel=1e-6
    )
    assert did.att(panel, scale="difference").value == pytest.approx(told["did2s"], rel=CLOSE)
    # With 191 treated counties the jackknife and the analytic errors are close.
    assert [ours.loc[e, "std_error"] for e in range(4)] == pytest.approx(
        [told[f"bjs_e{e}.se"] for e in range(4)], rel=0.12
    )


def test_castle_doctrine_burglary_and_counts_of_homicide(reference_data: Path) -> None:
    told, counts = expected("castle.twfe"), expected("castle.cdl_frac")
    burglary = did.two_way(castle(reference_data, weight="popwt", outcome="l_burglary"), scale="difference")
    assert (burglary.value, burglary.std_error) == pytest.approx((told["wb"], told["wb_se"]), rel=CLOSE)
    homicide = did.two_way(castle(reference_data, outcome="homicide_c", exposure="population"))
    assert (math.log(homicide.value), homicide.std_error) == pytest.approx(
        (counts["pois"], counts["pois_se"]), rel=CLOSE
    )


def test_values_are_copied_true(reference_data: Path) -> None:
    """Every value kept beside the tests is the one that R wrote."""
    source = json.loads((reference_data / "references.json").read_text(encoding="utf-8"))
    by_name = {record["id"]: record["values"] for record in source}
    for name in names():
        for key, value in expected(name).items():
            assert math.isclose(value, by_name[name][key], rel_tol=0), (name, key)
