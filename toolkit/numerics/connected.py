"""Which units and periods of a panel with gaps can be compared: the connected parts of its graph."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components


def parts(observed: np.ndarray, positive: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Connected parts of the graph of units and periods, strongly where ``positive`` gives the edges back.

    Parameters
    ----------
    observed : ndarray of bool, shape (N, T)
        An edge from unit to period.
    positive : ndarray of bool, shape (N, T), optional
        An edge from period to unit; all that are observed if not given.

    Returns
    -------
    ndarray of int, shapes (N,) and (T,)
        Codes that agree within a part.
    """
    n, t = observed.shape
    back = observed if positive is None else positive
    if hubs(
        observed, back
    ).any():  # one unit reaches every period and back, so all that can be reached are one part
        unit, period = np.arange(1, n + 1), np.arange(n + 1, n + t + 1)
        return np.where(back.any(1), 0, unit), np.where(back.any(0), 0, period)
    rows, cols = np.nonzero(observed)
    back_rows, back_cols = (rows, cols) if positive is None else np.nonzero(positive)
    ends = np.concatenate([rows, n + back_cols]), np.concatenate([n + cols, back_rows])
    graph = csr_matrix((np.ones(len(ends[0])), ends), shape=(n + t, n + t))
    connection: Literal["weak", "strong"] = "weak" if positive is None else "strong"
    codes = connected_components(graph, directed=True, connection=connection)[1]
    return codes[:n], codes[n:]


def hubs(observed: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Units with an edge to and from every period that any unit has an edge from; bool, shape (N,)."""
    linked = positive.any(0)
    return (observed & positive)[:, linked].all(axis=1) & positive.any(axis=1)
