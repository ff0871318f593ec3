"""The user's columns read under our names, each checked, and when each unit was first treated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit import periods as calendar
from toolkit.panel_checks import (
    check_first_treated,
    check_keys,
    check_labels,
    check_outcome,
    check_spelling,
    check_weight,
    constant_in_unit,
    first_treated_of,
    one_type,
    row_names,
)
from toolkit.validate import DesignError, counted, finite_numbers, positive


def columns(
    data: pd.DataFrame, labels: dict[str, str], covariates: Sequence[str], freq: str | None
) -> pd.DataFrame:
    """Our names over the user's columns, each checked."""
    units = data[labels["unit"]]
    if units.isna().any():
        raise DesignError(
            f"{labels['unit']} is missing in {counted(int(units.isna().sum()), 'row')}. Name it or drop them."
        )
    check_labels(units, labels["unit"])
    index = calendar.parse(data[labels["period"]], labels["period"], freq and calendar.frequency(freq))
    if freq and not isinstance(index, pd.PeriodIndex):
        raise DesignError(f"freq={freq!r} is for dates, and {labels['period']} holds integers: leave it out.")
    if pd.isna(index).any():
        raise DesignError(
            f"{labels['period']} is missing in {counted(int(np.sum(pd.isna(index))), 'row')}. Drop or date them."
        )
    frame = pd.DataFrame(
        {"unit": units.to_numpy(), "period": pd.Series(index, index=data.index)}, index=data.index
    )
    frame["unit"] = one_type(frame["unit"])
    check_spelling(frame["unit"], labels["unit"])
    check_keys(frame, labels)
    return _numbers(frame, data, labels, covariates)


def _numbers(
    frame: pd.DataFrame, data: pd.DataFrame, labels: dict[str, str], covariates: Sequence[str]
) -> pd.DataFrame:
    """The columns that hold numbers, and the cluster, each checked row by row."""
    where = row_names(frame, labels)
    frame["outcome"] = check_outcome(data[labels["outcome"]], labels["outcome"], where)
    if "exposure" in labels:
        frame["exposure"] = finite_numbers(data[labels["exposure"]], labels["exposure"], where)
        positive(frame["exposure"].to_numpy(), labels["exposure"], where)
    if "weight" in labels:
        frame["weight"] = check_weight(data[labels["weight"]], labels["weight"], where)
    if "cluster" in labels:
        check_labels(data[labels["cluster"]], labels["cluster"])
        frame["cluster"] = data[labels["cluster"]].to_numpy()
        constant_in_unit(frame, "cluster", labels)
    for name in covariates:
        frame[name] = finite_numbers(data[name], name, where)
    return frame


def timing_of(
    data: pd.DataFrame, frame: pd.DataFrame, timing: dict[str, str], labels: dict[str, str]
) -> pd.Series:
    """Each row's first treated period, of the periods' own type; missing is never."""
    like = pd.Index(frame["period"])
    if "treated" in timing:
        return first_treated_of(frame.assign(now=data[timing["treated"]]), timing["treated"], labels)
    if "treated_from" not in timing:
        nothing = pd.Series([None] * len(frame), dtype=object)
        return pd.Series(calendar.match(nothing, "", like), index=frame.index)
    name = timing["treated_from"]
    try:
        starts = pd.Series(calendar.match(_blank_is_missing(data[name]), name, like), index=frame.index)
    except DesignError as error:
        never = f"Leave it missing (None or blank) where a {labels['unit']} was never treated."
        raise DesignError(f"{error} {never}") from error
    check_first_treated(frame.assign(treated_from=starts), name, labels)
    return starts


def _blank_is_missing(values: pd.Series) -> pd.Series:
    """Text without a word in it, as a spreadsheet leaves it, as missing."""
    if not pd.api.types.is_string_dtype(values.dtype) and values.dtype != object:
        return values
    if isinstance(values.dtype, pd.StringDtype) and not any(map(_blank, values.unique())):
        return values
    return values.mask(values.map(_blank).astype(bool))


def _blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def with_event_time(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with who is ever treated, treated now, and periods since treatment began."""
    order = calendar.ordinals(pd.Index(frame["period"]))
    start = calendar.ordinals(pd.Index(frame["treated_from"]))
    event_time = pd.array(
        np.where(np.isfinite(start), order - np.where(np.isfinite(start), start, 0), 0), dtype="Int64"
    )
    event_time[~np.isfinite(start)] = pd.NA
    return frame.assign(ever_treated=np.isfinite(start), treated_now=order >= start, event_time=event_time)
