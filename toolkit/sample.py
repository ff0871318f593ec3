"""Sample: people, whether each was treated, and how much each counts; the outcomes are kept apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from toolkit.matches import Matches
from toolkit.sample_columns import (
    Columns,
    RowNames,
    as_columns,
    check_roles,
    column_of,
    covariate_column,
    names_of,
    outcome_column,
    treated_column,
    weight_column,
)
from toolkit.validate import DesignError, and_more, kind, listed, quoted, require_columns

UNMATCHED, WEIGHTED = "unmatched", "weighted"
WITHOUT, WITH = "matched without replacement", "matched with replacement"


@dataclass(frozen=True, eq=False)
class Sample:
    """People, whether each was treated, and how much each counts; a Sample that exists is a good sample.

    Make one with :meth:`Sample.of`. It is frozen: ``matching.nearest`` and ``matching.weights`` give new Samples,
    and the caller's data are never changed. The outcomes are kept apart: ``frame`` does not hold them, and nothing
    that chooses or weights people can see them.

    Attributes
    ----------
    labels : dict
        Our word for a column to the user's own: ``{"treated": "diverted"}``.
    covariates, outcomes : tuple of str
        The user's columns.
    cautions : tuple of str
        What limits any claim made from this sample; methods pass them on.
    design : str
        How it came about: "unmatched", "matched without replacement", "matched with replacement" or "weighted".
    matches : Matches or None
        Who was matched to whom.
    origin : Sample
        The people before matching or weighting; the sample itself where neither was done.
    rows : int array
        Position in ``origin`` of each row.
    estimand : str
        "ATT", or "ATE" where the weights make both arms like everybody.
    remake : callable or None
        Sample -> Sample: repeats the weighting on people drawn again, for a bootstrap.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample
    >>> people = pd.DataFrame({"diverted": [1, 1, 0, 0, 0], "age": [19, 30, 22, 41, 35], "sex": list("mfmmf"),
    ...                        "reoffended": [0, 1, 1, 0, 1]})
    >>> sample = Sample.of(people, treated="diverted", covariates=["age", "sex"], outcomes=["reoffended"])
    >>> sample
    Sample of 5 people: 2 treated, 3 comparison; unmatched
    >>> list(sample.frame)
    ['treated', 'age', 'sex', 'weight']
    >>> sample.outcome("reoffended").tolist()
    [0.0, 1.0, 1.0, 0.0, 1.0]
    """

    _frame: pd.DataFrame
    _outcomes: pd.DataFrame
    columns: Columns
    labels: dict[str, str]
    covariates: tuple[str, ...]
    outcomes: tuple[str, ...]
    rows: np.ndarray
    cautions: tuple[str, ...] = ()
    design: str = UNMATCHED
    matches: Matches | None = None
    estimand: str = "ATT"
    remake: Callable[[Sample], Sample] | None = field(default=None, repr=False)
    _origin: Sample | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        data: pd.DataFrame,
        *,
        treated: str,
        covariates: Sequence[str] = (),
        outcomes: Sequence[str] = (),
        weight: str | None = None,
        measured_after: Sequence[str] = (),
    ) -> Sample:
        """Name the columns once, and check them once.

        Parameters
        ----------
        data : DataFrame
            One row for each person.
        treated : str
            Column of 0 and 1, or False and True: who was treated.
        covariates : sequence of str
            What was known about people *before* treatment: numbers, or categories and text. None missing.
        outcomes : sequence of str
            Numeric columns measured afterwards; they are kept away from matching. May be missing for people who
            are not followed up, until they are asked for.
        weight : str, optional
            One non-negative number for each person, such as a survey weight.
        measured_after : sequence of str, optional
            Columns measured after treatment began. A covariate among them is refused.

        Returns
        -------
        Sample

        Raises
        ------
        DesignError
            Missing columns, an empty table, a treatment that is not 0/1 or the same for everybody, a covariate
            that is missing, measured after treatment, or an outcome, outcomes that are not numbers.
        """
        if not isinstance(data, pd.DataFrame):
            raise DesignError(f"The people must be a pandas DataFrame with one row each, not {kind(data)}.")
        labels = {"treated": treated} | ({"weight": weight} if weight is not None else {})
        matched_on, kept = names_of(covariates, "covariates"), names_of(outcomes, "outcomes")
        after = names_of(measured_after, "measured_after")
        require_columns(data, [*labels.values(), *matched_on, *kept, *after])
        check_roles(labels, matched_on, kept, after)
        where = RowNames(data.index)
        arm = treated_column(column_of(data, treated), treated, where)
        columns: dict[str, Any] = {"treated": arm}
        columns |= {name: covariate_column(column_of(data, name), name, where) for name in matched_on}
        counts = column_of(data, weight) if weight else None
        columns["weight"] = weight_column(counts, weight or "", where, arm)
        measured = {name: outcome_column(column_of(data, name), name, where) for name in kept}
        frame = pd.DataFrame(columns, index=data.index)
        apart = pd.DataFrame(measured, index=data.index)
        return cls(
            frame, apart, as_columns(frame, matched_on), labels, matched_on, kept, np.arange(len(frame))
        )

    @property
    def frame(self) -> pd.DataFrame:
        """The people in the caller's order and index: ``treated``, the covariates, ``weight``, any ``match_id``."""
        return self._frame.copy(deep=False)

    @property
    def origin(self) -> Sample:
        """The people before matching or weighting; the sample itself where neither was done."""
        return self if self._origin is None else self._origin

    @property
    def treated(self) -> np.ndarray:
        """Whether each person was treated."""
        return self._frame["treated"].to_numpy(dtype=bool)

    @property
    def weight(self) -> np.ndarray:
        """How much each person counts; 1 where nothing weights them."""
        return self._frame["weight"].to_numpy(dtype=float)

    @property
    def match_id(self) -> np.ndarray | None:
        """The match each person is in, counted from 0; None where people were not matched without replacement."""
        return self._frame["match_id"].to_numpy() if "match_id" in self._frame else None

    @property
    def n(self) -> int:
        """The number of people."""
        return len(self._frame)

    @property
    def n_treated(self) -> int:
        """The number of treated people."""
        return int(self.treated.sum())

    def outcome(self, name: str) -> np.ndarray:
        """One outcome, as floats in the order of the rows.

        Raises
        ------
        DesignError
            An outcome that was not named, or that is missing for somebody who is in the sample.
        """
        self._require(name, self.outcomes, "outcomes=...")
        values = self._outcomes[name].to_numpy(dtype=float)
        missing = np.isnan(values)
        if missing.any():
            first = RowNames(self._frame.index)[int(np.flatnonzero(missing)[0])]
            lost, others = int(missing[self.treated].sum()), int(missing[~self.treated].sum())
            raise DesignError(
                f"{name} is missing at {first}{and_more(lost + others, 'row')}: for {lost:,} of {self.n_treated:,} "
                f"treated and {others:,} of {self.n - self.n_treated:,} comparison people. People who are lost are "
                "seldom like those who stay: find the outcome, or make the Sample of those followed up and say how "
                "many are lost."
            )
        return values

    def measured(self, name: str) -> np.ndarray:
        """One outcome, or one covariate that is a number, as floats in the order of the rows."""
        self._require(name, self.outcomes + self.covariates, "outcomes=...) or Sample.of(covariates=...")
        if name in self.outcomes:
            return self.outcome(name)
        if isinstance(self._frame[name].dtype, pd.CategoricalDtype):
            raise DesignError(f"{name} is a category, not a number.")
        return self._frame[name].to_numpy(dtype=float)

    def _require(self, name: Any, names: tuple[str, ...], keywords: str) -> None:
        """Raise unless this is one of the names of columns that the Sample was made with."""
        if not isinstance(name, str):
            raise DesignError(f"An outcome is given by the name of its column, as text, not {kind(name)}.")
        if name not in names:
            have = f"It has: {listed(names)}" if names else "It was made without outcomes"
            raise DesignError(
                f"The Sample has no outcome {quoted(name)}. {have}; name it in Sample.of({keywords})."
            )

    def take(self, rows: Any) -> Sample:
        """The people at these positions, repeated where a position is, as they were before matching or weighting.

        For a bootstrap: ``sample.remake(sample.take(rows))`` weights the people drawn afresh. Weights
        the user gave stay; matches, and weights that matching made, do not.

        Examples
        --------
        >>> import pandas as pd
        >>> from toolkit import Sample
        >>> people = pd.DataFrame({"diverted": [1, 0, 0], "age": [19, 22, 41]})
        >>> Sample.of(people, treated="diverted", covariates=["age"]).take([0, 0, 2]).frame["age"].tolist()
        [19.0, 19.0, 41.0]
        """
        base, at = self.origin, self.rows[np.asarray(rows, dtype=int)]
        return replace(
            base,
            _frame=base._frame.iloc[at],
            _outcomes=base._outcomes.iloc[at],
            columns=base.columns.take(at),
            rows=np.arange(len(at)),
        )

    def made(
        self,
        *,
        rows: np.ndarray,
        weight: np.ndarray,
        design: str,
        matches: Matches | None = None,
        match_id: np.ndarray | None = None,
        cautions: tuple[str, ...] = (),
    ) -> Sample:
        """The people at these positions with their new weights, as matching or weighting leaves them; for methods."""
        frame = self._frame.iloc[rows].assign(weight=weight)
        return replace(
            self,
            _frame=frame if match_id is None else frame.assign(match_id=match_id),
            _outcomes=self._outcomes.iloc[rows],
            columns=self.columns.take(rows),
            rows=rows,
            cautions=(*self.cautions, *cautions),
            design=design,
            matches=matches,
            _origin=self,
        )

    def __repr__(self) -> str:
        arms = f"{self.n_treated:,} treated, {self.n - self.n_treated:,} comparison"
        return f"Sample of {self.n:,} people: {arms}; {self.design}"
