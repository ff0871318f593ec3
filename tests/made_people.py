"""Small samples of people whose make-up is known, for the tests of matching, balance and effects."""

import numpy as np
import pandas as pd

NAMES = {
    "treated": "diverted",
    "covariates": ["age", "priors", "force"],
    "outcomes": ["reoffended", "offences"],
}


def people(n: int = 200, seed: int = 1, willing: float = 1.0) -> pd.DataFrame:
    """Adults, of whom the older with fewer prior offences are the likelier to be diverted; the truth is no effect.

    `willing` is how strongly choice follows age and priors: 0 is a coin toss.
    """
    rng = np.random.default_rng(seed)
    age, priors = rng.uniform(18, 60, n), rng.poisson(2.0, n)
    force = rng.choice(["Durham", "Kent", "Avon"], n, p=[0.5, 0.3, 0.2])
    logit = willing * (0.04 * (age - 39) - 0.3 * (priors - 2) + 0.4 * (force == "Kent")) - 0.5
    diverted = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    risk = 1 / (1 + np.exp(-(-0.3 - 0.02 * (age - 39) + 0.25 * (priors - 2))))
    reoffended = (rng.random(n) < risk).astype(int)
    frame = pd.DataFrame({"diverted": diverted, "age": age, "priors": priors, "force": force})
    return frame.assign(reoffended=reoffended, offences=rng.poisson(2 * risk), sessions=rng.poisson(3.0, n))
