"""What is said of few events: the share of simulations is that of the table that is kept."""

import pandas as pd
import pytest
from made_people import NAMES, people
from recovery import coverage

from toolkit import Sample, matching, risk
from toolkit.methods.risk import said
from toolkit.sample import UNMATCHED, WEIGHTED, WITH, WITHOUT

RARE = "240 people, 3% have the event"
ROWS = {
    UNMATCHED: ("risk.difference", "30 treated, 30 others; 5% against 5%"),
    "pairs": ("risk.difference, pairs", RARE),
    WITHOUT: ("risk.difference, two for one", RARE),
    WITH: ("risk.difference, with replacement", RARE),
    WEIGHTED: ("risk.difference, propensity weights", RARE),
    "adjusted": ("risk.adjusted", "350 people, 5% have the event"),
}


@pytest.mark.parametrize("kind", said.HELD)
def test_the_share_is_that_of_the_table(kind):
    table = pd.read_csv(coverage.table_of("people")).set_index(["method", "design"])
    # Said to the whole per cent.
    assert said.HELD[kind] == pytest.approx(table.loc[ROWS[kind], "coverage"], abs=0.00501)


def rare(**more) -> Sample:
    frame = people(n=240)
    frame["reoffended"] = (frame.groupby("diverted").cumcount() < 3).astype(int)
    return Sample.of(frame.assign(w=frame["age"]), **NAMES, **more)


@pytest.mark.parametrize(
    ("prepare", "share"),
    [
        (lambda sample: sample, "97% of simulations meant to be 95% (wider than they need be)."),
        (matching.nearest, f"{said.HELD['pairs']:.0%} of simulations"),
        (matching.weights, f"{said.HELD[WEIGHTED]:.0%} of simulations"),
        (lambda sample: matching.nearest(sample, replace=True), f"{said.HELD[WITH]:.0%} of simulations"),
        (lambda sample: matching.nearest(sample, ratio=2), f"{said.HELD[WITHOUT]:.0%} of simulations"),
    ],
)
def test_few_events_say_how_far_to_trust_the_interval(prepare, share):
    for method in (risk.difference, risk.ratio):
        text = [s for s in method(prepare(rare()), "reoffended").cautions if s.startswith("With so few")]
        assert len(text) == 1 and f"held the truth in {share}" in text[0]


def test_what_was_not_simulated_is_said_to_be_rough():
    frame = people(n=240)
    frame["offences"] = 3 * (frame.groupby("diverted").cumcount() < 3)
    for sample, outcome in ((rare(weight="w"), "reoffended"), (Sample.of(frame, **NAMES), "offences")):
        assert any(
            "rough, and by how much was not simulated" in s for s in risk.difference(sample, outcome).cautions
        )
    plenty = risk.difference(Sample.of(people(n=240), **NAMES), "reoffended")
    assert not any("With so few" in s for s in plenty.cautions)
