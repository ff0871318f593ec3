"""Simulated people: what was planted is what the truth says, and people behave as the caseload says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, simulate

# Everyone alike: two offences a year, one force, always at risk, nobody lost.
FLAT = replace(
    simulate.DIVERSION,
    offences=2.0,
    spread=0.0,
    women=0.0,
    ten_years=0.0,
    forces=1,
    suites=2,
    willing_before=0.0,
    willing_after=0.0,
    lost=(0.0, 0.0),
    away=0.0,
)
MANY = 40_000


def test_one_row_per_person():
    frame, truth = simulate.people(entrants=120)
    assert list(frame.columns) == [
        "person",
        "force",
        "suite",
        "offered",
        "took_part",
        "completed",
        "age",
        "sex",
        "prior_offences",
        "offences_before",
        "days_before",
        "offences_after",
        "days_after",
        "reoffended",
    ]
    assert frame["person"].is_unique
    assert frame["person"].iloc[[0, -1]].tolist() == ["P001", "P120"]
    assert truth.expected["person"].equals(frame["person"])


def test_same_input_same_bits():
    first, truth = simulate.people(seed=7)
    again, same = simulate.people(seed=7)
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(truth.expected, same.expected)
    pd.testing.assert_frame_equal(simulate.people()[0], simulate.people(seed=0)[0])
    pd.testing.assert_frame_equal(simulate.people(seed=np.random.default_rng(7))[0], first)
    assert not first["offences_before"].equals(simulate.people(seed=8)[0]["offences_before"])


def test_a_generator_moves_on():
    rng = np.random.default_rng(7)
    assert not simulate.people(seed=rng)[0].equals(simulate.people(seed=rng)[0])


@pytest.mark.parametrize("rate_ratio", [0, 0.5, 1.7])
def test_the_effect_changes_only_those_who_take_part(rate_ratio):
    without, _ = simulate.people(rate_ratio=1, seed=3)
    with_programme, truth = simulate.people(rate_ratio=rate_ratio, seed=3)
    treated = without["took_part"] == 1
    pd.testing.assert_frame_equal(without[~treated], with_programme[~treated])
    kept = without.columns.drop(["offences_after", "reoffended"])
    pd.testing.assert_frame_equal(without[kept], with_programme[kept])
    difference = (with_programme["offences_after"] - without["offences_after"])[treated].dropna()
    assert (difference * np.sign(rate_ratio - 1) >= 0).all()
    assert (difference != 0).any()
    assert truth.rate_ratio == pytest.approx(rate_ratio)


def test_a_rate_ratio_of_zero_leaves_nothing():
    frame, truth = simulate.people(rate_ratio=0)
    assert frame.loc[frame["took_part"] == 1, "offences_after"].sum() == 0
    assert truth.risk_ratio == truth.rate_ratio == 0


def test_only_every_second_suite_offers_it_and_only_the_offered_take_part():
    frame, _ = simulate.people(seed=2)
    by_suite = frame.groupby("suite")["offered"].agg(["min", "max"])
    assert (by_suite["min"] == by_suite["max"]).all()
    assert by_suite["max"].tolist() == [1, 0] * 6
    assert frame.groupby("suite")["force"].nunique().eq(1).all()
    assert frame.groupby("force")["suite"].nunique().eq(4).all()
    assert (frame["took_part"] <= frame["offered"]).all()
    assert (frame["completed"] <= frame["took_part"]).all()


def test_offences_after_are_negative_binomial():
    # Mean 2 x 2 = 4, variance 4 + 0.6 x 16 = 13.6. The excess kurtosis of a negative binomial of shape 1 / 0.6 is
    # 6 x 0.6 + 1 / 13.6 = 3.67, so the standard error of the variance is 13.6 x sqrt((2 + 3.67) / n).
    after = simulate.people(FLAT, entrants=MANY, rate_ratio=1)[0]["offences_after"]
    assert abs(after.mean() - 4) < 4 * np.sqrt(13.6 / MANY)
    assert abs(after.var() - 13.6) < 4 * 13.6 * np.sqrt(5.67 / MANY)


def test_entry_by_arrest_raises_the_period_before():
    # The spell before entry is gamma of shape 1 / 0.6 + 1 and scale 0.6: mean 1.6, variance 0.6 x 1.6 = 0.96. So the
    # mean is 4 x 1.6 = 6.4 and the variance 6.4 + 16 x 0.96 = 21.76, a negative binomial of shape 2.667, whose excess
    # kurtosis is 6 / 2.667 + 1 / 21.76 = 2.296.
    before = simulate.people(FLAT, entrants=MANY)[0]["offences_before"]
    assert abs(before.mean() - 6.4) < 4 * np.sqrt(21.76 / MANY)
    assert abs(before.var() - 21.76) < 4 * 21.76 * np.sqrt(4.296 / MANY)


def test_the_spell_before_is_the_spell_in_proportion_to_it():
    # From the definition, not from the closed form: spells picked in proportion to their size.
    rng = np.random.default_rng(5)
    spell = rng.gamma(1 / 0.6, 0.6, 400_000)
    picked = rng.choice(spell, 50_000, p=spell / spell.sum())
    before = simulate.people(FLAT, entrants=MANY)[0]["offences_before"]
    again = rng.poisson(4 * picked)
    for share in (0.25, 0.5, 0.75, 0.95):
        assert abs(np.quantile(before, share) - np.quantile(again, share)) <= 1


def test_the_risk_is_that_of_a_negative_binomial():
    # Proven offences have mean 0.6 x 4 = 2.4, so none with probability (1 + 0.6 x 2.4) ** (-1 / 0.6) = 0.2261.
    frame, truth = simulate.people(FLAT, entrants=MANY, rate_ratio=0.5)
    none = frame["reoffended"] == 0
    treated = frame["took_part"] == 1
    assert truth.expected["risk_without"].iloc[0] == pytest.approx(1 - 2.44 ** (-1 / 0.6))
    assert abs(none[~treated].mean() - 0.2261) < 4 * np.sqrt(0.2261 * 0.7739 / (~treated).sum())
    # With half the rate, none with probability (1 + 0.6 x 1.2) ** (-1 / 0.6) = 0.4050.
    assert truth.risk_difference == pytest.approx(0.2261 - 0.4050, abs=1e-4)
    assert abs(none[treated].mean() - 0.4050) < 4 * np.sqrt(0.4050 * 0.5950 / treated.sum())


def test_without_spells_counts_are_poisson():
    frame, truth = simulate.people(replace(FLAT, spell=0.0), entrants=MANY, rate_ratio=1)
    assert truth.expected["risk_without"].iloc[0] == pytest.approx(1 - np.exp(-2.4))
    assert abs(frame["offences_before"].mean() - 4) < 4 * np.sqrt(4 / MANY)
    assert abs(frame["offences_after"].var() - 4) < 4 * np.sqrt((4 + 2 * 16) / MANY)


def test_a_reoffence_is_an_offence():
    frame, _ = simulate.people(seed=4)
    followed = frame.dropna()
    assert (followed.loc[followed["reoffended"] == 1, "offences_after"] > 0).all()
    assert set(followed["reoffended"]) == {0, 1}
    # Some offences are never proven.
    assert ((followed["offences_after"] > 0) & (followed["reoffended"] == 0)).any()


def test_prior_offences_grow_with_age_and_frailty():
    # A man of 30 has 3 on average, variance 3 + 0.6 x 9 = 8.4; at 22 half of that.
    men = replace(simulate.DIVERSION, women=0.0)
    frame, _ = simulate.people(men, entrants=200_000, seed=1)
    for age, mean, variance in ((30, 3, 8.4), (22, 1.5, 1.5 + 0.6 * 2.25)):
        priors = frame.loc[frame["age"] == age, "prior_offences"]
        assert len(priors) > 4_000
        assert abs(priors.mean() - mean) < 4 * np.sqrt(variance / len(priors))
    offences = frame.groupby(frame["prior_offences"].clip(upper=4))["offences_before"].mean()
    assert offences.is_monotonic_increasing


def test_those_with_less_risk_and_more_willingness_take_part():
    frame, truth = simulate.people(entrants=MANY)
    took_part = frame["took_part"] == 1
    offered = frame["offered"] == 1
    willing = truth.expected["willingness"]
    assert willing[took_part].mean() > 0.3 > -0.2 > willing[offered & ~took_part].mean()
    assert abs(willing[~offered].mean()) < 4 / np.sqrt((~offered).sum())
    assert frame.loc[took_part, "prior_offences"].mean() < frame.loc[~offered, "prior_offences"].mean() - 0.5


def test_with_nothing_selected_the_simple_comparison_is_the_truth():
    fair = replace(simulate.DIVERSION, measured=0.0, unmeasured=0.0)
    _, truth = simulate.people(fair, entrants=MANY, rate_ratio=0.7)
    simple = truth.comparisons.set_index("comparison").loc["took part against not offered"]
    # The standard deviation of expected risks is near 0.25, so of the difference 0.25 x sqrt(1/9,000 + 1/20,000).
    assert abs(simple["risk_difference"] - truth.risk_difference) < 4 * 0.0032


def test_lasting_willingness_cancels_from_a_change_and_a_turned_corner_does_not():
    # Everyone always at risk, so a person's expected change is rate_ratio / (1 + spell) whatever their rate.
    lasting = replace(simulate.DIVERSION, away=0.0, willing_before=-0.3, willing_after=-0.3)
    _, truth = simulate.people(lasting, rate_ratio=0.7)
    ratio = truth.comparisons.set_index("comparison")["rate_ratio"]
    assert ratio["change of took part against change of not offered"] == pytest.approx(0.7, rel=1e-12)
    assert ratio["before and after"] == pytest.approx(0.7 / 1.6, rel=1e-12)
    _, turning = simulate.people(replace(lasting, willing_after=-0.6), rate_ratio=0.7)
    ratio = turning.comparisons.set_index("comparison")["rate_ratio"]
    assert ratio["change of took part against change of not offered"] < 0.65


def test_the_truth_is_that_of_those_who_took_part():
    frame, truth = simulate.people(rate_ratio=0.75)
    treated = truth.expected[frame["took_part"] == 1]
    assert truth.rate_ratio == pytest.approx(0.75)
    assert truth.prevented == pytest.approx(0.25 * treated["without"].sum())
    risks = treated["risk_with_programme"].mean(), treated["risk_without"].mean()
    assert truth.risk_difference == pytest.approx(risks[0] - risks[1])
    assert truth.risk_ratio == pytest.approx(risks[0] / risks[1])


def test_unfair_comparisons_are_what_the_draws_average_to():
    rows = []
    for seed in range(60):
        frame, truth = simulate.people(rate_ratio=0.8, seed=seed)
        completed, lost = frame["completed"] == 1, frame["reoffended"].isna()
        risk = frame.loc[~lost].groupby(completed)["reoffended"].mean()
        said = truth.comparisons.set_index("comparison").loc["completed against everyone else"]
        rows.append(risk[True] - risk[False] - said["risk_difference"])
    # Each difference is off by chance, 0.03 or so; the mean of 60 by four standard errors at most.
    assert abs(np.mean(rows)) < 4 * np.std(rows, ddof=1) / np.sqrt(60)
    assert np.std(rows) < 0.05


def test_follow_up_is_lost_in_the_shares_given():
    frame, _ = simulate.people(replace(simulate.DIVERSION, lost=(0.1, 0.3)), entrants=MANY)
    lost = frame["reoffended"].isna()
    assert lost.equals(frame["offences_after"].isna())
    assert lost.equals(frame["days_after"].isna())
    for part, share in ((1, 0.1), (0, 0.3)):
        group = lost[frame["took_part"] == part]
        assert abs(group.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(group))
    assert frame.drop(columns=["offences_after", "days_after", "reoffended"]).notna().all().all()


def test_days_at_risk():
    frame, _ = simulate.people(entrants=MANY, days=500)
    away = frame["days_before"] < 500
    assert abs(away.mean() - 0.1) < 4 * np.sqrt(0.09 / MANY)
    assert (500 - frame.loc[away, "days_before"]).min() == 30
    assert (500 - frame.loc[away, "days_before"]).max() == 365


def test_the_diversion_caseload_meets_the_published_figures():
    frame, truth = simulate.people(entrants=200_000, days=730, rate_ratio=0.79, seed=1)
    risk, offered = truth.expected["risk_without"], frame["offered"] == 1
    # Weir et al.: 48% in the comparison arm. The standard deviation of the risks is near 0.25.
    assert abs(risk[~offered].mean() - 0.48) < 0.005
    # Thames Valley's pilot: 55% of those eligible did not enter treatment.
    assert abs(frame.loc[offered, "took_part"].mean() - 0.45) < 0.01
    # DIVERT's own claim, 8% against 27%.
    claim = truth.comparisons.set_index("comparison").loc["completed against everyone else"]
    assert abs(claim["risk_difference"] - -0.19) < 0.005
    # Half of the 10.3 points of Checkpoint's trial.
    assert abs(truth.risk_difference - -0.0515) < 0.002


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"takes_part": 1.2}, "takes_part=1.2 must be a share"),
        ({"proven": -0.1}, "proven=-0.1 must be a share"),
        ({"spell": -1.0}, "spell=-1 must be zero or more"),
        ({"spread": float("nan")}, "spread=nan must be finite"),
        ({"lost": (0.1, 2.0)}, "lost=2 must be a share"),
        ({"lost": (0.1,)}, "lost must hold two shares"),
        ({"suites": 1}, "suites=1 must be a whole number of at least 2"),
    ],
)
def test_impossible_caseloads(change, says):
    with pytest.raises(DesignError, match=says):
        replace(simulate.DIVERSION, **change)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        ({"entrants": 0}, "entrants=0"),
        ({"entrants": 2.5}, "entrants=2.5"),
        ({"days": 365}, "days=365 must be a whole number of at least 366"),
        ({"rate_ratio": -0.1}, "rate_ratio=-0.1 must be a number of at least 0"),
        ({"rate_ratio": float("inf")}, "rate_ratio=inf"),
        ({"rate_ratio": "x"}, "rate_ratio='x' must be a number, such as 0.8"),
        ({"rate_ratio": None}, "rate_ratio=None must be a number"),
        ({"rate_ratio": 1e9}, "rate_ratio=1000000000 must be .* at most 1,000,000"),
        ({"caseload": 3}, "caseload must be a Caseload, not an int"),
    ],
)
def test_impossible_questions(ask, says):
    with pytest.raises(DesignError, match=says):
        simulate.people(**ask)


def test_nobody_takes_part():
    frame, truth = simulate.people(replace(simulate.DIVERSION, takes_part=0.0), entrants=50)
    assert frame["took_part"].sum() == 0
    assert np.isnan(truth.risk_difference)
    assert np.isnan(truth.rate_ratio)
    assert truth.prevented == 0


def test_one_person():
    frame, _ = simulate.people(entrants=1)
    assert len(frame) == 1
