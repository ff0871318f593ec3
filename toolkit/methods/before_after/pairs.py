"""Two measurements of the same people, checked and made into pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from toolkit.numerics import ties
from toolkit.validate import (
    DesignError,
    and_more,
    counted,
    finite_numbers,
    kind,
    quoted,
    shown,
)


@dataclass(frozen=True)
class Pairs:
    """Complete pairs in the order given, what each side is called, where each pair is, and what limits the claim."""

    before: np.ndarray
    after: np.ndarray
    names: tuple[str, str]
    where: pd.Series
    cautions: tuple[str, ...] = ()

    @property
    def changes(self) -> np.ndarray:
        """After less before."""
        return self.after - self.before

    @property
    def grain(self) -> float:
        """What changes may differ by from rounding alone: in themselves, or as what is left of larger numbers."""
        return ties.grain_of(self.before, self.after)

    @property
    def ranked(self) -> np.ndarray:
        """The changes with equal steps equal, and no change zero, whatever decimals made of them."""
        return ties.settled(self.changes, self.grain)

    def __len__(self) -> int:
        return len(self.before)


def pairs_of(before: Any, after: Any, least: int = 2) -> Pairs:
    """Check that the two belong together, and leave out pairs with a side missing, with a caution.

    Raises
    ------
    DesignError
        Not two columns of numbers, unequal lengths, two Series with different indexes, an infinite number,
        or fewer than ``least`` complete pairs.
    """
    first, second = _column(before, "before"), _column(after, "after")
    _together(before, after, len(first), len(second))
    names = _names(first, second)
    where = _where(before, after, len(first))
    complete = (first.notna().to_numpy()) & (second.notna().to_numpy())
    if complete.sum() < least:
        raise DesignError(
            f"{counted(int(complete.sum()), 'complete pair')} of {len(first)}: a change needs at least {least}. "
            "Check that before and after are filled in for the same people."
        )
    sides = [
        finite_numbers(side[complete], name, where[complete])
        for side, name in zip((first, second), names, strict=True)
    ]
    return Pairs(sides[0], sides[1], names, where[complete], _left_out(complete))


def require_binary(pairs: Pairs) -> None:
    """Raise unless every number is 0 or 1."""
    for numbers, name in zip((pairs.before, pairs.after), pairs.names, strict=True):
        bad = np.flatnonzero((numbers != 0) & (numbers != 1))
        if len(bad):
            raise DesignError(
                f"{name} is {shown(numbers[bad[0]])} at {pairs.where.iloc[bad[0]]}{and_more(len(bad), 'pair')}. "
                "kind='binary' takes 1 for yes and 0 for no: recode it, or use kind='mean' or 'rank'."
            )


def require_spread(pairs: Pairs) -> None:
    """Raise where every change is the same, so that nothing says how much changes vary."""
    changes = pairs.changes
    largest = max(np.abs(pairs.before).max(), np.abs(pairs.after).max())
    if np.ptp(changes) <= 1e-12 * largest:
        raise DesignError(
            f"Every change from {pairs.names[0]} to {pairs.names[1]} is {shown(float(changes[0]))}, in all "
            f"{counted(len(pairs), 'pair')}: without any spread there is no interval. Check that the columns are two "
            "measurements and not one copied or recoded."
        )


def few(pairs: Pairs) -> tuple[str, ...]:
    """A caution where there are fewer than ten pairs."""
    if len(pairs) >= 10:
        return ()
    return (f"Only {counted(len(pairs), 'pair')}: too few to see what the changes look like.",)


def few_changed(changed: int) -> tuple[str, ...]:
    """A caution where fewer than ten went from no to yes or back."""
    return () if changed >= 10 else (f"Only {counted(changed, 'pair')} changed at all.",)


def _column(values: Any, name: str) -> pd.Series:
    """One column, whatever it came as."""
    if isinstance(values, pd.Series):
        return values.reset_index(drop=True)
    listlike = isinstance(values, (list, tuple, np.ndarray, pd.Index, pd.api.extensions.ExtensionArray))
    if not listlike or np.ndim(values) != 1:
        raise DesignError(
            f"{name} must be one column of numbers, such as people['{name}'] or a list, not {_told(values)}."
        )
    return pd.Series(values, dtype=object if isinstance(values, (list, tuple)) and not len(values) else None)


def _told(values: Any) -> str:
    if isinstance(values, (np.ndarray, pd.DataFrame)):
        return f"{kind(values)} of {values.ndim} dimensions"
    return f"{kind(values)} ({quoted(values)})" if isinstance(values, (str, int, float)) else kind(values)


def _together(before: Any, after: Any, first: int, second: int) -> None:
    """Raise unless the n-th of one belongs to the n-th of the other."""
    if first != second:
        raise DesignError(
            f"before has {first:,} values and after {second:,}, so they are not pairs. Give one of each for every "
            "person, in the same order, with a missing value where somebody was not asked."
        )
    if not (isinstance(before, pd.Series) and isinstance(after, pd.Series)):
        return
    rows = enumerate(zip(before.index, after.index, strict=True))
    place = next((i for i, (one, other) in rows if not _same(one, other)), None)
    if place is not None:
        raise DesignError(
            f"before and after are Series with different indexes: row {place + 1} is {quoted(before.index[place])} "
            f"in one and {quoted(after.index[place])} in the other. Line them up by person, for example with "
            "after.reindex(before.index), or pass before.to_numpy() and after.to_numpy() if the rows match as they are."
        )


def _same(one: Any, other: Any) -> bool:
    """Are two labels the same? One moment told in two time zones is, and so are two that are missing."""
    missing = [pd.api.types.is_scalar(label) and bool(pd.isna(label)) for label in (one, other)]
    return all(missing) if any(missing) else bool(one == other)


def _names(first: pd.Series, second: pd.Series) -> tuple[str, str]:
    """The names of the two columns where they have any and they differ."""
    if isinstance(first.name, str) and isinstance(second.name, str) and first.name != second.name:
        return first.name, second.name
    return "before", "after"


def _where(before: Any, after: Any, rows: int) -> pd.Series:
    """Where each pair is: its label in a Series, or its place."""
    series = before if isinstance(before, pd.Series) else after
    if not isinstance(series, pd.Series):
        return pd.Series([f"pair {place + 1}" for place in range(rows)], dtype=object)
    return pd.Series([f"row {shown(label)}" for label in series.index], dtype=object)


def _left_out(complete: np.ndarray) -> tuple[str, ...]:
    gone = int((~complete).sum())
    if not gone:
        return ()
    return (
        f"{gone:,} of {counted(len(complete), 'pair')} left out because one side is missing: those who were not asked "
        "again may have fared otherwise.",
    )
