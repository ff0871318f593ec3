"""The shapes of answer: a number, a path by event time, cells, a series with its counterfactual, a yes/no test."""

from toolkit.estimate.counterfactual import Counterfactual, Segmented
from toolkit.estimate.estimate import Estimate, merged
from toolkit.estimate.event_study import EventStudy
from toolkit.estimate.group_time import GroupTime
from toolkit.estimate.honest import Honest
from toolkit.estimate.question import Test
from toolkit.scale import POINTS, Scale, back

__all__ = ["POINTS", "Counterfactual", "Estimate", "EventStudy", "GroupTime", "Honest", "Scale", "Segmented", "Test",
           "back", "merged"]  # fmt: skip
