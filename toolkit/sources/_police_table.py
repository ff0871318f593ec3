"""The rows of street files counted in DuckDB, one file at a time, and each file's rows checked against its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pandas as pd
from tqdm import tqdm

from toolkit.sources._police_files import REQUIRED, StreetFile, malformed, misplaced, not_street
from toolkit.validate import DesignError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = {
    "lsoa": "LSOA code",
    "lsoa_name": "LSOA name",
    "month": "Month",
    "crime_type": "Crime type",
    "force": "Reported by",
    "falls_within": "Falls within",
    "location": "Location",
    "outcome": "Last outcome category",
}
OF_THE_FILE = ("month", "force")  # the same in every row of a file, so taken from it rather than counted by


def engine() -> ModuleType:
    """DuckDB, which only those who read police files need."""
    try:
        import duckdb  # noqa: PLC0415
    except ImportError as error:
        message = 'Reading police.uk files needs DuckDB: pip install "prevention-toolkit[police]"'
        raise ImportError(message) from error
    return duckdb


def load(
    table: DuckDBPyConnection, files: Sequence[StreetFile], by: Sequence[str], folder: Path
) -> list[int]:
    """Fill the table `counts`, one row per file and combination that occurs in it; return each file's rows."""
    keys = list(dict.fromkeys(["lsoa", *(key for key in by if key not in OF_THE_FILE)]))
    columns = keys if "lsoa_name" in keys else [*keys, "lsoa_name"]
    declared = ", ".join(f"{column} VARCHAR" for column in columns)
    table.execute(f"CREATE TABLE counts (file INTEGER, {declared}, n BIGINT)")
    _refuse_other_columns(files, [*REQUIRED, *(COLUMNS[key] for key in by)])
    rows = []
    table.execute("BEGIN")
    for number, file in enumerate(tqdm(files, desc="Reading police.uk files", unit="file", disable=None)):
        path, delimiters = _unpack(file, folder)
        rows.append(_count(table, file, keys, path, delimiters))
        table.execute(f"INSERT INTO counts SELECT {number}, {', '.join(columns)}, n FROM one")
        if file.archive is not None:
            path.unlink()
    table.execute("COMMIT")
    return rows


def _refuse_other_columns(files: Sequence[StreetFile], needed: Sequence[str]) -> None:
    for file in files:
        missing = [column for column in dict.fromkeys(needed) if column not in file.columns]
        if missing:
            raise not_street(file, missing)


def _unpack(file: StreetFile, folder: Path) -> tuple[Path, int]:
    """Where DuckDB finds the file, and how many commas outside quotation marks it holds."""
    with file.open() as stream:
        data = stream.read()
    path = file.path if file.archive is None else folder / f"{file.month}-{file.slug}.csv"
    if file.archive is not None:
        path.write_bytes(data)
    return path, sum(part.count(b",") for part in data.split(b'"')[::2])


def _count(
    table: DuckDBPyConnection, file: StreetFile, keys: Sequence[str], path: Path, delimiters: int
) -> int:
    """Put one file's counts into the table `one`, check them, and return its rows."""
    try:
        table.execute("CREATE OR REPLACE TEMP TABLE one AS " + _query(file, keys), [str(path)])
    except engine().Error as error:
        why = str(error).splitlines()[0]
        raise malformed(file) or DesignError(f"{file.name} cannot be read as CSV: {why}.") from error
    rows, elsewhere = table.execute(
        "SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(elsewhere), 0) FROM one"
    ).fetchall()[0]
    # DuckDB forgives one field too many where the last is empty, as police.uk's last always is, so that a stray comma
    # in a street's name would shift the LSOA unseen. Counting commas finds it.
    if delimiters != (rows + 1) * (len(file.columns) - 1) and (problem := malformed(file)):
        raise problem
    if elsewhere:
        raise misplaced(file)
    return int(rows)


def _query(file: StreetFile, keys: Sequence[str]) -> str:
    """The count of one file. Its columns go by place, so that any order of the header will do."""
    place = {
        name: f"c{file.columns.index(column)}" for name, column in COLUMNS.items() if column in file.columns
    }
    selected = [f"{place[key]} AS {key}" for key in keys]
    if "lsoa_name" not in keys:
        selected.append(f"max({place['lsoa_name']}) AS lsoa_name")
    every = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(file.columns)))
    force = (file.reported_by or "").replace("'", "''")
    return (
        f"SELECT {', '.join(selected)}, count(*) AS n, count(*) FILTER ({place['month']} IS DISTINCT FROM "
        f"'{file.month}' OR {place['force']} IS DISTINCT FROM '{force}') AS elsewhere FROM read_csv(?, "
        f"columns = {{{every}}}, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"') "
        f"GROUP BY {', '.join(place[key] for key in keys)}"
    )


def counts_by(table: DuckDBPyConnection, by: Sequence[str], files: pd.DataFrame) -> pd.DataFrame:
    """The counts by the columns asked for, sorted, missing values last; `files` says each file's force and month."""
    table.register("files", files[["force", "month"]].rename_axis("file").reset_index())
    selected = ", ".join(f"{'files' if key in OF_THE_FILE else 'counts'}.{key}" for key in by)
    return table.execute(
        f"SELECT {selected}, sum(n)::BIGINT AS count FROM counts JOIN files USING (file) "
        "GROUP BY ALL ORDER BY ALL NULLS LAST"
    ).df()
