"""Outcomes of people who were treated beside those of people who were not: differences, ratios, ratios of ratios."""

from toolkit.methods.risk.adjusted import adjusted
from toolkit.methods.risk.prior_event import prior_event_rate_ratio
from toolkit.methods.risk.two_arms import difference, ratio

__all__ = ["adjusted", "difference", "prior_event_rate_ratio", "ratio"]
