"""Panel: outcomes of units over periods, and when each was first treated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from toolkit import periods as calendar
from toolkit.grid import Grid, grid_of
from toolkit.panel_checks import as_names, check_roles, coarser, quiet_rows_missing
from toolkit.panel_columns import columns, timing_of, with_event_time
from toolkit.validate import DesignError, counted, listed, noun, require_columns, shown, whole

_ALWAYS = ("unit", "period", "outcome")
_NAMES = (*_ALWAYS, "exposure", "weight", "cluster")


@dataclass(frozen=True, eq=False)
class Panel:
    """Outcomes of units over periods; a Panel that exists is a good panel.

    Make one with :meth:`Panel.of`. It is frozen: ``where``, ``between``, ``before_treatment`` and
    ``treated_earlier`` give new Panels, and the caller's data are never changed.

    Attributes
    ----------
    labels : dict
        Our word for each column to the user's own: ``{"unit": "ward", ...}``.
    covariates : tuple of str
        The user's covariate columns.
    cautions : tuple of str
        What limits any claim made from this panel; methods pass them on.
    met_rule : bool
        Whether ``comparison.same_rule`` made it, so that its units all met one selection rule.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Panel
    >>> rows = pd.DataFrame({"ward": ["Bede", "Bede", "Dean", "Dean"], "asb": [9, 4, 7, 8],
    ...                      "month": ["2023-04", "2023-05"] * 2, "patrols_from": ["2023-05"] * 2 + [None] * 2})
    >>> panel = Panel.of(rows, unit="ward", period="month", outcome="asb", treated_from="patrols_from")
    >>> panel
    Panel of 2 wards by 2 months (2023-04 to 2023-05): 1 treated, 1 never treated; balanced
    >>> panel.cohorts
    {Period('2023-05', 'M'): ('Bede',)}
    """

    _frame: pd.DataFrame
    labels: dict[str, str]
    covariates: tuple[str, ...] = ()
    cautions: tuple[str, ...] = field(default=())
    met_rule: bool = False

    @classmethod
    def of(
        cls,
        data: pd.DataFrame,
        *,
        unit: str,
        period: str,
        outcome: str,
        treated_from: str | None = None,
        treated: str | None = None,
        exposure: str | None = None,
        weight: str | None = None,
        covariates: Sequence[str] = (),
        cluster: str | None = None,
        freq: str | None = None,
    ) -> Panel:
        """Name the columns once, and check them once.

        Parameters
        ----------
        data : DataFrame
            Long: one row per unit and period. Gaps stay gaps; they are never filled with zeros.
        unit, period, outcome : str
            Columns. Periods are text such as 2023-04, datetimes, pandas Periods, or plain integers.
            A count is whole and not negative; other outcomes may be any finite number.
        treated_from : str, optional
            Column with each unit's first treated period; missing means never treated.
        treated : str, optional
            Instead of ``treated_from``: a 0/1 column that says whether the row is treated.
        exposure : str, optional
            What a count is per (population, attendances), above zero: an offset on the ratio scale; on the
            difference scale the outcome becomes outcome / exposure.
        weight : str, optional
            One non-negative number per row.
        covariates : sequence of str
            Numeric columns, observed in every row.
        cluster : str, optional
            Column, constant within a unit, of what moves together; the unit itself if not given.
        freq : str, optional
            pandas frequency of the periods, where dates leave it open.

        Returns
        -------
        Panel

        Raises
        ------
        DesignError
            Missing columns, an empty table, duplicate rows, periods that are not periods, missing, infinite
            or (for counts) negative numbers, zero exposure, a treatment that switches off, outcomes all zero.
        """
        given = dict(zip(_NAMES, (unit, period, outcome, exposure, weight, cluster), strict=True))
        labels: dict[str, Any] = {k: v for k, v in given.items() if v is not None or k in _ALWAYS}
        timing = {k: v for k, v in (("treated_from", treated_from), ("treated", treated)) if v is not None}
        extra = as_names(covariates)
        require_columns(data, [*labels.values(), *timing.values(), *extra])
        check_roles(labels | timing, extra)
        frame = columns(data, labels, extra, freq)
        frame["treated_from"] = timing_of(data, frame, timing, labels)
        return cls(with_event_time(frame), labels | timing, extra, quiet_rows_missing(frame, labels))

    @property
    def frame(self) -> pd.DataFrame:
        """The rows in the caller's order and index, under our names, with ``treated_now`` and ``event_time``."""
        return self._frame.copy(deep=False)

    @cached_property
    def units(self) -> pd.Index:
        """The units, sorted."""
        return pd.Index(np.sort(self._frame["unit"].unique()), name=self.labels["unit"])

    @cached_property
    def periods(self) -> pd.Index:
        """The periods in which some unit is observed, in order: pandas Periods, or integers."""
        return pd.Index(self._frame["period"].unique(), name=self.labels["period"]).sort_values()

    @property
    def balanced(self) -> bool:
        """Is every unit observed in every period?"""
        return len(self._frame) == len(self.units) * len(self.periods)

    @property
    def cohorts(self) -> dict[Any, tuple[Any, ...]]:
        """First treated period to the units that share it; the never treated are not listed."""
        ever = self._frame[self._frame["ever_treated"]]
        groups = ever.groupby("treated_from", sort=True)["unit"].unique()
        return {_label(start): tuple(sorted(units)) for start, units in groups.items()}

    @cached_property
    def grid(self) -> Grid:
        """The panel as matrices for the numerics."""
        return grid_of(self._frame, self.units, self.periods, self.covariates)

    def where(self, mask: Any) -> Panel:
        """The rows where ``mask`` is true: a boolean array or Series in row order, or a function of ``frame``.

        Examples
        --------
        >>> import pandas as pd
        >>> from toolkit import Panel
        >>> rows = pd.DataFrame({"ward": ["Bede", "Dean"] * 2, "year": [2020, 2020, 2021, 2021], "asb": [9, 4, 7, 8]})
        >>> panel = Panel.of(rows, unit="ward", period="year", outcome="asb")
        >>> list(panel.where(lambda frame: frame["unit"] != "Bede").units)
        ['Dean']
        """
        chosen = self._asked(mask) if callable(mask) else mask
        if isinstance(chosen, pd.Series) and not chosen.index.equals(self._frame.index):
            chosen = chosen.reindex(self._frame.index) if chosen.index.is_unique else chosen
        keep = np.asarray(chosen)
        whole_mask = keep.shape == (len(self._frame),)
        if not whole_mask or not (pd.Series(keep).isin([True, False])).all():
            raise DesignError(
                f"The mask must hold one true or false for each of the {len(self._frame):,} rows."
            )
        kept = self._frame[keep.astype(bool)]
        if kept.empty:
            raise DesignError("No rows are left: the mask is false everywhere.")
        return replace(self, _frame=kept)

    def _asked(self, mask: Any) -> Any:
        try:
            return mask(self.frame)
        except KeyError as error:
            have = ", ".join(self._frame.columns)
            raise DesignError(f"The panel's frame has no column {error}. It has: {have}.") from error

    def between(self, first: Any, last: Any) -> Panel:
        """The rows from period ``first`` to period ``last``, inclusive."""
        start, end = self.ordinal(first), self.ordinal(last)
        if start > end:
            raise DesignError(f"first={shown(first)} is after last={shown(last)}.")
        order = calendar.ordinals(pd.Index(self._frame["period"]))
        return self.where((order >= start) & (order <= end))

    def before_treatment(self) -> Panel:
        """Untreated rows only, up to the last period in which some treated unit is still untreated.

        With one start date this is the panel before that date. ``treated_from`` is kept, so that
        ``treated_earlier`` can move it back for a placebo.
        """
        if not self._frame["ever_treated"].any():
            raise DesignError("Nobody is treated in this panel, so it has no time before treatment.")
        untreated, ever = ~self._frame["treated_now"], self._frame["ever_treated"]
        order = calendar.ordinals(pd.Index(self._frame["period"]))
        if not (untreated & ever).any():
            raise DesignError(f"No treated {self.labels['unit']} is observed before its treatment began.")
        return self.where(untreated & (order <= order[(untreated & ever).to_numpy()].max()))

    def treated_earlier(self, n: int) -> Panel:
        """The same panel with every treatment starting ``n`` periods earlier than it did: a placebo."""
        whole(n, "n", least=1)
        frame = self._frame.copy()
        frame["treated_from"] = frame["treated_from"] - n
        return replace(self, _frame=with_event_time(frame))

    def treated_as(self, starts: Mapping[Any, Any]) -> Panel:
        """The same panel as if these units, from these periods, and no others had been treated: a placebo.

        Examples
        --------
        >>> import pandas as pd
        >>> from toolkit import Panel
        >>> rows = pd.DataFrame({"ward": ["Bede", "Dean"] * 2, "year": [2020, 2020, 2021, 2021], "asb": [9, 4, 7, 8]})
        >>> panel = Panel.of(rows, unit="ward", period="year", outcome="asb")
        >>> panel.treated_as({"Dean": 2021}).cohorts
        {2021: ('Dean',)}
        """
        unknown = [unit for unit in starts if unit not in self.units]
        if unknown:
            raise DesignError(f"No {noun(self.labels, 'unit')} {listed(unknown)} in this panel.")
        frame = self._frame.copy()
        given = pd.Series([*starts.values(), None], dtype=object)
        name = self.labels.get("treated_from", "treated_from")
        read = calendar.match(given, name, pd.Index(frame["period"]))
        place = pd.Index(list(starts)).get_indexer(pd.Index(frame["unit"]))  # -1, the last, is never
        frame["treated_from"] = pd.Series(read.take(place), index=frame.index)
        return replace(self, _frame=with_event_time(frame))

    def unweighted(self) -> Panel:
        """The same panel with every row counting alike; itself where the weights do not vary."""
        if "weight" not in self._frame or self._frame["weight"].nunique() == 1:
            return self
        labels = {name: column for name, column in self.labels.items() if name != "weight"}
        return replace(self, _frame=self._frame.drop(columns="weight"), labels=labels)

    def collapse(self, *, by: Any) -> Panel:
        """Sum outcomes and exposures over coarser periods or units.

        Parameters
        ----------
        by : {"quarter", "year"}, pandas frequency, mapping or function
            A coarser frequency for the periods, or a mapping (dict, Series or function) from each unit to a
            coarser one. Incomplete coarser cells are left out, with a caution.

        Raises
        ------
        DesignError
            A treatment that starts inside a coarser period, or joins units with different starts.
        """
        frame, caution = coarser(self._frame, self.labels, by)
        labels = self.labels | ({"period": by} if isinstance(by, str) and by in ("quarter", "year") else {})
        return replace(
            self,
            _frame=with_event_time(frame),
            labels=labels,
            covariates=(),
            cautions=self.cautions + caution,
        )

    def ordinal(self, period: Any) -> float:
        """A period, in any form that this panel's periods could have had, as a number that counts up by one."""
        name = self.labels["period"]
        values = pd.Series([period])
        if values.isna().any():
            raise DesignError(f"A {name} is missing: give one such as {shown(self.periods[0])}.")
        return float(calendar.ordinals(calendar.match(values, name, self.periods))[0])

    def __repr__(self) -> str:
        unit, period = noun(self.labels, "unit"), noun(self.labels, "period")
        ever = self._frame.loc[self._frame["ever_treated"], "unit"].nunique()
        size = f"{counted(len(self.units), unit)} by {counted(len(self.periods), period)}"
        span = f"({self.periods[0]} to {self.periods[-1]})"
        arms = f"{ever} treated, {len(self.units) - ever} never treated"
        gaps = len(self.units) * len(self.periods) - len(self._frame)
        return f"Panel of {size} {span}: {arms}; {'balanced' if not gaps else counted(gaps, 'gap')}"


def _label(start: Any) -> Any:
    return int(start) if isinstance(start, float) else start
