"""Every coverage design: a quick run agrees with what is required, and the full run that is kept meets it."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from recovery import coverage

DESIGNS = [(topic, design) for topic, designs in coverage.topics().items() for design in designs]
KEYS = [f"{topic}: {design.key}" for topic, design in DESIGNS]


@pytest.mark.parametrize(("topic", "design"), DESIGNS, ids=KEYS)
def test_a_quick_run_agrees_with_what_is_required(topic: str, design: coverage.Design) -> None:
    low, high = design.required
    # Seeds beyond those of the full run, so that the two are independent.
    share = coverage.row(design, design.quick, first=1_000_000)["coverage"]
    below, above = (3.5 * math.sqrt(max(end * (1 - end), 0.0) / design.quick) for end in (low, high))
    assert low - below <= share <= min(high + above, 1.0), f"covered {share:.1%} of {design.quick}"


@pytest.mark.parametrize(("topic", "design"), DESIGNS, ids=KEYS)
def test_the_full_run_that_is_kept_meets_what_is_required(topic: str, design: coverage.Design) -> None:
    table = pd.read_csv(coverage.table_of(topic))
    kept = table[(table["method"] == design.method) & (table["design"] == design.name)]
    assert len(kept) == 1, f"run `make recovery` for {topic}, and keep its table"
    row = kept.iloc[0]
    assert row["draws"] == design.draws and row["level"] == design.level
    assert (row["required_low"], row["required_high"]) == design.required
    assert design.required[0] <= row["coverage"] <= design.required[1], f"covered {row['coverage']:.2%}"


@pytest.mark.parametrize("topic", coverage.topics())
def test_no_row_is_kept_of_a_design_that_is_gone(topic: str) -> None:
    table = pd.read_csv(coverage.table_of(topic))
    assert list(zip(table["method"], table["design"], strict=True)) == [
        (design.method, design.name) for design in coverage.topics()[topic]
    ]
