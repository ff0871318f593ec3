"""The columns of people that Sample.of reads, each checked, and covariates as columns of numbers."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from toolkit.panel_checks import check_spelling, zero_or_one
from toolkit.validate import (
    DesignError,
    and_more,
    counted,
    finite_numbers,
    kind,
    listed,
    not_negative,
    quoted,
    shown,
)

# Names that Sample.frame uses itself.
RESERVED = ("treated", "weight", "match_id")
_DATES = "{name} holds dates: turn them into numbers, such as years of age, first."
_MANY_LEVELS = 10  # a category with more levels than this, and than half the people, looks like a name


@dataclass(frozen=True, eq=False)
class Columns:
    """Covariates as numbers: one column for a number, one 0/1 column for each level of a category.

    Attributes
    ----------
    matrix : (people, columns) float array
    covariates, levels : tuple of str
        The covariate each column belongs to, and its level ("" for a number).
    binary : (columns,) bool array
        Whether a column holds only 0 and 1.
    first : (columns,) bool array
        Whether a column is the first level of its category: the one that a regression with a constant leaves out.
    """

    matrix: np.ndarray
    covariates: tuple[str, ...]
    levels: tuple[str, ...]
    binary: np.ndarray
    first: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """``age``, or ``force: Durham`` for a level of a category."""
        pairs = zip(self.covariates, self.levels, strict=True)
        return tuple(f"{name}: {level}" if level else name for name, level in pairs)

    def take(self, rows: np.ndarray) -> Columns:
        """The same columns for the people at these positions."""
        return Columns(self.matrix[rows], self.covariates, self.levels, self.binary, self.first)

    def __repr__(self) -> str:
        return f"Columns of {counted(len(self.matrix), 'row')}: {listed(self.names)}"


def column_of(data: pd.DataFrame, name: str) -> pd.Series:
    """A column, a sparse one written out in full."""
    column = data[name]
    return column.astype(column.dtype.subtype) if isinstance(column.dtype, pd.SparseDtype) else column


def names_of(given: Any, keyword: str) -> tuple[str, ...]:
    """One name or several as a tuple, each once."""
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Iterable):
        raise DesignError(f"{keyword}={shown(given)} must be a list of column names.")
    names = tuple(given)
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise DesignError(f"{shown(twice[0])} is named twice in {keyword}=.")
    return names


def check_roles(
    labels: Mapping[str, str], covariates: Sequence[str], outcomes: Sequence[str], after: Sequence[str]
) -> None:
    """Raise where one column has two roles, or a covariate was measured when the programme could have changed it."""
    if labels.get("weight") == labels["treated"]:
        raise DesignError(f"{labels['treated']!r} is named as treated and as weight. Name a column for each.")
    for name in [*covariates, *outcomes]:
        if name in labels.values():
            word = "a covariate" if name in covariates else "an outcome"
            role = "treated" if name == labels["treated"] else "weight"
            raise DesignError(f"{name!r} is named as {word} and as {role}. Name each column once.")
        if name in RESERVED and name in covariates:
            raise DesignError(
                f"A covariate may not be called {name!r}, which the Sample uses itself: rename the column."
            )
    for name in covariates:
        if name in outcomes:
            raise DesignError(
                f"{name!r} is named as a covariate and as an outcome. People matched on the outcome would show no "
                "effect of anything: leave it out of covariates=."
            )
        if name in after:
            raise DesignError(
                f"{name!r} is named as a covariate, and measured_after= says that it was measured after treatment "
                "began. The programme may have changed it, and matching on it would match part of the effect away: "
                "leave it out of covariates=."
            )


def treated_column(column: pd.Series, name: str, where: Any) -> np.ndarray:
    """Who was treated, as a bool array; raise unless the column is 0/1 throughout and has both."""
    now = zero_or_one(column, name, where, "For a dose, choose the amount that counts as treated.")
    if not now.any():
        raise DesignError(f"Nobody is treated: {name!r} is 0 in every row.")
    if now.all():
        raise DesignError(
            f"Everybody is treated: {name!r} is 1 in every row, so there is nobody to compare with. Add people who "
            "were not treated."
        )
    return now


def weight_column(column: pd.Series | None, name: str, where: Any, treated: np.ndarray) -> np.ndarray:
    """One weight for each person, 1 where none is given, and not all zero in either arm."""
    if column is None:
        return np.ones(len(treated))
    numbers = finite_numbers(column, name, where)
    not_negative(numbers, name, where, "A weight is zero or more.")
    for arm, words in ((treated, "treated"), (~treated, "comparison")):
        if not numbers[arm].any():
            raise DesignError(f"{name} is zero for every {words} person, so none would count.")
    return numbers


def covariate_column(column: pd.Series, name: str, where: Any) -> pd.Series:
    """A covariate as numbers, or as a category; raise where it is missing or neither."""
    blank = column.astype(object).map(lambda value: isinstance(value, str) and not value.strip())
    missing = column.isna().to_numpy() | blank.to_numpy(dtype=bool)
    if missing.any():
        first = int(np.flatnonzero(missing)[0])
        raise DesignError(
            f"{name} is missing at {where.iloc[first]}{and_more(int(missing.sum()), 'row')}. Fill it in from the "
            "source, drop those people, or, for a category, give missing a level of its own."
        )
    types = pd.api.types
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        raise DesignError(_DATES.format(name=name))
    if types.is_object_dtype(column.dtype):
        _check_objects(column, name, where)
    numbers = column.map(lambda value: isinstance(value, (Real, Decimal, np.bool_))).all()
    if types.is_string_dtype(column.dtype) and not numbers:
        return _category(column, name)
    return pd.Series(finite_numbers(column, name, where), index=column.index)


def _check_objects(column: pd.Series, name: str, where: Any) -> None:
    """Raise at the first value that is a date, or is not one thing: a list, a dict, a table."""
    if column.map(lambda value: isinstance(value, (datetime.date, datetime.timedelta))).any():
        raise DesignError(_DATES.format(name=name))
    several = column.map(lambda value: isinstance(value, Iterable) and not isinstance(value, (str, bytes)))
    if several.any():
        first = int(np.flatnonzero(several)[0])
        raise DesignError(
            f"{name} is {kind(column.iloc[first])} at {where.iloc[first]}{and_more(int(several.sum()), 'row')}: a "
            "covariate is one number or one category for each person. Make a column for each thing it holds."
        )


def _category(column: pd.Series, name: str) -> pd.Series:
    """Text as a category; raise where it holds numbers, or a name for nearly everybody."""
    text = column.astype(str)
    if pd.to_numeric(text, errors="coerce").notna().all():
        raise DesignError(
            f"{name} holds numbers written as text, such as {quoted(text.iloc[0])}. Use pd.to_numeric(data[{name!r}]), "
            f"or data[{name!r}].astype('category') if they are labels."
        )
    levels = text.nunique()
    if levels > max(_MANY_LEVELS, len(text) / 2):
        raise DesignError(
            f"{name} has {levels:,} different values for {counted(len(text), 'row')}, such as {quoted(text.iloc[0])}: "
            "that is a name, not a category. Leave it out of covariates=, or group its values."
        )
    check_spelling(text, name)
    return text.astype("category")


def outcome_column(column: pd.Series, name: str, where: Any) -> np.ndarray:
    """An outcome as floats, NaN where it is missing; raise where it is not a number."""
    known = column.notna().to_numpy()
    values = np.full(len(column), np.nan)
    at = pd.Series(np.flatnonzero(known)).map(lambda i: where.iloc[i])
    values[known] = finite_numbers(column[known], name, at) if known.any() else values[known]
    return values


def as_columns(frame: pd.DataFrame, covariates: Sequence[str]) -> Columns:
    """The covariates as numbers, each level of a category in a column of its own."""
    parts: list[tuple[np.ndarray, str, str, bool]] = []
    for name in covariates:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy()
            levels = column.cat.categories
            parts += [
                ((codes == i).astype(float), name, shown(level), i == 0) for i, level in enumerate(levels)
            ]
        else:
            parts.append((column.to_numpy(dtype=float), name, "", False))
    matrix = np.column_stack([part[0] for part in parts]) if parts else np.empty((len(frame), 0))
    binary = ((matrix == 0) | (matrix == 1)).all(axis=0)
    owners, levels_of = tuple(part[1] for part in parts), tuple(part[2] for part in parts)
    return Columns(matrix, owners, levels_of, binary, np.array([part[3] for part in parts], dtype=bool))


class RowNames:
    """``row 17`` for each row, by the caller's index, made only when a message asks for it."""

    def __init__(self, index: pd.Index) -> None:
        self._index = index

    @property
    def iloc(self) -> RowNames:
        """Itself, so that it can stand in for a Series of descriptions."""
        return self

    def __getitem__(self, i: int) -> str:
        return f"row {shown(self._index[i])}"
