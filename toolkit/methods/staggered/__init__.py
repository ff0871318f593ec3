"""Group-time effects: each cohort in each period beside units untreated at the time, and their averages."""

from toolkit.methods.staggered.averages import aggregate
from toolkit.methods.staggered.effects import att_gt

__all__ = ["aggregate", "att_gt"]
