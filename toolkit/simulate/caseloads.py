"""How the people of one caseload behave: how often they offend, who takes part, who completes and who is lost."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from toolkit.simulate.settings import require
from toolkit.validate import shown, whole

_SHARES = ("women", "proven", "takes_part", "completes", "away")
_FROM_ZERO = ("offences", "priors", "spread", "spell")


@dataclass(frozen=True, kw_only=True)
class Caseload:
    """How the people who enter a scheme at an arrest behave, and who of them takes part.

    Offences are negative binomial around a person's own rate. What is *measured* of a person is age, sex, prior
    offences and force; what is *not* is frailty (a lasting rate of their own) and willingness (a standard normal
    score).

    Parameters
    ----------
    offences : float
        Offences a year at risk, outside a bad spell, of a man of 30 with average frailty and willingness in the middle
        force.
    proven : float
        The share of offences that are proven: reoffending is one proven offence or more.
    priors : float
        Prior offences, on average, of a man of 30; they grow with age from 14 on, and with frailty.
    spread : float
        Variance of frailty, which is gamma with mean 1.
    spell : float
        Variance of the spell, gamma with mean 1 over time, that a person's rate is multiplied by in each period. People
        enter at an arrest, so they enter in proportion to it: before entry its mean is 1 + ``spell``, after it 1.
    women, women_rate, ten_years : float
        The share of women; the log rate of women against men; and the log rate of ten years of age.
    forces, suites : int
        Police forces, whose log rates are spaced evenly from -0.15 to 0.15, and custody suites in each, which have the
        rate of their force. Every second suite runs the scheme.
    takes_part, completes : float
        The share of those offered who take part; and the share of those who complete.
    measured, unmeasured : float
        How strongly both are selected: log odds of one standard deviation of a lower measured risk, and of more
        willingness.
    willing_before, willing_after : float
        The log rate of one standard deviation of willingness before and after entry. Equal, willingness is a lasting
        difference; unequal, the willing are turning a corner by themselves. Both 0: nothing unmeasured confounds.
    lost : tuple of 2 floats
        The shares of those who take part, and of the others, whose follow-up is missing, at random.
    away : float
        The share, in each period, who are in custody or abroad for between 30 and 365 days and not at risk then.

    Raises
    ------
    DesignError
        If a value is impossible (a share above 1, a negative variance, fewer than two suites).

    Examples
    --------
    >>> from dataclasses import replace
    >>> from toolkit import simulate
    >>> nothing_hidden = replace(simulate.DIVERSION, willing_before=0, willing_after=0)
    >>> nothing_hidden.takes_part
    0.45
    """

    offences: float
    proven: float
    priors: float
    spread: float
    spell: float
    women: float
    women_rate: float
    ten_years: float
    forces: int
    suites: int
    takes_part: float
    completes: float
    measured: float
    unmeasured: float
    willing_before: float
    willing_after: float
    lost: tuple[float, float]
    away: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            require(bool(np.all(np.isfinite(value))), f"{field.name}={shown(value)} must be finite.")
        for name in _SHARES:
            _share(getattr(self, name), name)
        for name in _FROM_ZERO:
            require(getattr(self, name) >= 0, f"{name}={shown(getattr(self, name))} must be zero or more.")
        require(len(self.lost) == 2, "lost must hold two shares: of those who take part, and of the others.")
        for share in self.lost:
            _share(share, "lost")
        whole(self.forces, "forces", 1)
        whole(self.suites, "suites", 2)


def _share(value: float, name: str) -> None:
    require(0 <= value <= 1, f"{name}={shown(value)} must be a share between 0 and 1.")


DIVERSION = Caseload(
    offences=0.94,
    proven=0.6,
    priors=3.0,
    spread=0.6,
    spell=0.6,
    women=0.18,
    women_rate=-0.3,
    ten_years=-0.2,
    forces=3,
    suites=4,
    takes_part=0.45,
    completes=0.7,
    measured=0.9,
    unmeasured=1.0,
    willing_before=-0.2,
    willing_after=-0.3,
    lost=(0.06, 0.11),
    away=0.1,
)
"""Adults offered a drug education or diversion scheme instead of a charge.

Four figures are held to published ones, in expectation and over two years. Of those never offered it 48% have a
proven reoffence, as in the comparison arm of Checkpoint's moderate-risk trial. Of those offered it 45% take part, as in
Thames Valley's pilot. Those who complete reoffend 19 points less than everyone else, the size of DIVERT's own claim (8%
against 27%). With ``rate_ratio=0.79`` the effect is 5.1 points, half of the 10.3 of Checkpoint's trial. How that gap
divides between what is measured and what is not, the share who complete, the spell, frailty, age, sex and losses are
choices. data/README.md names the sources.
"""
