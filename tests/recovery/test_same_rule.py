"""Areas chosen by a rule: against all others the effect is off, against those that met the same rule it is not."""

from dataclasses import replace

import numpy as np

from toolkit import Panel, comparison, did, simulate

DRIFTING = replace(simulate.VIOLENCE_WARD, spread=0.2, drift=0.25, persistence=0.85)
TOLD = {"unit": "unit", "period": "period", "outcome": "count", "treated_from": "treated_from"}
PEAK = {"first": "2022-10", "last": "2022-12", "top": 25}


def bias(draws: list[list[Panel]], truth: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean log error of each way, over the draws, and its Monte Carlo error."""
    found = np.array(
        [[np.log(did.att(p, inference="cluster").value / truth) for p in ways] for ways in draws]
    )
    return found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(len(found))


def test_areas_chosen_for_their_level_are_flattered_by_all_others_and_not_by_the_same_rule():
    """A fall of 20% is planted in 10 of the worst 25 of 100 areas: all others enlarge it, the same rule does not."""
    draws = []
    for seed in range(60):
        worst = simulate.Worst(n=10, on=3, eligible=PEAK["top"])
        frame, _ = simulate.panel(
            DRIFTING, units=100, periods=24, first="2022-01", treated=worst, treated_from="2023-01", seed=seed
        )
        panel = Panel.of(frame, **TOLD)
        draws.append([panel, comparison.same_rule(panel, **PEAK)])
    (others, same), error = bias(draws, 0.8)
    assert error.max() < 0.015
    assert others < -4 * error[0] and others < -0.04
    assert abs(same) < 2.5 * error[1]


def test_areas_chosen_for_a_rise_are_wronged_by_all_others_and_not_by_the_same_rule():
    """Part of a rise lasts: nothing is done, and all others call it a rise, more so without the months of the peak."""
    draws = []
    for seed in range(60):
        frame, _ = simulate.panel(DRIFTING, units=100, periods=24, first="2022-01", treated=0, seed=seed)
        before = Panel.of(frame, **TOLD).between("2022-01", "2022-12")
        order = comparison.ranked(before, first="2022-10", last="2022-12", measure="percent_rise")["unit"]
        lot = np.random.default_rng(seed).permutation(order[: PEAK["top"]])[:10]
        frame["treated_from"] = np.where(frame["unit"].isin(lot), "2023-01", None)
        panel = Panel.of(frame, **TOLD)
        dropped = panel.where(lambda f: ~f["period"].between("2022-10", "2022-12"))
        draws.append([panel, dropped, comparison.same_rule(panel, **PEAK, measure="percent_rise")])
    (others, dropped, same), error = bias(draws, 1.0)
    assert error.max() < 0.015
    assert others > 4 * error[0] and dropped > others + 0.05
    assert abs(same) < 2.5 * error[2]
