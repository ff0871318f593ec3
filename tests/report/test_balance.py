"""The picture and the table of balance: what is shown equals what balance.table says."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import DesignError, Sample, balance, matching, plots, tables


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def sample(**more) -> Sample:
    return Sample.of(people(400, willing=0.8), **(NAMES | more))


def marks(ax, name):
    (found,) = [line for line in ax.lines if line.get_label() == name]
    return found.get_xdata()


@pytest.mark.parametrize("make", [matching.nearest, matching.weights])
def test_what_is_drawn_is_what_the_table_says(make):
    made = make(sample())
    ax, table = plots.balance(made), balance.table(made)
    order = np.argsort(-table["standardised_difference_before"].abs(), kind="stable")
    assert marks(ax, "Before") == pytest.approx(
        table["standardised_difference_before"].iloc[order].to_numpy()
    )
    assert marks(ax, "After") == pytest.approx(table["standardised_difference_after"].iloc[order].to_numpy())
    names = [
        f"{c}: {level}" if level else c for c, level in zip(table["covariate"], table["level"], strict=True)
    ]
    assert [text.get_text() for text in ax.get_yticklabels()] == [names[i] for i in order]


def test_titles_count_what_is_unlike():
    one = sample()
    before = int((balance.table(one)["standardised_difference_before"].abs() > 0.1).sum())
    assert before > 1
    title = plots.balance(one).get_title()
    assert (
        title == f"Treated and comparison people differ by\nmore than 0.1 SD in {before} of 5 characteristics"
    )
    title = plots.balance(matching.weights(one, kind="entropy")).get_title()
    assert (
        title == f"{before} of 5 characteristics differed by more\nthan 0.1 SD before weighting, none after"
    )


@pytest.mark.parametrize(
    ("priors", "said"),
    [
        # Means of the treated 3 (SD sqrt 2) and of the comparison people 2 or 3.
        ([4, 2, 4, 2, 2, 0], "differs by more\nthan 0.1 SD"),
        ([4, 2, 4, 2, 4, 2], "does not differ by more\nthan 0.1 SD"),
    ],
)
def test_the_title_of_a_single_covariate(priors, said):
    frame = pd.DataFrame({"diverted": [1, 1, 0, 0, 0, 0], "priors": priors})
    one = Sample.of(frame, treated="diverted", covariates="priors")
    assert plots.balance(one).get_title() == f"The one covariate {said}"


def test_an_unmatched_sample_has_no_after():
    ax = plots.balance(sample())
    assert [line.get_label() for line in ax.lines if not line.get_label().startswith("_")] == ["Before"]
    assert not ax.texts


def test_at_most_twenty_rows():
    rng = np.random.default_rng(1)
    frame = people(300).assign(**{f"x{i}": rng.normal(size=300) for i in range(25)})
    many = Sample.of(frame, treated="diverted", covariates=[f"x{i}" for i in range(25)])
    ax = plots.balance(many)
    assert len(marks(ax, "Before")) == 20
    assert "the 20 most unlike of 25" in ax.get_xlabel()


def test_axes_that_are_given_are_used():
    _, ax = plt.subplots(figsize=(4, 3))
    assert plots.balance(sample(), ax=ax) is ax
    assert ax.figure.get_size_inches().tolist() == [4, 3]


def test_the_names_of_the_markers_do_not_meet():
    for caliper in (None, 0.05, 0.5):
        ax = plots.balance(matching.nearest(sample(), caliper=caliper))
        ax.figure.canvas.draw()
        one, other = (text.get_window_extent() for text in ax.texts)
        assert not one.overlaps(other)
        inside = ax.get_window_extent()
        assert all(inside.x0 <= text.x0 and text.x1 <= inside.x1 for text in (one, other))


def test_the_table_by_hand():
    frame = pd.DataFrame(
        {"diverted": [1, 1, 0, 0, 0, 0], "prior_offences": [4, 2, 4, 2, 2, 0], "force": list("KAKAAK")}
    )
    one = Sample.of(frame, treated="diverted", covariates=["prior_offences", "force"])
    table = tables.balance(one)
    assert list(table.index) == ["prior offences", "force: A", "force: K", "People"]
    assert table.to_numpy().tolist() == [
        ["3", "2", "+0.71"],
        ["50%", "50%", "0.00"],
        ["50%", "50%", "0.00"],
        ["2", "4", ""],
    ]


def test_the_table_after():
    made = matching.nearest(sample(), caliper=0.1)
    table, sizes = tables.balance(made), balance.sizes(made)
    assert list(table) == [
        "Treated",
        "Comparison",
        "Difference",
        "Treated after",
        "Comparison after",
        "Difference after",
    ]
    assert table.loc["People", "Treated after"] == str(sizes.loc["treated", "people_after"])
    weighted = matching.weights(sample())
    worth = balance.sizes(weighted).loc["comparison"]
    said = f"{worth['people_after']:.0f} (worth {worth['worth_after']:.0f})"
    table = tables.balance(weighted)
    assert table.loc["People", "Comparison after"] == said
    assert "Treated after" not in table


def test_only_samples_are_shown():
    for show in (plots.balance, tables.balance):
        with pytest.raises(DesignError, match="This takes a Sample, not a DataFrame"):
            show(people(10))
