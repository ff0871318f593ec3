"""Before and after: areas, counts and people against their own past, which is the change and not yet the effect."""

from toolkit.methods.before_after.change import mean_difference, rate_ratio
from toolkit.methods.before_after.effect_sizes import effect_sizes
from toolkit.methods.before_after.paired import paired
from toolkit.methods.before_after.poisson import poisson_test

__all__ = ["effect_sizes", "mean_difference", "paired", "poisson_test", "rate_ratio"]
