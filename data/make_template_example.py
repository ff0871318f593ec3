"""Makes template_example.csv, the table that evaluations/_template.ipynb runs on, from castle.csv and castle_laws.csv.

Run from the root of the repository: python data/make_template_example.py
"""

from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent


def main() -> None:
    """One row per state and year: homicides, and the year that the state's law took effect."""
    laws = pd.read_csv(HERE / "castle_laws.csv").rename(columns={"first_year": "law_from"})
    rows = pd.read_csv(HERE / "castle.csv").merge(laws, how="left", on="state")
    table = rows[["state", "year", "homicide", "law_from"]].astype({"law_from": "Int64"})
    table.to_csv(HERE / "template_example.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
