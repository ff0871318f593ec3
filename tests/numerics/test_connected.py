"""Connected parts of panels with gaps, drawn and counted by hand, and the short way against the graph search."""

import numpy as np
import pytest

from toolkit.numerics import connected


def test_two_islands_by_hand() -> None:
    """Units 0 and 1 share period 0; unit 2 is alone in periods 1 and 2."""
    seen = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 1]], dtype=bool)
    unit, period = connected.parts(seen)
    assert unit[0] == unit[1] == period[0] and unit[2] == period[1] == period[2] and unit[0] != unit[2]


def test_a_zero_that_nothing_comes_back_from_stands_apart() -> None:
    """Unit 1 reaches both periods, but only zeros were seen in it: no way back, so its effect is at its edge."""
    seen = np.ones((2, 2), dtype=bool)
    unit, period = connected.parts(seen, np.array([[1, 1], [0, 0]], dtype=bool))
    assert unit[0] == period[0] == period[1] != unit[1]


def test_hubs_by_hand() -> None:
    seen = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=bool)
    some = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0]], dtype=bool)
    assert list(connected.hubs(seen, some)) == [True, False, False]  # nothing comes back from period 2 at all


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("strong", [True, False])
def test_a_hub_gives_the_parts_of_the_graph_search(
    seed: int, strong: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(seed)
    seen = draw.random((7, 5)) > 0.3
    seen[0] = True
    some = seen & (draw.random((7, 5)) > 0.5) if strong else None
    if some is not None:
        some[0] = draw.random(5) > 0.2
    short = connected.parts(seen, some)
    monkeypatch.setattr(connected, "hubs", lambda *edges: np.zeros(len(edges[0]), dtype=bool))
    long = connected.parts(seen, some)
    one, other = np.concatenate(short), np.concatenate(long)
    np.testing.assert_array_equal(one[:, None] == one, other[:, None] == other)
