"""Before and after: areas, counts and people against their own past, which is the change and not yet the effect."""

from toolkit.methods.before_after.change import mean_difference, rate_ratio
from toolkit.methods.before_after.effect_sizes import effect_sizes
from toolkit.methods.before_after.paired import paired

__all__ = ["effect_sizes", "mean_difference", "paired", "rate_ratio"]
