"""Matching and weighting: comparison people made like the treated in what was known before; no outcome is seen."""

from toolkit.methods.matching.pairs import nearest
from toolkit.methods.matching.weighting import weights

__all__ = ["nearest", "weights"]
