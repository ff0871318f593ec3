"""Synthetic controls: what the treated would have recorded, from the mix of comparison units most like them before."""

from toolkit.methods.synthetic.answers import att, counterfactual
from toolkit.methods.synthetic.tables import gaps, weights

__all__ = ["att", "counterfactual", "gaps", "weights"]
