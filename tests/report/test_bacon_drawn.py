"""The picture of a regression taken apart: blocks as wide as the weights and as high as the estimates."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, plots


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def rows(*found: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=["comparison", "estimate", "weight"])


ROWS = rows(
    ("never_treated", -0.2, 0.3),
    ("never_treated", -0.4, 0.2),
    ("not_yet_treated", -0.5, 0.2),
    ("already_treated", 0.6, 0.1),
    ("already_treated", 0.1, 0.2),
)


def blocks(ax) -> list[tuple[float, float, float]]:
    return [(b.get_x(), b.get_width(), b.get_height()) for b in ax.patches]


def test_blocks_are_the_rows_kind_by_kind_from_the_lowest() -> None:
    found = np.array(blocks(plots.bacon(ROWS)))
    assert found == pytest.approx(
        np.array([(0, 0.2, -0.4), (0.2, 0.3, -0.2), (0.5, 0.2, -0.5), (0.7, 0.2, 0.1), (0.9, 0.1, 0.6)])
    )


def test_row_order_leaves_the_picture() -> None:
    one, other = plots.bacon(ROWS), plots.bacon(ROWS.iloc[::-1])
    assert np.array(blocks(one)) == pytest.approx(np.array(blocks(other)))
    assert one.get_title() == other.get_title()


def test_only_comparisons_with_the_already_treated_are_hatched() -> None:
    ax = plots.bacon(pd.concat([ROWS.assign(weight=ROWS["weight"] / 2), rows(("always_treated", 0.3, 0.5))]))
    hatched = [bool(patch.get_hatch()) for patch in ax.patches]
    assert hatched == [False, False, False, True, True, True]
    assert len({patch.get_facecolor() for patch in ax.patches}) == 4


def test_the_dashed_line_is_the_regression() -> None:
    """-0.06 - 0.08 - 0.1 + 0.06 + 0.02 = -0.16."""
    ax = plots.bacon(ROWS)
    (line,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert line.get_ydata() == pytest.approx([-0.16, -0.16])
    assert "Regression\n−0.16" in [text.get_text() for text in ax.texts]


def test_the_title_says_how_much_rests_on_the_already_treated() -> None:
    """0.3 of the weight with average (0.06 + 0.02) / 0.3, and -0.24 / 0.7 in the rest."""
    assert plots.bacon(ROWS).get_title() == (
        "30% of the weight rests on units already treated:\naverage 0.267 there, −0.343 in the rest"
    )


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (rows(("never_treated", 0.2, 1.0)), "No comparison is with units already treated"),
        (rows(("always_treated", 0.2, 1.0)), "100% of the weight rests on units already treated"),
        (
            rows(("never_treated", 0.2, 0.996), ("already_treated", 1.0, 0.004)),
            "less than 1% of the weight rests on units already treated:\naverage 1 there, 0.2 in the rest",
        ),
    ],
)
def test_other_titles(found: pd.DataFrame, title: str) -> None:
    assert plots.bacon(found).get_title() == title[0].upper() + title[1:]


def test_the_key_gives_each_kind_its_share_and_average() -> None:
    texts = [text.get_text() for text in plots.bacon(ROWS).get_legend().get_texts()]
    assert texts == [
        "Never treated: 50% of the weight, average −0.28",
        "Not yet treated: 20% of the weight, average −0.5",
        "Already treated: 30% of the weight, average 0.267",
    ]


def test_axes_that_are_given_are_drawn_on() -> None:
    ax = plt.subplots()[1]
    assert plots.bacon(ROWS, ax=ax) is ax


def test_what_is_no_decomposition_is_refused() -> None:
    for wrong in (None, [1], {"estimate": 1}):
        with pytest.raises(DesignError, match=r"plots\.bacon needs the rows of did\.bacon"):
            plots.bacon(wrong)
    with pytest.raises(DesignError, match="a frame without those columns"):
        plots.bacon(ROWS.drop(columns="weight"))
    with pytest.raises(DesignError, match="does not know the comparison 'sometimes'"):
        plots.bacon(ROWS.assign(comparison="sometimes"))
    for part in (ROWS.head(2), ROWS.head(0), ROWS.assign(weight=np.nan)):
        with pytest.raises(DesignError, match=r"and not to 1: give all rows of did\.bacon"):
            plots.bacon(part)
