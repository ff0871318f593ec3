"""Pairs of `matching.nearest`: who is matched, what they weigh, what is said, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import DesignError, Sample, matching

WAYS = {
    "greedy": {},
    "probability": {"distance": "probability"},
    "mahalanobis": {"distance": "mahalanobis"},
    "caliper": {"caliper": 0.2},
    "exact": {"exact": ["force"]},
    "optimal": {"how": "optimal"},
    "optimal, caliper, two": {"how": "optimal", "caliper": 0.3, "ratio": 2},
    "with replacement": {"replace": True},
    "with replacement, three": {"replace": True, "ratio": 3, "caliper": 0.5},
    "mahalanobis within a caliper": {"distance": "mahalanobis", "caliper": 0.25, "exact": "force"},
}


def sample(n: int = 160, **more) -> Sample:
    return Sample.of(people(n, **more), **NAMES)


@pytest.mark.parametrize("way", WAYS)
def test_a_match_joins_one_treated_with_comparison_people(way):
    made = matching.nearest(sample(), **WAYS[way])
    origin, pairs = made.origin, made.matches.pairs
    assert origin.treated[pairs[:, 0]].all() and not origin.treated[pairs[:, 1]].any()
    assert set(made.rows) == set(pairs.ravel())
    assert len({tuple(pair) for pair in pairs.tolist()}) == len(pairs)
    assert np.bincount(pairs[:, 0]).max() <= WAYS[way].get("ratio", 1)
    assert made.weight[made.treated].tolist() == [1.0] * made.n_treated
    assert made.weight[~made.treated].sum() == pytest.approx(made.n_treated)
    assert made.weight[~made.treated] == pytest.approx(made.matches.uses[made.rows[~made.treated]])


@pytest.mark.parametrize("way", [way for way in WAYS if "replacement" not in way])
def test_without_replacement_nobody_serves_twice(way):
    made = matching.nearest(sample(), **WAYS[way])
    assert made.design == "matched without replacement"
    assert len(set(made.matches.pairs[:, 1])) == len(made.matches.pairs)
    place = {person: i for i, person in enumerate(made.rows)}
    assert all(made.match_id[place[one]] == made.match_id[place[other]] for one, other in made.matches.pairs)
    assert len(set(made.match_id)) == made.n_treated


def test_with_replacement_there_is_no_match_id():
    made = matching.nearest(sample(), replace=True)
    assert (made.design, made.match_id) == ("matched with replacement", None)
    far = np.abs(made.matches.places[:, 0][:, None] - made.matches.places[:, 0][None])
    for one, other in made.matches.pairs:
        assert far[one, other] == pytest.approx(far[one, ~made.origin.treated].min(), abs=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_outcomes_are_never_seen(way):
    frame = people(160)
    shuffled = frame.assign(reoffended=frame["reoffended"].to_numpy()[::-1], offences=np.arange(160) ** 2)
    one, other = (matching.nearest(Sample.of(f, **NAMES), **WAYS[way]) for f in (frame, shuffled))
    assert one.matches.pairs.tolist() == other.matches.pairs.tolist()
    assert one.weight.tolist() == other.weight.tolist()
    assert one.cautions == other.cautions


def test_the_frame_keeps_the_callers_order_and_index():
    frame = people(60).set_index(pd.Index([f"p{i:02d}" for i in range(60)])[::-1])
    made = matching.nearest(Sample.of(frame, **NAMES))
    assert list(made.frame) == ["treated", "age", "priors", "force", "weight", "match_id"]
    assert list(made.frame.index) == [name for name in frame.index if name in set(made.frame.index)]


def test_a_caliper_holds_in_standard_deviations_of_the_log_odds():
    made = matching.nearest(sample(), caliper=0.2)
    places, arm = made.matches.places[:, 0], made.origin.treated
    spread = np.sqrt((places[arm].var(ddof=1) + places[~arm].var(ddof=1)) / 2)
    gaps = np.abs(places[made.matches.pairs[:, 0]] - places[made.matches.pairs[:, 1]])
    assert 0.15 * spread < gaps.max() <= 0.2 * spread
    alone = made.origin.n_treated - made.n_treated
    assert alone > 0
    assert any(f"{alone} of {made.origin.n_treated} treated people have no match" in c for c in made.cautions)


def test_exact_means_exact():
    made = matching.nearest(sample(), exact=["force", "priors"])
    both = made.origin.frame[["force", "priors"]].astype({"force": str})
    assert (
        both.iloc[made.matches.pairs[:, 0]].to_numpy() == both.iloc[made.matches.pairs[:, 1]].to_numpy()
    ).all()


def test_optimal_is_at_least_as_near_as_greedy_and_matches_as_many():
    greedy, optimal = (matching.nearest(sample(), how=how, caliper=0.2) for how in ("greedy", "optimal"))
    assert optimal.n_treated >= greedy.n_treated
    free = [matching.nearest(sample(), how=how, distance="mahalanobis") for how in ("greedy", "optimal")]
    gaps = [np.diff(made.matches.places[made.matches.pairs], axis=1)[:, 0] for made in free]
    near, nearest = (np.sqrt((gap**2).sum(axis=1)).sum() for gap in gaps)
    assert nearest < 0.99 * near


def test_mahalanobis_distance_is_that_of_the_pooled_covariance():
    frame = people(80)
    made = matching.nearest(
        Sample.of(frame, treated="diverted", covariates=["age", "priors"]), distance="mahalanobis"
    )
    values, arm = frame[["age", "priors"]].to_numpy(), frame["diverted"].to_numpy() == 1
    parts = [np.cov(values[side], rowvar=False) * (side.sum() - 1) for side in (arm, ~arm)]
    inverse = np.linalg.inv(sum(parts) / 78)
    gap = values[3] - values[70]
    ours = made.matches.places[3] - made.matches.places[70]
    assert ours @ ours == pytest.approx(gap @ inverse @ gap)


def test_survey_weights_go_with_the_treated_they_belong_to():
    frame = people(80).assign(w=np.linspace(1, 3, 80))
    made = matching.nearest(Sample.of(frame, **NAMES, weight="w"), ratio=2)
    frame = made.frame
    for _, group in frame.groupby("match_id"):
        leader = group.loc[group["treated"], "weight"].item()
        others = group.loc[~group["treated"], "weight"]
        assert others.tolist() == pytest.approx([leader / len(others)] * len(others))


@pytest.mark.parametrize("way", WAYS)
def test_people_who_weigh_nothing_are_not_matched(way):
    frame = people(160).assign(w=lambda f: (f.index % 4 > 0).astype(float))
    made = matching.nearest(Sample.of(frame, **NAMES, weight="w"), **WAYS[way])
    assert frame.loc[made.frame.index, "w"].all()
    without = matching.nearest(Sample.of(frame[frame["w"] > 0], **NAMES), **WAYS[way])
    if "distance" not in WAYS[way] and "caliper" not in WAYS[way]:  # whose unit is everybody's spread
        assert list(made.frame.index) == list(without.frame.index)


def test_fewer_comparison_than_treated_people_are_counted():
    frame = people(60).sort_values("diverted").tail(35)
    made = matching.nearest(Sample.of(frame, **NAMES))
    others = int((frame["diverted"] == 0).sum())
    assert made.n_treated == others < frame["diverted"].sum()
    assert any("no match and are left out" in caution for caution in made.cautions)


def test_people_beyond_everybody_are_counted():
    frame = people(100)
    first = frame.index[frame["diverted"] == 1][:3]
    frame.loc[first, "age"] = 200.0
    made = matching.nearest(Sample.of(frame, treated="diverted", covariates=["age"]))
    assert any("treated people have a propensity score beyond" in caution for caution in made.cautions)
    near = matching.nearest(Sample.of(frame, treated="diverted", covariates=["age"]), caliper=0.2)
    assert not set(first) & set(near.frame.index)


def test_twins_who_could_have_served_are_counted():
    # Treated: 7 without priors and 3 with one. Comparison people 10 to 39 have none and one in turn.
    frame = pd.DataFrame({"diverted": [1] * 10 + [0] * 30, "priors": [0] * 7 + [1] * 3 + [0, 1] * 15})
    made = matching.nearest(Sample.of(frame, treated="diverted", covariates=["priors"]))
    assert any("For 10 of 10 matches somebody alike in every covariate" in c for c in made.cautions)
    assert sorted(made.frame.index[~made.treated]) == [
        10,
        11,
        12,
        13,
        14,
        15,
        16,
        18,
        20,
        22,
    ]  # the first labels


def test_covariates_that_add_nothing_are_named():
    frame = people(100).assign(same=3, months=lambda f: 12 * f["age"])
    told = matching.nearest(
        Sample.of(frame, treated="diverted", covariates=["age", "same", "months", "priors"])
    )
    plain = matching.nearest(Sample.of(frame, treated="diverted", covariates=["age", "priors"]))
    assert told.matches.pairs.tolist() == plain.matches.pairs.tolist()
    assert "same is the same for everybody and adds nothing to the matching." in told.cautions
    assert (
        "months is in part or whole what other covariates tell and adds nothing to the matching."
        in told.cautions
    )


def test_what_cannot_be_matched_is_refused():
    frame = people(60)
    by_rule = frame.assign(score=frame["diverted"] * 10 + np.arange(60) / 60)
    apart = Sample.of(by_rule, treated="diverted", covariates=["priors", "score"])
    with pytest.raises(DesignError, match=r"without error.*score alone does so: 10.* to 10.* against 0"):
        matching.nearest(apart)
    with pytest.raises(DesignError, match="priors do not vary"):
        matching.nearest(Sample.of(frame.assign(priors=1), treated="diverted", covariates=["priors"]))
    with pytest.raises(DesignError, match=r"Nobody can be matched under caliper=1e-12"):
        matching.nearest(sample(), caliper=1e-12)
    with pytest.raises(DesignError, match="no covariates to match on"):
        matching.nearest(Sample.of(frame, treated="diverted"))
    with pytest.raises(
        DesignError, match="matched without replacement already. Start again from sample.origin"
    ):
        matching.nearest(matching.nearest(sample()))
    with pytest.raises(DesignError, match="This takes a Sample, not a DataFrame"):
        matching.nearest(frame)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"caliper": 0}, "caliper=0 must be above zero"),
        ({"caliper": "0.2"}, "caliper='0.2' must be above zero"),
        ({"caliper": True}, "caliper=True must be above zero"),
        ({"exact": ["sex"]}, "exact='sex' is not a covariate"),
        ({"how": "best"}, "how='best' is not known. Use 'greedy' or 'optimal'"),
        ({"distance": "score"}, "distance='score' is not known"),
        ({"ratio": 0}, "ratio=0 must be a whole number of at least 1"),
    ],
)
def test_options_that_mean_nothing_are_refused(more, message):
    with pytest.raises(DesignError, match=message):
        matching.nearest(sample(), **more)


@pytest.mark.parametrize("wrong", ["yes", "no", 1, 0, None, np.nan, [True]])
def test_replacement_is_yes_or_no(wrong):
    with pytest.raises(DesignError, match=r"replace=.* must be True or False"):
        matching.nearest(sample(), replace=wrong)


def test_matches_print_on_a_line():
    made = matching.nearest(sample())
    treated = made.n_treated
    assert (
        repr(made.matches) == f"Matches of {treated} treated and {treated} comparison people: {treated} pairs"
    )
