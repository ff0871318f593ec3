"""Monthly series that several tests are made from: a count and a measure that fall from January 2021."""

from __future__ import annotations

import numpy as np
import pandas as pd

MONTHS = pd.period_range("2018-01", periods=60, freq="M")
START = "2021-01"
_DRAW = np.random.default_rng(11)
_TURN = 2 * np.pi * np.arange(60) / 12
_LINE = 3.5 + 0.2 * np.sin(_TURN) - 0.2 * (np.arange(60) >= 36)
COUNT = pd.Series(_DRAW.poisson(np.exp(_LINE + 0.1 * _DRAW.standard_normal(60))), index=MONTHS, name="asb")
OTHER = pd.Series(_DRAW.poisson(np.exp(3.4 + 0.2 * np.sin(_TURN))), index=MONTHS, name="asb elsewhere")
MEASURE = pd.Series(50 + 5 * np.sin(_TURN) + _DRAW.standard_normal(60), index=MONTHS, name="fear")
PEOPLE = pd.Series(np.linspace(9000, 9500, 60), index=MONTHS, name="people")
AFTER = np.arange(60) >= 36
