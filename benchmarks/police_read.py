"""Time and memory of `police.read` against plain pandas on one archive repeated under made-up forces; run by hand.

    python benchmarks/police_read.py ARCHIVE.zip --copies 20

Each contender reads the same zip in a process of its own, in turn, and counts rows by LSOA, month and crime type.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pandas as pd

from toolkit.sources import police

KEYS = ["LSOA code", "Month", "Crime type"]


def repeated(archive: Path, copies: int, to: Path) -> None:
    """Write the archive's street files again for each copy, every copy with its own force and LSOA codes."""
    with (
        zipfile.ZipFile(archive) as source,
        zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
    ):
        for name in (name for name in source.namelist() if name.endswith("-street.csv")):
            rows = source.read(name)
            force = rows.splitlines()[1].split(b",")[2]
            for copy in range(copies):
                changed = rows.replace(force, b"Force %03d" % copy).replace(b",E01", b",E%02d" % (copy % 100))
                out.writestr(f"{name[:7]}/{name[:7]}-force-{copy:03}-street.csv", changed)


def with_toolkit(archive: Path) -> int:
    return int(police.read(archive).frame["count"].sum())


def with_pandas(archive: Path) -> int:
    with zipfile.ZipFile(archive) as files:
        rows = pd.concat(pd.read_csv(files.open(name), usecols=KEYS) for name in files.namelist())
    return int(rows.groupby(KEYS, dropna=False).size().sum())


CONTENDERS = {"police.read": with_toolkit, "pandas": with_pandas}


def measure(contender: str, archive: Path) -> dict[str, float]:
    """Rows, seconds and peak MiB of one contender in a fresh process."""
    command = [sys.executable, __file__, str(archive), "--only", contender]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_one(contender: str, archive: Path) -> None:
    start = time.perf_counter()
    rows = CONTENDERS[contender](archive)
    seconds = time.perf_counter() - start
    unit = 2**20 if sys.platform == "darwin" else 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mib": peak}))


def compare(archive: Path, copies: int, rounds: int) -> pd.DataFrame:
    """The best of a few rounds in turn, beside the ratio to pandas."""
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "archive.zip"
        repeated(archive, copies, many)
        runs = [{"reader": name} | measure(name, many) for _ in range(rounds) for name in CONTENDERS]
    table = pd.DataFrame(runs).groupby("reader", sort=False).min()
    table["time_ratio"] = table["seconds"] / table.loc["pandas", "seconds"]
    table["memory_ratio"] = table["peak_mib"] / table.loc["pandas", "peak_mib"]
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", choices=CONTENDERS)
    given = parser.parse_args()
    if given.only:
        run_one(given.only, given.archive)
    else:
        print(f"{os.cpu_count()} cores")
        print(compare(given.archive, given.copies, given.rounds).round(3).to_string())


if __name__ == "__main__":
    main()
