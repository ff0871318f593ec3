"""Prevention Evaluation Toolkit: did it work, how sure are we, and was it worth the money?"""

from toolkit import comparison, simulate, validate
from toolkit.checks import placebo, trends
from toolkit.methods import before_after, did
from toolkit.panel import Panel
from toolkit.report import plots, tables, words
from toolkit.sources import police
from toolkit.validate import DesignError

__all__ = [
    "DesignError",
    "Panel",
    "before_after",
    "comparison",
    "did",
    "placebo",
    "plots",
    "police",
    "simulate",
    "tables",
    "trends",
    "validate",
    "words",
]
