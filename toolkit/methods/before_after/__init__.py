"""Before and after: areas, counts and people against their own past, which is the change and not yet the effect."""

from toolkit.methods.before_after.change import mean_difference, rate_ratio
from toolkit.methods.before_after.poisson import poisson_test

__all__ = ["mean_difference", "poisson_test", "rate_ratio"]
