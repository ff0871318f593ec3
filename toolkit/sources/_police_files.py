"""The files of a data.police.uk archive: which there are, what their names and headers say, where a row is wrong."""

from __future__ import annotations

import csv
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from pathlib import Path
from typing import IO

import pandas as pd

from toolkit.validate import DesignError, counted, listed

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

STREET = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))-(.+)-street\.csv", re.IGNORECASE)
OTHER_KINDS = ("-outcomes.csv", "-stop-and-search.csv")
MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
NATIONAL = "btp"  # British Transport Police report all over the country, so no area is theirs to speak for
REQUIRED = ("Month", "Reported by", "LSOA code", "LSOA name", "Crime type")


@dataclass(frozen=True, order=True)
class StreetFile:
    """One force's street crimes of one month, on disk or inside a zip, with what its first two rows say."""

    month: str
    slug: str
    path: Path
    member: str | None = None
    columns: tuple[str, ...] = ()
    reported_by: str | None = None
    archive: zipfile.ZipFile | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """Where the file is, for messages."""
        return str(self.path if self.member is None else self.path / self.member)

    @property
    def short_name(self) -> str:
        """The file's own name, without its folders."""
        return Path(self.member or self.path).name

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file's bytes, from the start."""
        if self.archive is None or self.member is None:
            with self.path.open("rb") as stream:
                yield stream
            return
        try:
            with self.archive.open(self.member) as stream:
                yield stream
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise DesignError(f"{self.name} is damaged in the zip ({error}). Download it again.") from error


def find(paths: Paths, stack: ExitStack) -> list[StreetFile]:
    """Every street file under the paths, by month and force; zips stay open until the stack closes."""
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    files = [file for path in given for file in _inside(Path(path), stack)]
    if not files:
        raise DesignError(
            f"No police.uk street file in {listed(given) or 'an empty list'}. Give the zip, the "
            "unpacked folder or the "
            "files themselves: they are called like 2020-01-northumbria-street.csv. A zip inside a folder is "
            "not opened: give it by its own name."
        )
    return sorted((_described(file) for file in files), key=lambda file: (file.month, file.slug, file.name))


def _inside(path: Path, stack: ExitStack) -> list[StreetFile]:
    """The street files of one folder, zip or single file."""
    if path.is_dir():
        inside = [child for child in path.rglob("*") if child.is_file()]
        return [_named(child, child.name) for child in inside if _is_street(child.name)]
    if not path.exists():
        raise FileNotFoundError(f"There is no file or folder {path}.")
    if path.suffix.lower() == ".zip":
        return _in_zip(path, stack)
    if path.name.lower().endswith(OTHER_KINDS):
        return []
    if not STREET.fullmatch(path.name):
        raise _misnamed(path)
    return [_named(path, path.name)]


def _in_zip(path: Path, stack: ExitStack) -> list[StreetFile]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
    except zipfile.BadZipFile as error:
        raise DesignError(f"{path} is not a whole zip file ({error}). Download it again.") from error
    members = [name for name in archive.namelist() if _is_street(Path(name).name)]
    return [replace(_named(path, Path(name).name), member=name, archive=archive) for name in members]


def _is_street(name: str) -> bool:
    """Whether a file found in a folder or zip is to be read; names beginning with a dot are a system's own notes."""
    return name.lower().endswith("-street.csv") and not name.startswith(".")


def _named(path: Path, name: str) -> StreetFile:
    """The month and force that a street file's name says."""
    match = STREET.fullmatch(name)
    if match is None:
        raise DesignError(
            f"The name of {name} in {path} does not say its month and force. police.uk calls its files like "
            "2020-01-northumbria-street.csv: keep those names."
        )
    return StreetFile(match[1], match[2].lower(), path)


def _misnamed(path: Path) -> DesignError:
    """Why a single file under another name is refused: not police.uk's at all, or only renamed."""
    file = _described(StreetFile("", "", path))
    missing = [column for column in REQUIRED if column not in file.columns]
    if missing:
        return not_street(file, missing)
    return DesignError(
        f"{path} has police.uk's columns but not its name, which says the month and the force. Give it back the "
        "name it was downloaded with, like 2020-01-northumbria-street.csv."
    )


def not_street(file: StreetFile, missing: Sequence[str]) -> DesignError:
    """The refusal of a file with other columns."""
    found = ", ".join(file.columns) or "none, the file is empty"
    return DesignError(
        f"{file.name} is not a police.uk street file: it has no column {listed(missing)}. "
        f"The columns found are: {found}."
    )


def _described(file: StreetFile) -> StreetFile:
    """The file with its columns and the force its first row names."""
    with file.open() as stream:
        rows = csv.reader(TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=""))
        try:
            columns = tuple(name.strip() for name in next(rows, []))
            first = dict(zip(columns, next((row for row in rows if row), []), strict=False))
        except csv.Error:  # not text at all, or a quotation mark never closed: reading will say where
            columns, first = file.columns, {}
    return replace(file, columns=columns, reported_by=first.get("Reported by") or None)


def labels(files: Sequence[StreetFile]) -> dict[str, str]:
    """What to call each force: the latest name in its rows, or the file's word for it where there are none."""
    names = {file.slug: file.slug for file in files}
    names |= {file.slug: file.reported_by for file in sorted(files) if file.reported_by}
    slugs: dict[str, str] = {}
    for slug, name in names.items():
        if slugs.setdefault(name, slug) != slug:
            raise DesignError(
                f"The files of {slugs[name]} and of {slug} both say they were reported by {name}. Give each force's "
                "files under the names they were downloaded with."
            )
    return names


def of_forces(files: list[StreetFile], force: str | Iterable[str] | None) -> list[StreetFile]:
    """The files of the forces asked for, each by its name or by the word for it in the file names."""
    if force is None:
        return files
    wanted = [force] if isinstance(force, str) else list(force)
    known = {name.casefold(): file.slug for file in files for name in (file.reported_by, file.slug) if name}
    unknown = [name for name in wanted if name.casefold() not in known]
    if unknown or not wanted:
        raise DesignError(
            f"No file here is of force {listed(unknown) or '(none was named)'}. "
            f"The forces are: {', '.join(sorted(labels(files).values()))}."
        )
    slugs = {known[name.casefold()] for name in wanted}
    return [file for file in files if file.slug in slugs]


def months_asked(months: str | Sequence[str] | None) -> list[str] | None:
    """The months asked for: a tuple is a first and a last month, a list is those months themselves."""
    if months is None:
        return None
    given = [months] if isinstance(months, str) else [str(month) for month in months]
    wrong = [month for month in given if not MONTH.fullmatch(month)]
    if wrong or not given:
        raise DesignError(f"months are text like 2020-01, not {listed(wrong) or 'an empty list'}.")
    if not isinstance(months, tuple):
        return sorted(set(given))
    if len(given) != 2 or given[0] > given[1]:
        raise DesignError(
            f"A tuple of months is (first, last), not ({', '.join(given)}). For single months give a list."
        )
    return list(pd.period_range(given[0], given[1], freq="M").strftime("%Y-%m"))


def refuse_twice(files: Sequence[StreetFile]) -> None:
    """A force's month in two files would be counted twice."""
    first: dict[tuple[str, str], StreetFile] = {}
    twice = [file for file in files if first.setdefault((file.month, file.slug), file) is not file]
    if twice:
        again = twice[0]
        more = f" (and {len(twice) - 1} more such files)" if len(twice) > 1 else ""
        raise DesignError(
            f"{again.slug} {again.month} is there twice: {first[again.month, again.slug].name} "
            f"and {again.name}{more}. "
            "Give each force's month once: the zip or the folder it was unpacked to, and "
            "archives that do not overlap."
        )


def numbered_rows(file: StreetFile) -> Iterator[tuple[int, list[str]]]:
    """Each row after the header with the line it begins on; a row the csv module cannot read comes back empty."""
    with file.open() as stream:
        rows = csv.reader(TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline=""))
        line = 1
        try:
            for row in rows:
                if line > 1 and row:
                    yield line, row
                line = rows.line_num + 1
        except csv.Error:
            yield line, []


def malformed(file: StreetFile) -> DesignError | None:
    """Where a file's rows first have another number of fields than its header, or are not UTF-8 text."""
    wanted = len(file.columns)
    wrong = [(line, len(row)) for line, row in numbered_rows(file) if len(row) != wanted]
    if wrong:
        line, fields = wrong[0]
        return _at(file, line, f"{counted(fields, 'field')} where the header has {wanted}", len(wrong))
    garbled = [line for line, row in numbered_rows(file) if _undecoded("".join(row))]
    return _at(file, garbled[0], "text that is not UTF-8", len(garbled)) if garbled else None


def _undecoded(text: str) -> bool:
    """Whether bytes were left over when the text was decoded."""
    return any("\udc80" <= letter <= "\udcff" for letter in text)


def misplaced(file: StreetFile) -> DesignError:
    """Where a file's rows first name another month than its name, or another force than its first row."""
    for column, wanted, why in (
        ("Month", file.month, f"the file's name says {file.month}"),
        ("Reported by", file.reported_by, f"the file's first row says {file.reported_by}"),
    ):
        place = file.columns.index(column)
        wrong = [(line, row[place]) for line, row in numbered_rows(file) if row[place] != wanted]
        if wrong:
            line, value = wrong[0]
            return _at(file, line, f"{column} is {value or 'missing'} where {why}", len(wrong))
    return DesignError(f"{file.name} holds another month or force than its name says. Download it again.")


def _at(file: StreetFile, line: int, what: str, number: int) -> DesignError:
    more = f" (and {counted(number - 1, 'more such row')})" if number > 1 else ""
    return DesignError(
        f"{file.name}, line {line}: {what}{more}. The files of police.uk are regular, so this one was changed or cut "
        "short: download it again."
    )
