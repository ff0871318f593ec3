"""Makes castle.csv from the castle data of the Python package causaldata.

    python -m pip download --no-deps --no-binary :all: causaldata==0.1.5
    python data/make_castle.py causaldata-0.1.5.tar.gz

The package holds rates per 100,000 people and neither the counts nor the populations they were made from. Both can be
recovered exactly: a count is a whole number, a population is a whole number, and six stored rates that share one
population leave one pair that fits them all within the rounding of a 32-bit number.
"""

import hashlib
import io
import sys
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd

VERSION = "causaldata 0.1.5"
SHA256 = "5604fb84000c6a8ae3e93630b3624e9f2af4f8700e4465ec3586998b3522fd1c"
MEMBER = "causaldata/castle/castle.dta"
OFFENCES = ["homicide", "robbery", "assault", "burglary", "larceny", "motor"]
# `sid` numbers the states alphabetically with the District of Columbia as 9, which the data leave out.
STATES = (
    """
Alabama, Alaska, Arizona, Arkansas, California, Colorado, Connecticut, Delaware, District of
Columbia, Florida, Georgia, Hawaii, Idaho, Illinois, Indiana, Iowa, Kansas, Kentucky, Louisiana,
Maine, Maryland, Massachusetts, Michigan, Minnesota, Mississippi, Missouri, Montana, Nebraska,
Nevada, New Hampshire, New Jersey, New Mexico, New York, North Carolina, North Dakota, Ohio,
Oklahoma, Oregon, Pennsylvania, Rhode Island, South Carolina, South Dakota, Tennessee, Texas, Utah,
Vermont, Virginia, Washington, West Virginia, Wisconsin, Wyoming
""".replace("\n", " ")
    .strip()
    .split(", ")
)


def read_package(path: Path) -> pd.DataFrame:
    """The castle data as the package stores them, once the archive is known to be the one documented."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(
            f"{path.name} is not the archive of {VERSION}: its SHA-256 is {found}, not {SHA256}."
        )
    with tarfile.open(path) as archive:
        name = next(member for member in archive.getnames() if member.endswith(MEMBER))
        with archive.extractfile(name) as stored:
            return pd.read_stata(io.BytesIO(stored.read()))


def population_behind(rates: np.ndarray, typical: float) -> int:
    """The population that turns every rate into a whole count, looked for from 25% below to 30% above `typical`."""
    fewest, most = np.floor(rates[0] * typical * 0.75e-5), np.ceil(rates[0] * typical * 1.3e-5)
    homicides = np.arange(max(fewest, 1), most + 1)
    near = np.round(homicides * 1e5 / rates[0])
    tried = (near[:, None] + np.arange(-4, 5)).ravel()
    counts = rates * tried[:, None] / 1e5
    half_step = 0.5 * np.spacing(rates.astype(np.float32)).astype(float) * tried[:, None] / 1e5
    misfit = (np.abs(counts - np.round(counts)) / (half_step + 1e-6)).max(axis=1)
    best = int(misfit.argmin())
    if misfit[best] > 1:
        raise SystemExit(f"no population near {typical:,.0f} fits all the rates {rates}")
    return int(tried[best])


def main(path: Path) -> None:
    stored = read_package(path)
    rates = stored[OFFENCES].astype(np.float32).astype(float).to_numpy()
    typical = stored["popwt"].astype(float).to_numpy()
    population = np.array([population_behind(row, size) for row, size in zip(rates, typical, strict=True)])
    counts = np.round(rates * population[:, None] / 1e5).astype(int)
    # The package also stores the log of the homicide rate: the recovered numbers have to give it back.
    if not np.allclose(np.log(1e5 * counts[:, 0] / population), stored["l_homicide"], atol=1e-6):
        raise SystemExit("the recovered counts do not give the stored log rates back")
    table = pd.DataFrame(
        {"state": [STATES[sid - 1] for sid in stored["sid"]], "year": stored["year"], "post": stored["post"]}
    )
    table = table.join(pd.DataFrame(counts, columns=OFFENCES))
    table["population"], table["popwt"] = population, typical
    table = table.sort_values(["state", "year"])
    table.to_csv(Path(__file__).with_name("castle.csv"), index=False, lineterminator="\n")
    print(f"castle.csv: {len(table)} rows, {table['homicide'].sum()} homicides, from {VERSION}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
