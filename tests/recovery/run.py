"""The full run of the coverage designs: `make recovery`, or `python tests/recovery/run.py counts people`.

Writes data/derived/coverage_<topic>.csv, one row a design. By hand, since it takes long.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the tests' folder, as pytest has it
from recovery import coverage


def one(topic: str, place: int) -> dict[str, object]:
    """The row of one design."""
    design = coverage.topics()[topic][place]
    return coverage.row(design, design.draws)


def main(asked: list[str]) -> None:
    """Run the topics asked for, or all, and write their tables."""
    topics = coverage.topics()
    if unknown := set(asked) - set(topics):
        sys.exit(f"No topic {', '.join(sorted(unknown))}. There are: {', '.join(topics)}.")
    with ProcessPoolExecutor() as pool:
        for topic in asked or topics:
            places = range(len(topics[topic]))
            rows = list(tqdm(pool.map(one, [topic] * len(places), places), total=len(places), desc=topic))
            table = pd.DataFrame(rows).round(6)
            table.to_csv(coverage.table_of(topic), index=False, lineterminator="\n")
            print(table[["method", "design", "coverage", "required_low", "required_high"]].to_string())


if __name__ == "__main__":
    main(sys.argv[1:])
