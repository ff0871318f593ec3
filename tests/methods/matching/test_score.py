"""The propensity score of a sample: what goes into it, and whom it tells apart."""

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import DesignError, Sample
from toolkit.methods.matching.score import score_of


def test_each_category_leaves_out_its_first_level():
    score = score_of(Sample.of(people(200), **NAMES))
    assert score.names == ("age", "priors", "force: Durham", "force: Kent")
    assert score.regressors[:, 0].tolist() == [1.0] * 200
    assert score.probability == pytest.approx(1 / (1 + np.exp(-score.regressors @ score.coef)))


def test_the_mean_score_is_the_share_treated_in_every_level():
    """The likelihood equations: in each level of a category the scores sum to the number treated."""
    frame = people(200)
    score = score_of(Sample.of(frame, **NAMES)).probability
    sums = pd.Series(score).groupby(frame["force"]).sum()
    assert sums.to_dict() == pytest.approx(frame.groupby("force")["diverted"].sum().to_dict())


def test_a_covariate_that_only_the_uncounted_vary_in_is_left_out():
    frame = people(60).assign(w=1.0, odd=0.0)
    frame.loc[3, ["w", "odd"]] = [0.0, 9.0]
    score = score_of(Sample.of(frame, treated="diverted", covariates=["age", "odd"], weight="w"))
    assert score.names == ("age",)
    assert score.cautions == ("odd is the same for everybody and adds nothing to the matching.",)


def test_arms_apart_together_and_not_alone_are_refused():
    # Treated exactly where a + b > 0, which neither tells alone.
    rng = np.random.default_rng(1)
    a, b = rng.uniform(-3, 3, size=(2, 80))
    frame = pd.DataFrame({"diverted": (a + b > 0).astype(int), "a": a, "b": b})
    with pytest.raises(DesignError, match="without error, so the arms do not overlap. Leave out a covariate"):
        score_of(Sample.of(frame, treated="diverted", covariates=["a", "b"]))
