"""Frames spoilt in many ways: the caller's own never changes; out comes an answer or a DesignError, no less."""

import copy
import re

import numpy as np
import pandas as pd
import pytest
from made_frames import METHODS, MONTHS, NAMES, rows

from toolkit import DesignError, Panel, comparison, did, placebo

CALLS = {
    "Panel.of": lambda panel: panel,
    **METHODS,
    "frame": lambda panel: panel.frame,
    "where": lambda panel: panel.where(lambda frame: frame["unit"] != "w0"),
    "between": lambda panel: panel.between("2023-02", "2023-07"),
    "before_treatment": lambda panel: panel.before_treatment(),
    "treated_earlier": lambda panel: panel.treated_earlier(2),
    "collapse": lambda panel: panel.collapse(by=lambda ward: ward),
    "same_rule": lambda panel: comparison.same_rule(panel, first="2023-01", last="2023-03", top=20),
    "ranked": lambda panel: comparison.ranked(panel, first="2023-02", last="2023-03", measure="percent_rise"),
    "in_time": lambda panel: placebo.in_time(panel, did.att, shifts=[1]),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", ["plain", "typed"])
def test_the_callers_frame_is_never_changed(call, kind):
    frame = rows(24)
    frame.attrs = {"source": {"file": "records.csv"}}
    if kind == "typed":
        frame = frame.astype({"ward": "category", "month": "category", "began": "string", "asb": "Int64"})
        frame = frame.set_axis(frame.index % 5)
    before = copy.deepcopy(frame)
    extra = {} if call in ("collapse", "event_study", "event_study difference") else {"weight": "wt"}
    panel = Panel.of(frame, **NAMES, exposure="pop", **extra)
    ours = copy.deepcopy(panel.frame)
    CALLS[call](panel)
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == before.attrs
    pd.testing.assert_frame_equal(panel.frame, ours)


# Each spoils some rows of a good frame; together they make frames that nobody thought of.
VALUES = [None, np.nan, pd.NA, pd.NaT, np.inf, -np.inf, -1, 0, 0.5, 2, 1e300, 1e-300, 10**30, "", "x", "12", "2023-04",
          "2023-13", "2023-04-01", True, [1], {}, (1, 2), 1j, b"x", pd.Timestamp("2023-04-01 09:00"),
          pd.Timestamp("2023-04-01", tz="UTC"), pd.Timedelta(days=1), pd.Period("2023Q1"), np.datetime64("2023-04"),
          202304, 20230401, object()]  # fmt: skip
DTYPES = ["category", "string", object, str, float, "Float64", "Int64", bool, "datetime64[ns]", "complex128"]
COLUMNS = ["ward", "month", "asb", "began", "pop", "wt", "hot", "area", "now"]


def spoil_values(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    column = COLUMNS[rng.integers(len(COLUMNS))]
    hit = rng.random(len(frame)) < rng.choice([0.02, 0.5, 1.0])
    value = VALUES[rng.integers(len(VALUES))]
    mixed = [value if one else old for one, old in zip(hit, frame[column], strict=True)]
    return frame.assign(**{column: pd.Series(mixed, index=frame.index, dtype=object)})


def spoil_type(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    column, kind = COLUMNS[rng.integers(len(COLUMNS))], DTYPES[rng.integers(len(DTYPES))]
    try:
        return frame.astype({column: kind})
    except (TypeError, ValueError):
        return frame


def spoil_rows(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame[rng.random(len(frame)) < rng.choice([0.05, 0.5, 0.9])]


def spoil_order(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.sample(frac=1, replace=bool(rng.random() < 0.2), random_state=rng)


def spoil_index(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    index = [np.zeros(len(frame)), rng.permutation(len(frame)), pd.MultiIndex.from_arrays([frame.index] * 2)]
    return frame.set_axis(index[rng.integers(3)])


def spoil_starts(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    starts = {f"w{i}": rng.choice([*MONTHS, "2022-01", "2030-01"]) for i in range(6) if rng.random() < 0.6}
    return frame.assign(began=frame["ward"].astype(str).map(starts).astype(object))


def spoil_counts(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    share = rng.choice([0.0, 0.05, 0.3])
    return frame.assign(asb=np.where(rng.random(len(frame)) < share, rng.integers(1, 5, len(frame)), 0))


SPOILERS = [spoil_values, spoil_type, spoil_rows, spoil_order, spoil_index, spoil_starts, spoil_counts]


def spoilt_names(rng: np.random.Generator) -> dict:
    """Names of columns, sometimes with further ones, sometimes wrong."""
    further = {"exposure": "pop", "weight": "wt", "cluster": "area", "covariates": ["hot"]}
    names = NAMES | {role: column for role, column in further.items() if rng.random() < 0.25}
    if rng.random() < 0.2:
        names = {**names, "treated_from": None, "treated": "now"}
    if rng.random() < 0.05:
        names[rng.choice(["unit", "outcome", "exposure"])] = [None, 3, "nope", "asb", "month"][
            rng.integers(5)
        ]
    return names


def answer_or_design_error(call, odd: re.Pattern) -> bool:
    """Whether there is an answer; a DesignError is fine where its message is fit to read, and nothing else is."""
    try:
        return bool(repr(call()))
    except DesignError as error:
        message = str(error)
    assert not odd.search(message), message
    return False


@pytest.mark.parametrize("block", range(10))
def test_whatever_comes_in_an_answer_or_a_design_error_comes_out(block):
    """Frames spoilt at random, in one to three ways: no other exception and no warning, from any method."""
    odd = re.compile(r"np\.|Timestamp\(|Period\(|NaT\b|<NA>|dtype|Traceback|\n")
    answers = 0
    for seed in range(40 * block, 40 * block + 40):
        rng = np.random.default_rng(seed)
        frame = rows()
        for _ in range(rng.integers(1, 4)):
            frame = SPOILERS[rng.integers(len(SPOILERS))](frame, rng)
        names = spoilt_names(rng)
        made: list[Panel] = []
        if not answer_or_design_error(
            lambda f=frame, n=names, m=made: m.append(Panel.of(f, **n)) or m[0], odd
        ):
            continue
        for method in METHODS.values():
            answers += answer_or_design_error(lambda m=method, p=made[0]: m(p), odd)
    assert answers > 0
