"""Counts of police-recorded crime from the street files of data.police.uk, true zeros told from unpublished months."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pandas as pd

from toolkit.sources import _police_files as street
from toolkit.sources import _police_table as table
from toolkit.sources._police_counts import PoliceCounts
from toolkit.validate import DesignError, listed

__all__ = ["PoliceCounts", "read"]


def read(
    path_or_paths: street.Paths,
    *,
    by: str | Sequence[str] = ("lsoa", "month", "crime_type"),
    force: str | Iterable[str] | None = None,
    months: str | Sequence[str] | None = None,
) -> PoliceCounts:
    r"""Count the crimes in a data.police.uk archive, as downloaded, by area, month and crime type.

    Parameters
    ----------
    path_or_paths : path or iterable of paths
        A zip, an unpacked folder, single files, or several of these. Only the street files are read
        (``2020-01-northumbria-street.csv``); outcomes and stop-and-search files beside them are left out. A zip
        inside a folder is not opened. Nothing is written where the files are.
    by : name or sequence of names
        What to count by, any of: lsoa, lsoa_name, month, crime_type, force (who reported it), falls_within,
        location (the nearest snap point's name), outcome (the last known outcome).
    force : name or iterable of names, optional
        Forces to read, named as in the column Reported by or as in the file names. Left out: all.
    months : text, tuple of two or list, optional
        ``("2019-01", "2020-12")`` is a first and a last month, ``["2019-01", "2020-01"]`` is two months. Left out: all.

    Returns
    -------
    PoliceCounts
        `frame` has one row per combination that occurs, sorted; ``count`` sums to the rows of the files read.
        `missing` lists the months not published by each force read, between the first and last month asked for or,
        where none was, found. A file with a header and no rows counts as not published: no force has a month
        without a single crime. A force whose name changed goes by the latest one.

    Raises
    ------
    DesignError
        If a file is not police.uk's; a row has a wrong number of fields, or names another month than its file's name
        or another force than the rest; a force's month is there twice; nothing fits the forces and months asked for.
    ImportError
        If DuckDB is not installed: ``pip install "prevention-toolkit[police]"``.
    FileNotFoundError
        If there is no such path.

    Notes
    -----
    The files are counted one at a time, so memory grows with the counts and not with the rows. A zip's files are
    unpacked one after another into a temporary folder. A progress bar shows on a terminal.

    **Assumes**

    - Each row is one crime or incident, put by police.uk at the nearest of a fixed list of points, not where it was.

    References
    ----------
    Police.uk, About the data: https://data.police.uk/about/

    Examples
    --------
    Bede had two burglaries in January and none in February; nobody published March of this small archive.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from toolkit.sources import police
    >>> head = "Month,Reported by,LSOA code,LSOA name,Crime type"
    >>> bede, dunn = "North Force,E01000001,Bede 001A,Burglary", "North Force,E01000002,Dunn 001A,Burglary"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     january = Path(folder, "2020-01-north-street.csv")
    ...     february = Path(folder, "2020-02-north-street.csv")
    ...     _ = january.write_text(f"{head}\n2020-01,{bede}\n2020-01,{bede}\n")
    ...     _ = february.write_text(f"{head}\n2020-02,{dunn}\n")
    ...     counts = police.read(folder, months=("2020-01", "2020-03"))
    >>> counts
    PoliceCounts: 3 rows from 2 files; 1 force; 2020-01 to 2020-02; 0 rows without an LSOA;
    1 force-month missing, first North Force 2020-03
    >>> counts.complete()
            lsoa    month crime_type  count
    0  E01000001  2020-01   Burglary      2
    1  E01000001  2020-02   Burglary      0
    2  E01000002  2020-01   Burglary      0
    3  E01000002  2020-02   Burglary      1
    """
    keys = _refuse_other_names((by,) if isinstance(by, str) else tuple(by))
    asked = street.months_asked(months)
    duckdb = table.engine()
    with ExitStack() as stack:
        found = street.of_forces(street.find(path_or_paths, stack), force)
        names = street.labels(found)
        files = _of_months(found, asked)
        street.refuse_twice(files)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # On disk, so that a national archive's counts need not fit in memory.
        counts = stack.enter_context(closing(duckdb.connect(str(folder / "counts.duckdb"))))
        index = _index(files, names, table.load(counts, files, keys, folder))
        frame = table.counts_by(counts, keys, index)
        places = table.counts_by(counts, ("lsoa", "lsoa_name", "force"), index)
    return PoliceCounts(
        frame=frame,
        missing=_missing(index, sorted(set(names.values())), asked),
        unplaced=int(places.loc[places["lsoa"].isna(), "count"].sum()),
        areas=_areas(places.dropna(subset="lsoa"), names),
        files=index,
    )


def _index(files: list[street.StreetFile], names: Mapping[str, str], rows: list[int]) -> pd.DataFrame:
    """Every file read, by whom, of when, and its rows."""
    return pd.DataFrame(
        {
            "file": [file.short_name for file in files],
            "force": [names[file.slug] for file in files],
            "month": [file.month for file in files],
            "rows": rows,
        }
    )


def _refuse_other_names(by: tuple[str, ...]) -> tuple[str, ...]:
    """The names to count by, once each is known and there once."""
    unknown = [name for name in by if name not in table.COLUMNS]
    if unknown or not by or len(set(by)) < len(by):
        raise DesignError(
            f"by=({', '.join(map(repr, by))}) is not a way to count: give one or more of "
            f"{', '.join(table.COLUMNS)}, each once."
        )
    return by


def _of_months(files: list[street.StreetFile], asked: list[str] | None) -> list[street.StreetFile]:
    chosen = [file for file in files if asked is None or file.month in asked]
    if not chosen:
        raise DesignError(
            f"No file here is of {listed(asked or [])}: those of the forces asked for run from {files[0].month} to "
            f"{files[-1].month}."
        )
    return chosen


def _missing(index: pd.DataFrame, forces: Sequence[str], asked: list[str] | None) -> list[tuple[str, str]]:
    """The months that each force did not publish, of those asked for or else between the first and last found."""
    spanned = pd.period_range(index["month"].min(), index["month"].max(), freq="M").strftime("%Y-%m")
    held = index[index["rows"] > 0]
    published = set(zip(held["force"], held["month"], strict=True))
    wanted = ((force, month) for force in forces for month in (spanned if asked is None else asked))
    return [pair for pair in wanted if pair not in published]


def _areas(places: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Each area seen, its rows, and the force that speaks for it."""
    reported = places.groupby(["lsoa", "force"], as_index=False).agg(
        lsoa_name=("lsoa_name", "max"), rows=("count", "sum")
    )
    reported["local"] = reported["force"] != names.get(street.NATIONAL)
    order = reported.sort_values(["lsoa", "local", "rows", "force"], ascending=[True, False, False, True])
    home = order.drop_duplicates("lsoa").set_index("lsoa")
    if set(names) != {street.NATIONAL}:
        home["force"] = home["force"].where(home["local"])
    home["count"] = reported.groupby("lsoa")["rows"].sum()
    return home.reset_index()[["lsoa", "lsoa_name", "force", "count"]]
