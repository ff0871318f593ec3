"""Scores, weights, balance and matches against R: glm, survey, MatchIt and Matching.

MatchIt 4.5.1 looks for a match among comparison people with a lower score, and among the others only when none of
those is left: an oracle that does so gives its pairs one by one (`_lower_first`). The toolkit takes the nearest on
either side. Its record under a caliper holds the same pairs as without one, some of them three calipers apart, so it
is no record of a caliper.
"""

import numpy as np
import pytest

from toolkit import Sample, balance, matching
from toolkit.methods.matching.score import score_of
from toolkit.numerics import pairing

from .reading import expected, people

COVARIATES = ["risk", "priors", "age", "male", "employed", "pre_offences"]


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample.of(people(), treated="treated", covariates=COVARIATES, outcomes=["change"])


def _gap(pairs: np.ndarray) -> float:
    change = people()["change"].to_numpy()
    return change[pairs[:, 0]].mean() - change[pairs[:, 1]].mean()


def _ids(pairs: np.ndarray) -> tuple[int, int]:
    """The sum of the matched comparison people's ids, and of the products of ids within pairs."""
    ids = people()["id"].to_numpy()[pairs]
    return ids[:, 1].sum(), ids.prod(axis=1).sum()


def _lower_first(score: np.ndarray, arm: np.ndarray, *, replace: bool = False) -> np.ndarray:
    """MatchIt 4.5.1's pairs, largest score first."""
    free, others, pairs = np.ones((~arm).sum(), dtype=bool), np.flatnonzero(~arm), []
    for one in sorted(np.flatnonzero(arm), key=lambda i: -score[i]):
        far = np.abs(score[others] - score[one])
        lower = free & (score[others] <= score[one])
        nearest = int(np.argmin(np.where(lower if lower.any() else free, far, np.inf)))
        free[nearest] = replace
        pairs.append((one, others[nearest]))
    return np.array(pairs)


def test_propensity_score(sample: Sample) -> None:
    told, score = expected("e.ps"), score_of(sample)
    assert score.names == tuple(COVARIATES)
    assert score.coef == pytest.approx([told["(Intercept)"], *(told[name] for name in COVARIATES)], rel=1e-9)
    assert score.probability[:5] == pytest.approx([told[f"ps{i}"] for i in range(1, 6)], rel=1e-9)
    arm = sample.treated
    means = [score.probability[arm].mean(), score.probability[~arm].mean()]
    assert means == pytest.approx([told["mean_t"], told["mean_c"]], rel=1e-9)


@pytest.mark.parametrize(("estimand", "name"), [("ATT", "att.b"), ("ATE", "ate.b")])
def test_weights(sample: Sample, estimand: str, name: str) -> None:
    made = matching.weights(sample, estimand=estimand)
    change, arm = made.outcome("change"), made.treated
    gap = np.average(change[arm], weights=made.weight[arm]) - np.average(
        change[~arm], weights=made.weight[~arm]
    )
    assert gap == pytest.approx(expected("e.ipw")[name], rel=1e-9)


def test_balance_and_size_under_weights(sample: Sample) -> None:
    told, made = expected("e.ipw"), matching.weights(sample)
    table = balance.table(made).set_index("covariate")
    for name, column in {"risk": "risk", "priors": "priors", "age": "age", "pre": "pre_offences"}.items():
        ours = table.loc[column, ["standardised_difference_before", "standardised_difference_after"]]
        assert ours.tolist() == pytest.approx(
            [told[f"smd0_{name}"], told[f"smdw_{name}"]], rel=1e-8, abs=1e-12
        )
    assert balance.sizes(made).loc["comparison", "worth_after"] == pytest.approx(told["ess_c"], rel=1e-9)


def test_matchit_by_its_own_rule(sample: Sample) -> None:
    told, score, arm = expected("e.match.nn"), score_of(sample).probability, sample.treated
    pairs = _lower_first(score, arm)
    assert len(pairs) == told["n_pairs"]
    assert _ids(pairs) == (told["sum_control_id"], told["hash"])
    assert _gap(pairs) == pytest.approx(told["did"], rel=1e-9)
    assert _ids(_lower_first(score, arm, replace=True))[0] == expected("e.match.caliper")["repl.sumid"]


def test_matchits_balance(sample: Sample) -> None:
    told = expected("e.match.nn")
    rows = np.unique(_lower_first(score_of(sample).probability, sample.treated))
    made = sample.made(rows=rows, weight=np.ones(len(rows)), design="matched without replacement")
    table = balance.table(made).set_index("covariate")
    for name in COVARIATES:
        ours = table.loc[name, ["standardised_difference_before", "standardised_difference_after"]]
        assert ours.tolist() == pytest.approx([told[f"all.{name}"], told[f"m.{name}"]], rel=1e-9)


def test_nearer_than_matchit(sample: Sample) -> None:
    """Every treated person is matched as there, and to people who are nearer in all and, with replacement, each."""
    score, arm = score_of(sample).probability, sample.treated
    ours = matching.nearest(sample, distance="probability").matches.pairs
    theirs = _lower_first(score, arm)
    assert len(ours) == len(theirs)
    near, far = (np.abs(np.diff(score[pairs], axis=1)).sum() for pairs in (ours, theirs))
    assert near < 0.99 * far
    again = matching.nearest(sample, distance="probability", replace=True).matches.pairs
    both = [p[np.argsort(p[:, 0], kind="stable")] for p in (again, _lower_first(score, arm, replace=True))]
    gaps = [np.abs(np.diff(score[pairs], axis=1))[:, 0] for pairs in both]
    assert (gaps[0] <= gaps[1] + 1e-12).all() and (gaps[0] < gaps[1] - 1e-12).any()


def test_the_record_of_a_caliper_is_none(sample: Sample) -> None:
    told, score, arm = expected("e.match.caliper"), score_of(sample).probability, sample.treated
    pairs = _lower_first(score, arm)
    assert (told["cal.n"], told["cal.sumid"]) == (len(pairs), _ids(pairs)[0])
    assert np.abs(np.diff(score[pairs], axis=1)).max() > 3 * 0.2 * score.std(ddof=1)
    kept = matching.nearest(sample, distance="probability", caliper=0.2).matches.pairs
    spread = np.sqrt((score[arm].var(ddof=1) + score[~arm].var(ddof=1)) / 2)
    assert len(kept) < len(pairs)
    assert np.abs(np.diff(score[kept], axis=1)).max() <= 0.2 * spread


def test_mahalanobis_distance_in_the_order_of_the_data() -> None:
    """MatchIt lets the treated choose in the order of the rows; the toolkit, by score. The distances are the same."""
    told = expected("e.match.exact_cem")
    three = Sample.of(people(), treated="treated", covariates=["age", "risk", "pre_offences"])
    made = matching.nearest(three, distance="mahalanobis").matches
    ground = pairing.Ground(made.places, made.strata, made.places[:, 0], np.inf)
    arm = three.treated
    pairs = pairing.greedy(ground, np.flatnonzero(arm), np.flatnonzero(~arm), 1)
    assert _ids(pairs)[0] == told["mah_sumid"]
    assert _gap(pairs) == pytest.approx(told["mah_did"], rel=1e-9)


def test_exact_subclasses_are_weights_on_one_category() -> None:
    told, table = expected("e.match.exact_cem"), people()
    band = np.digitize(table["priors"], [1, 3]).astype(str)
    kinds = table.assign(
        kind="m" + table["male"].astype(str) + "e" + table["employed"].astype(str) + "p" + band
    )
    one = Sample.of(kinds, treated="treated", covariates="kind", outcomes="change")
    assert one.n == told["exact_n"]
    for kind in ("propensity", "entropy"):
        made = matching.weights(one, kind=kind)
        change, arm = made.outcome("change"), made.treated
        gap = change[arm].mean() - np.average(change[~arm], weights=made.weight[~arm])
        assert gap == pytest.approx(told["exact_att"], rel=1e-7)


def test_matchings_ties(sample: Sample) -> None:
    """Matching 4.10.8 takes squared distances within 1e-5 variances for ties; the toolkit, equal distances."""
    score, arm, change = score_of(sample).probability, sample.treated, people()["change"].to_numpy()
    apart = ((score[arm][:, None] - score[~arm]) / score.std(ddof=1)) ** 2
    alike = apart <= apart.min(axis=1, keepdims=True) + 1e-5
    expected_without = (alike * change[~arm]).sum(axis=1) / alike.sum(axis=1)
    assert (change[arm] - expected_without).mean() == pytest.approx(
        expected("e.match.Matching")["est"], rel=1e-9
    )
    pairs = matching.nearest(sample, distance="probability", replace=True).matches.pairs
    assert len(pairs) == arm.sum()  # no two scores are equal, so nobody is matched to two
    assert (
        alike[
            np.searchsorted(np.flatnonzero(arm), pairs[:, 0]),
            np.searchsorted(np.flatnonzero(~arm), pairs[:, 1]),
        ]
    ).all()
