"""The array code behind the table of false alarms gives what trends.test gives through a Panel."""

from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scripts import ROOT, load

from toolkit import Panel, did, trends

TABLE = ROOT / "data" / "derived" / "placebo_trends.csv"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load("benchmarks/placebo_trends.py")


def through_a_panel(y: np.ndarray, pool: np.ndarray, treated: int, scale: str, joint: bool) -> float:
    """One draw as an evaluator would test it, with one more month, from which the treated are treated."""
    months = y.shape[1]
    rows = [(f"a{i}", m, y[a, min(m, months - 1)], months if i < treated else None)
            for i, a in enumerate(pool) for m in range(months + 1)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["area", "month", "crimes", "began"])
    panel = Panel.of(frame, unit="area", period="month", outcome="crimes", treated_from="began")
    return trends.test(did.event_study(panel, leads=months, lags=0, scale=scale), joint=joint).p_value


@pytest.mark.parametrize("scale", ["ratio", "difference"])
@pytest.mark.parametrize("joint", [False, True])
def test_arrays_and_panels_agree(script: ModuleType, scale: str, joint: bool) -> None:
    rng = np.random.default_rng(3)
    y = rng.poisson(rng.uniform(4, 20, (60, 1)), (60, 6))
    sets = (
        script.pools(y, 9, 24, chosen="largest third", draws=1, rng=rng)
        if not joint
        else script.pools(y, 9, 24, chosen="at random", draws=1, rng=rng)
    )
    sets = np.concatenate([sets, script.pools(y, 9, 30, chosen="at random", draws=4, rng=rng)[:, :24]])
    ours = script.Draws(y, sets, 9).p_values(scale == "ratio", joint)
    given = y[:, -script.JOINT :] if joint else y
    told = [through_a_panel(given, pool, 9, scale, joint) for pool in sets]
    assert ours == pytest.approx(told, rel=1e-8)


@pytest.mark.parametrize("chosen", ["largest third", "smallest third"])
def test_who_is_treated(script: ModuleType, chosen: str) -> None:
    y = np.arange(60)[:, None] * np.ones((1, 12))
    for pool in script.pools(y, 4, 30, chosen=chosen, draws=20, rng=np.random.default_rng(0)):
        assert len(set(pool)) == 30
        places = np.argsort(np.argsort(pool))[:4]
        assert (places >= 20).all() if chosen.startswith("largest") else (places < 10).all()


@pytest.mark.parametrize("ratio", [True, False])
def test_paths_made_alike_are_alike(script: ModuleType, ratio: bool) -> None:
    rng = np.random.default_rng(0)
    y = rng.poisson(rng.uniform(5, 50, (200, 1)), (200, 12))
    made = script.alike(y, ratio)
    top = np.argsort(-y.sum(axis=1), kind="stable")[:20]
    if ratio:
        paths = made[top].sum(axis=0) / made[top].sum(), y.sum(axis=0) / y.sum()
    else:
        paths = made[top].mean(axis=0) - made[top].mean(), y.mean(axis=0) - y.mean()
    assert paths[0] == pytest.approx(paths[1])


def test_the_slope_holds_its_size_and_the_caution_states_that_of_the_joint_test() -> None:
    """Drawn at random the null holds: 5% of draws, less on the difference scale, and in no cell 7%."""
    table = pd.read_csv(TABLE)
    table = table[(table["chosen"] == "at random") & (table["paths"] == "as recorded")]
    slope, joint = (table.loc[table["test"].str.startswith(name), "rejects"] for name in ("slope", "joint"))
    assert slope.max() < 0.07
    ratio = table.loc[(table["scale"] == "ratio") & (table["test"] == "slope"), "rejects"]
    assert ratio.between(0.035, 0.065).mean() >= 0.95
    assert f"up to {100 * joint.max():.0f}% of draws" in trends._JOINT
    assert f"in up to {100 * slope.max():.0f}%" in trends._JOINT


def test_no_slope_is_found_too_often_where_small_and_large_moved_alike() -> None:
    table = pd.read_csv(TABLE)
    made = table.loc[(table["paths"] == "made alike") & (table["test"] == "slope"), "rejects"].dropna()
    assert len(made) > 100 and made.max() < 0.065
