"""The expected values with the calls that made them, and the panels that R read."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toolkit import Panel

HERE = Path(__file__).resolve().parent


@cache
def _records() -> dict[str, dict[str, Any]]:
    files = sorted(HERE.glob("values*.json"))
    records = [record for file in files for record in json.loads(file.read_text(encoding="utf-8"))]
    return {record["id"]: record for record in records}


def expected(name: str) -> dict[str, float]:
    """The values that R gave, by the name of the call in values*.json."""
    return _records()[name]["values"]


def names() -> list[str]:
    """Every result in values*.json that was computed for these tests; one with a `source` was published there."""
    return [name for name, record in _records().items() if "source" not in record]


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / "data" / name)


def staggered(which: str) -> pd.DataFrame:
    """Panel b (balanced), or c (the same areas with gaps)."""
    table = _table("b_panel_staggered.csv")
    table = table if which == "b" else table[table["in_c"] == 1]
    return table.assign(
        cohort=table["cohort"].where(table["cohort"] > 0), log_hours=np.log(table["patrol_hours"])
    )


def staggered_panel(which: str, outcome: str, **columns: Any) -> Panel:
    """The panel with the columns named."""
    names = {"unit": "area_id", "period": "month", "treated_from": "cohort"}
    return Panel.of(staggered(which), outcome=outcome, **names, **columns)


def areas() -> pd.DataFrame:
    """Ten treated and fourteen control areas, before (0) and after (1); rates are per 1,000 people and year."""
    table = _table("a_areas_2x2.csv")
    years = table["months"] / 12
    return table.assign(
        treated_from=np.where(table["treated"] == 1, 1.0, np.nan),
        rate=1000 * table["count"] / table["population"] / years,
        reach=table["population"] * years / 1000,
    )


def areas_panel(outcome: str, **columns: Any) -> Panel:
    """The areas as a panel."""
    names = {"unit": "area_id", "period": "post", "treated_from": "treated_from"}
    return Panel.of(areas(), outcome=outcome, **names, **columns)


def people() -> pd.DataFrame:
    """800 people, 366 of them treated, with the change in their offences as a column."""
    table = _table("e_individuals.csv")
    return table.assign(change=table["post_offences"] - table["pre_offences"])


def schools_panel(outcome: str, **columns: Any) -> Panel:
    """Twelve schools by six terms, five of them treated from term 4."""
    names = {"unit": "school", "period": "term", "treated": "d"}
    return Panel.of(_table("k_few_clusters.csv"), outcome=outcome, **names, **columns)


def households() -> pd.DataFrame:
    """140 households asked twice: victim (0 or 1), fear (0 to 10), wellbeing."""
    return _table("i_paired.csv")
