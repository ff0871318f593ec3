"""What `police.read` returns: the counts, what was published, and the table with its true zeros put back."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from toolkit.sources._police_files import NATIONAL
from toolkit.validate import DesignError, counted, listed


@dataclass(frozen=True, repr=False, eq=False)
class PoliceCounts:
    """Recorded crimes counted, with what was published and what was not.

    Attributes
    ----------
    frame : DataFrame
        The columns asked for in `by`, then ``count``. Rows without an LSOA stay, with ``lsoa`` missing, so
        ``frame["count"].sum()`` is the number of rows read. A month without a crime has no row here: see `complete`.
    missing : list of (force, month)
        What was not published: no file, or a file with a header and nothing under it.
    unplaced : int
        Rows without an LSOA.
    areas : DataFrame
        ``lsoa``, ``lsoa_name``, ``force``, ``count``: every area seen, and the force that speaks for it, which is
        the one that reported most of its rows. British Transport Police report all over the country, so they
        speak for an area only where no other force was read; an area that only they reported in has no force.
    files : DataFrame
        ``file``, ``force``, ``month``, ``rows``: every file read.
    """

    frame: pd.DataFrame
    missing: list[tuple[str, str]] = field(default_factory=list)
    unplaced: int = 0
    areas: pd.DataFrame = field(default_factory=pd.DataFrame)
    files: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        return f"PoliceCounts: {self._summary()}"

    def _repr_html_(self) -> str:
        first_rows = self.frame.head().to_html(index=False)
        return f"<p><strong>Police records</strong>: {html.escape(self._summary())}</p>{first_rows}"

    def _summary(self) -> str:
        months = self.files["month"]
        gaps = "no force-month missing"
        if self.missing:
            gaps = f"{counted(len(self.missing), 'force-month')} missing, first {' '.join(self.missing[0])}"
        return "; ".join(
            [
                f"{counted(int(self.files['rows'].sum()), 'row')} from {counted(len(self.files), 'file')}",
                counted(self.files["force"].nunique(), "force"),
                f"{months.min()} to {months.max()}" if months.nunique() > 1 else str(months.min()),
                f"{counted(self.unplaced, 'row')} without an LSOA",
                gaps,
            ]
        )

    def complete(self, areas: Iterable[str] | Mapping[str, str] | None = None) -> pd.DataFrame:
        r"""Count every area, month and crime type, with 0 where the force published and nothing happened.

        police.uk is a list of events, so a quiet month has no row in it, and leaving it out would lose exactly the
        areas that fell to nothing. A month the force did not publish is not quiet: it gets no row here either.

        Parameters
        ----------
        areas : iterable of LSOA codes, or mapping of LSOA code to force, optional
            The areas to count, whether or not anything was recorded in them. Left out: every area seen that some
            force speaks for (see `areas` above). An area never seen needs a force: that is the one force read,
            British Transport Police aside, or, where several were read, the one the mapping names.

        Returns
        -------
        DataFrame
            The columns of `frame`, one row per area, published month and (where asked for) crime type, sorted. The
            crime types are those in `frame`. Rows without an LSOA or a crime type are not in it, nor are rows that
            one force reported in another's area in a month which that other force did not publish.

        Raises
        ------
        DesignError
            If `by` had no lsoa or month, or held more than lsoa, month and crime_type; if an area has no force, or
            one that was not read.

        Notes
        -----
        **Assumes**

        - A force that published a month published all of it: a category it left out reads as zero.
        - Areas and categories are the same in every month. LSOA codes were redrawn between the censuses of 2011 and
          2021 and police.uk's categories have changed over the years: keep to a span with one set of both.
        - Areas seen belong to the forces read. Points spill over borders, and a neighbour's area would get zeros
          from a force that does not police it: give your own list of areas to keep them out.

        Examples
        --------
        Dunn had no crime all month, so the archive never names it.

        >>> import tempfile
        >>> from pathlib import Path
        >>> from toolkit.sources import police
        >>> head = "Month,Reported by,LSOA code,LSOA name,Crime type"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     january = Path(folder, "2020-01-north-street.csv")
        ...     _ = january.write_text(f"{head}\n2020-01,North Force,E01000001,Bede 001A,Burglary\n")
        ...     counts = police.read(january)
        >>> counts.complete(["E01000001", "E01000002"])
                lsoa    month crime_type  count
        0  E01000001  2020-01   Burglary      1
        1  E01000002  2020-01   Burglary      0
        """
        self._refuse_other_columns()
        force_of = self._forces_of(areas)
        months = np.sort(self.files["month"].unique())
        types = self.frame.get("crime_type", pd.Series([""])).dropna().sort_values().unique()
        published = self.files.loc[self.files["rows"] > 0].pivot_table(
            index="force", columns="month", values="rows"
        )
        speaks = published.reindex(index=force_of.to_numpy(), columns=months).notna().to_numpy()
        counts = self._grid(force_of.index, months, types)
        area, month = np.nonzero(speaks)
        whole = pd.DataFrame(
            {
                "lsoa": force_of.index.take(area.repeat(len(types))),
                "month": pd.Index(months).take(month.repeat(len(types))),
                "crime_type": pd.Index(types).take(np.tile(np.arange(len(types)), len(area))),
                "count": counts[area, month].ravel(),
            }
        )
        return whole[list(self.frame.columns)]

    def _refuse_other_columns(self) -> None:
        by = set(self.frame.columns) - {"count"}
        if not {"lsoa", "month"} <= by <= {"lsoa", "month", "crime_type"}:
            raise DesignError(
                f"complete() fills areas by months, by crime type if asked for, but these counts are by "
                f"{listed(self.frame.columns[:-1])}. Read again with by=('lsoa', 'month', 'crime_type') or "
                "by=('lsoa', 'month'); the name and force of each area are in .areas."
            )

    def _grid(self, areas: pd.Index, months: np.ndarray, types: np.ndarray) -> np.ndarray:
        """The counts as an areas x months x types array, 0 where the frame has no row."""
        counts = np.zeros((len(areas), len(months), len(types)), dtype=np.int64)
        kind = self.frame.get("crime_type", pd.Series("", index=self.frame.index))
        spot = [
            areas.get_indexer(pd.Index(self.frame["lsoa"])),
            pd.Index(months).get_indexer(pd.Index(self.frame["month"])),
            pd.Index(types).get_indexer(pd.Index(kind)),
        ]
        inside = np.all([place >= 0 for place in spot], axis=0)
        counts[tuple(place[inside] for place in spot)] = self.frame["count"].to_numpy()[inside]
        return counts

    def _forces_of(self, areas: Iterable[str] | Mapping[str, str] | None) -> pd.Series:
        """The force that speaks for each area wanted, sorted by area."""
        home = self.areas.set_index("lsoa")["force"]
        if areas is None:
            return home.dropna().sort_index()
        wanted = pd.Index([areas] if isinstance(areas, str) else list(areas)).unique().sort_values()
        _refuse_names(wanted)
        forces = home.reindex(wanted).astype(object)
        if isinstance(areas, Mapping):
            forces = pd.Series(dict(areas), dtype=object).reindex(wanted).fillna(forces)
        local = self._local_forces()
        if len(local) == 1:
            forces = forces.fillna(local[0])
        _refuse_unknown_forces(forces, set(self.files["force"]))
        return forces

    def _local_forces(self) -> list[str]:
        national = self.files["file"].str.lower().str.endswith(f"-{NATIONAL}-street.csv")
        return sorted(self.files["force"][~national].unique()) or sorted(self.files["force"].unique())


def _refuse_names(wanted: pd.Index) -> None:
    """An area that nothing was recorded in gets zeros, so what is no LSOA code at all must not pass for one."""
    odd = [area for area in wanted if not re.fullmatch(r"[A-Z0-9]{8,9}", str(area))]
    if odd:
        raise DesignError(
            f"{listed(odd)} {'is no LSOA code' if len(odd) == 1 else 'are no LSOA codes'} such as E01008162: "
            "the names that go with the codes are in .areas."
        )


def _refuse_unknown_forces(forces: pd.Series, read_in: set[str]) -> None:
    """Without its force's months there is no telling an area's zeros from its gaps."""
    homeless = forces.index[forces.isna()]
    if len(homeless):
        raise DesignError(
            f"No force is known for area {listed(homeless)}, and {len(read_in)} were read, so zeros there cannot be "
            f"told from gaps. Say which: areas={{{homeless[0]!r}: {sorted(read_in)[0]!r}, ...}}."
        )
    unread = forces[~forces.isin(read_in)]
    if len(unread):
        more = f" (and {counted(len(unread) - 1, 'more such area')})" if len(unread) > 1 else ""
        raise DesignError(
            f"Area {unread.index[0]} is given to {unread.iloc[0]}, which was not read{more}. "
            f"The forces read are: {', '.join(sorted(read_in))}."
        )
