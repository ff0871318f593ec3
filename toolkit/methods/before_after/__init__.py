"""Before and after: areas, counts and people against their own past, which is the change and not yet the effect."""

from toolkit.methods.before_after.change import mean_difference, rate_ratio

__all__ = ["mean_difference", "rate_ratio"]
