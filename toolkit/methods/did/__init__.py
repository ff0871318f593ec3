"""Difference-in-differences: what changed where the programme ran, over what changed where it did not."""

from toolkit.methods.did.bacon import bacon
from toolkit.methods.did.effects import effects
from toolkit.methods.did.event_times import event_study
from toolkit.methods.did.imputed import att, counterfactual
from toolkit.methods.did.regression import two_way
from toolkit.methods.did.scales import both_scales
from toolkit.methods.did.totals import two_by_two

__all__ = ["att", "bacon", "both_scales", "counterfactual", "effects", "event_study", "two_by_two", "two_way"]
