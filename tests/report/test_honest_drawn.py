"""Honest intervals drawn and told."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, plots, words
from toolkit.estimate import Estimate, Honest


def honest(
    kind: str = "relative",
    scale: str = "ratio",
    breakdown: float = 1.69,
    ends: tuple[float, ...] = (),
    cautions=(),
) -> Honest:
    """An answer with three allowances beside parallel trends where ``kind`` is smooth, two where it is relative."""
    ratio = scale == "ratio"
    value, null = (0.72, 1.0) if ratio else (-0.31, 0.0)
    m = [math.nan, 0.0, 0.01, 0.02] if kind == "smooth" else [0.0, 1.0, 2.0]
    ratios = [0.8, 0.9, 0.95, 1.1] if kind == "smooth" else [0.8, 0.9, 1.1]
    high = list(ends) or (ratios if ratio else [end - 1 for end in ratios])
    low = [0.6 if ratio else -0.5] * len(m)
    bounds = pd.DataFrame({"m": m, "allowed": [f"a{i}" for i in range(len(m))], "low": low, "high": high,
                           "excludes": [end < null for end in high]})  # fmt: skip
    effect = Estimate(value, low[0], high[0], 0.1, 0.01, "effect", "clustered", scale)
    return Honest(bounds, breakdown, effect, kind, 1.03 if ratio else 0.03, tuple(cautions))


SAID = {
    "stands": honest(),
    "hardly stands": honest(breakdown=0.0432),
    "in units": honest(scale="difference"),
    "no finding": honest(breakdown=0.0, ends=(1.1, 1.2, 1.3)),
    "bends": honest("smooth", breakdown=math.log1p(0.01551)),
    "bends in units": honest("smooth", "difference", breakdown=0.0222),
    "not on a straight line": honest("smooth", breakdown=0.0, ends=(0.9, 1.01, 1.1, 1.2)),
    "only on a straight line": honest("smooth", breakdown=0.02, ends=(1.01, 0.9, 0.95, 0.99)),
    "no finding, smooth": honest("smooth", breakdown=0.0, ends=(1.1, 1.2, 1.3, 1.4)),
    "with a caution": honest(cautions=("Only 4 treated areas",)),
}


def golden() -> dict[str, str]:
    text = (Path(__file__).parents[1] / "golden" / "honest.txt").read_text(encoding="utf8")
    return dict(line.split(" | ", 1) for line in text.splitlines())


def test_every_sentence_is_in_the_golden_file() -> None:
    assert list(SAID) == list(golden())


@pytest.mark.parametrize("name", SAID)
def test_sentence(name: str) -> None:
    assert words.honest(SAID[name]) == golden()[name]


@pytest.mark.parametrize("name", SAID)
def test_the_title_says_what_the_sentence_says(name: str) -> None:
    """The same limit, if there is one, and whether there is a finding."""
    answer = SAID[name]
    title, sentence = plots.honest(answer).get_title().replace("\n", " "), words.honest(answer)
    assert all(len(line) <= 52 for line in plots.honest(answer).get_title().split("\n"))
    if answer.breakdown:
        limit = next(word for word in title.split() if word[0].isdigit())
        assert f"no more than {limit}" in sentence
    assert ("even with parallel trends" in title) is ("even with parallel trends" in sentence)
    assert ("does not stand" in title) is ("does not stand" in sentence)


def test_the_limit_is_never_told_as_more_than_it_is() -> None:
    for breakdown in (0.999, 1.0, 1.999, 0.0199999, 12.99, 0.1):
        said = words.honest(honest(breakdown=breakdown)).partition("no more than ")[2].split()[0]
        assert breakdown * 0.9 <= float(said) <= breakdown


def test_bars_are_dashed_where_they_include_no_change() -> None:
    ax = plots.honest(honest())
    solid, dashed = ax.collections
    assert [segment[:, 0].tolist() for segment in solid.get_segments()] == [[0, 0], [1, 1]]
    assert [segment[:, 1].tolist() for segment in solid.get_segments()] == [[0.6, 0.8], [0.6, 0.9]]
    assert [segment[:, 0].tolist() for segment in dashed.get_segments()] == [[2, 2]]
    assert np.asarray(ax.lines[0].get_ydata()).tolist() == [0.72]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0\n(parallel)", "1", "2"]
    assert "Breaks down at 1.6" in [text.get_text() for text in ax.texts]


def test_parallel_trends_stand_apart_where_a_straight_line_is_allowed() -> None:
    ax = plots.honest(honest("smooth", breakdown=0.015))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["parallel", "0%", "1.01%", "2.02%"]
    assert ax.get_xticks() == pytest.approx([-0.01, 0, 0.01, 0.02])
    assert "Breaks down at 1.5%" in [text.get_text() for text in ax.texts]
    ax = plots.honest(honest("smooth", "difference"))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["parallel", "0", "0.01", "0.02"]
    assert not ax.texts  # the breakdown is beyond what is shown


def test_one_allowance_alone_is_drawn() -> None:
    answer = honest("smooth")
    for rows in (1, 2):
        assert plots.honest(replace(answer, bounds=answer.bounds.head(rows + 1))).get_title()
    assert plots.honest(replace(honest(), bounds=honest().bounds.head(1))).get_title()


def test_intervals_without_reach_stay_inside_the_axes() -> None:
    answer = honest(ends=(0.8, 0.9, math.inf))
    ax = plots.honest(answer)
    tops = [segment[1, 1] for part in ax.collections for segment in part.get_segments()]
    assert max(tops) <= ax.get_ylim()[1]


@pytest.mark.parametrize("wrong", [3, None, honest().original])
def test_what_is_no_honest_answer_is_refused(wrong) -> None:
    for tell in (words.honest, plots.honest):
        with pytest.raises(DesignError, match=r"needs an Honest, not .*: sensitivity\.honest makes one"):
            tell(wrong)


def test_cautions_are_told_alone_too() -> None:
    assert words.cautions(SAID["with a caution"]) == "Caution: Only 4 treated areas."
