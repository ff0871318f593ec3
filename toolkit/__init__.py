"""Prevention Evaluation Toolkit: did it work, how sure are we, and was it worth the money?

An evaluation is a handful of calls, in this order:

    panel = Panel.of(data, unit=, period=, outcome=, treated_from=)     name the columns once
    panel = comparison.same_rule(panel, first=, last=, top=)            like with like
    before_after.rate_ratio(panel)                                      the change, which is not yet the effect
    before_after.paired(before, after)                                  the same for people measured twice
    interrupted.segmented(series, start=)                               one series against its own trend and season
    did.att(panel), did.counterfactual(panel)                           the effect, and the picture behind it
    synthetic.att(panel), synthetic.counterfactual(panel)               one treated area, against a mix of others
    staggered.att_gt(panel), staggered.aggregate(cells, by=)            a second opinion: by wave and month
    did.event_study(panel, leads=, lags=), trends.test(study)           were the paths parallel before?
    did.bacon(panel), plots.bacon(rows)                                 what a two-way regression compares with what
    trends.detectable(study)                                            and what could that have missed?
    sensitivity.honest(study), words.honest(answer)                     how far could trends have differed?
    placebo.in_time(panel, did.att, shifts=[6, 12])                     an effect before there was a programme?
    placebo.in_space(panel, did.att)                                    or where there was none?
    sensitivity.leave_one_out(panel, did.att)                           does it hang on one area?
    dispersion.test(panel)                                              how much more than chance do areas drift?
    regression_to_mean.expected(panel, chosen_on=)                      how much would they have cooled anyway?
    words.effect(answer, outcome=, where=), tables.estimates({...})     say it
    plots.series(panel), plots.counterfactual(c), plots.event_study(study)

For people rather than areas:

    sample = Sample.of(people, treated=, covariates=, outcomes=)        outcomes are kept apart from matching
    alike = matching.nearest(sample), matching.weights(sample)          comparison people like the treated
    balance.table(alike), plots.balance(alike)                          how like they are
    risk.difference(alike, outcome), risk.ratio(alike, outcome)         the effect on those who took part
    sensitivity.e_value(answer), sensitivity.rosenbaum(alike, outcome)  what a hidden reason would have to be

Files from data.police.uk: police.read(path).complete(). Practice data with a known truth: simulate.panel(),
simulate.people() and simulate.series().
``help()`` on any of these gives its assumptions, errors and an example.
"""

from toolkit import comparison, simulate, validate
from toolkit.checks import balance, dispersion, placebo, regression_to_mean, sensitivity, trends
from toolkit.methods import before_after, did, interrupted, matching, risk, staggered, synthetic
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
    "dispersion",
    "interrupted",
    "matching",
    "placebo",
    "plots",
    "police",
    "regression_to_mean",
    "risk",
    "sensitivity",
    "simulate",
    "staggered",
    "synthetic",
    "tables",
    "trends",
    "validate",
    "words",
]
