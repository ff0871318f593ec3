"""Prevention Evaluation Toolkit: did it work, how sure are we, and was it worth the money?

An evaluation is a handful of calls, in this order:

    panel = Panel.of(data, unit=, period=, outcome=, treated_from=)     name the columns once
    panel = comparison.same_rule(panel, first=, last=, top=)            like with like
    before_after.rate_ratio(panel)                                      the change, which is not yet the effect
    before_after.paired(before, after)                                  the same for people measured twice
    did.att(panel), did.counterfactual(panel)                           the effect, and the picture behind it
    did.event_study(panel, leads=, lags=), trends.test(study)           were the paths parallel before?
    placebo.in_time(panel, did.att, shifts=[6, 12])                     an effect before there was a programme?
    words.effect(answer, outcome=, where=), tables.estimates({...})     say it
    plots.series(panel), plots.counterfactual(c), plots.event_study(study)

People instead of areas: Sample.of(people, treated=, covariates=, outcomes=), matching.nearest(sample) or
matching.weights(sample), risk.difference(sample, outcome), sensitivity.rosenbaum(sample, outcome).

Files from data.police.uk: police.read(path).complete(). Practice data with a known truth: simulate.panel() and
simulate.people().
``help()`` on any of these gives its assumptions, errors and an example.
"""

from toolkit import comparison, simulate, validate
from toolkit.checks import balance, placebo, sensitivity, trends
from toolkit.methods import before_after, did, matching, risk
from toolkit.panel import Panel
from toolkit.report import plots, tables, words
from toolkit.sample import Sample
from toolkit.sources import police
from toolkit.validate import DesignError

__all__ = [
    "DesignError",
    "Panel",
    "Sample",
    "balance",
    "before_after",
    "comparison",
    "did",
    "matching",
    "placebo",
    "plots",
    "police",
    "risk",
    "sensitivity",
    "simulate",
    "tables",
    "trends",
    "validate",
    "words",
]
