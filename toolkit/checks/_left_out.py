"""The answer without each unit in turn: does the conclusion hang on one of them?"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from toolkit.checks._rows import Method, answer, away, first, require_method
from toolkit.estimate import Estimate
from toolkit.panel import Panel
from toolkit.validate import DesignError, require_panel, shown

_ARMS = ("comparison", "treated", "both")


def leave_one_out(panel: Panel, method: Method) -> pd.DataFrame:
    """The estimate without each unit in turn (each cluster, where the panel names clusters), furthest moved first.

    Parameters
    ----------
    panel : Panel
    method : callable
        From a Panel to an Estimate, such as ``did.att``; set its options with ``functools.partial``.

    Returns
    -------
    DataFrame
        One row per unit left out, treated and comparison: ``left_out``, ``arm`` (a cluster may hold ``both``), then the
        columns of ``Estimate.to_frame``; ``moved``, what leaving it out does to the estimate (a ratio on the ratio
        scale: 1.05 is a twentieth higher); ``crosses``, whether the interval then includes no change where it does
        not with all units, or the other way about, or the estimate changes sides. A row that crosses has a caution that
        names its unit. Where the method gives no answer without a unit the numbers are missing, the reason is the
        caution, and the row stands first.

    Raises
    ------
    DesignError
        What the method raises on the whole panel.

    Notes
    -----
    With few treated areas one of them can make a finding; so can a comparison area that changed its recording. A
    conclusion that hangs on one unit is a conclusion about that unit: look at its series. To leave a unit out for what
    is found here, and report only the rest, would be to choose the answer: show both.

    **Assumes** nothing beyond the method. Where the method chooses its inference by the number of units
    (``did.att``), fix the inference, so that rows differ by the unit alone.

    Examples
    --------
    >>> from functools import partial
    >>> from toolkit import Panel, did, sensitivity, simulate
    >>> frame, truth = simulate.panel(units=30, periods=24, treated=12, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> found = sensitivity.leave_one_out(panel, partial(did.att, inference="cluster"))
    >>> len(found), bool(found["moved"].between(0.8, 1.25).all())
    (30, True)
    """
    require_panel(panel)
    require_method(method)
    real = first(method, panel)
    name = "cluster" if "cluster" in panel.labels else "unit"
    groups = panel.frame.groupby(name)["treated_now"]
    ever = panel.frame.groupby([name, "unit"])["treated_now"].any().groupby(level=0)
    if len(groups) < 2:
        raise DesignError(f"There is only one {panel.labels[name]}, so none can be left out.")
    arms = dict(zip(ever.groups, np.where(ever.all(), 1, np.where(ever.any(), 2, 0)), strict=True))
    bar = tqdm(arms.items(), desc="Left out", unit=name, leave=False, disable=None)
    rows = [_without(panel, method, real, name, code).assign(arm=_ARMS[arm]) for code, arm in bar]
    return _sorted(pd.concat(rows, ignore_index=True), real)


def _without(panel: Panel, method: Method, real: Estimate, name: str, code: Any) -> pd.DataFrame:
    found = answer(method, panel.where((panel.frame[name] != code).to_numpy()), real)
    turned = _turned(found, real)
    if turned:
        said = f"The conclusion hangs on {shown(code)}: without it {turned}."
        found = replace(found, cautions=(said, *found.cautions))
    return found.to_frame().assign(left_out=code, crosses=bool(turned))


def _turned(found: Estimate, real: Estimate) -> str:
    """How the interval, or the estimate, comes to lie elsewhere about no change; empty where it does not."""
    held, was_held = (one.low <= one.null <= one.high for one in (found, real))
    if math.isnan(found.value) or (
        held == was_held and (found.value - real.null) * (real.value - real.null) >= 0
    ):
        return ""
    if held == was_held:
        return "the estimate is on the other side of no change"
    return f"the interval {'includes' if held else 'no longer includes'} no change"


def _sorted(found: pd.DataFrame, real: Estimate) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        values = found["value"].to_numpy()
        moved = values / real.value if real.scale == "ratio" else values - real.value
    far = np.array([away(value, real.scale) for value in moved])
    order = np.lexsort([found["left_out"].map(shown), -np.nan_to_num(far, nan=np.inf)])
    columns = ["left_out", "arm", *found.columns.drop(["left_out", "arm", "crosses"]), "moved", "crosses"]
    return found.assign(moved=moved)[columns].iloc[order].reset_index(drop=True)
