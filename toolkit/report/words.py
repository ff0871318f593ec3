"""An answer in plain words: direction, size, interval, level, whether it also fits no change, then its cautions."""

from __future__ import annotations

import math
from dataclasses import replace

from toolkit.display import p_words
from toolkit.estimate import Counterfactual, Estimate, EventStudy, Honest, Test, merged
from toolkit.report._answers import Answer, one
from toolkit.report._honest_words import sentence
from toolkit.report._phrases import (
    between,
    change_and_joint,
    clause,
    opening,
    prevented_interval,
    prevented_number,
)
from toolkit.validate import DesignError, kind, text


def effect(answer: Answer, *, outcome: str, where: str, unit_words: str = "") -> str:
    """The finding in one sentence, followed by what limits it.

    Parameters
    ----------
    answer : Estimate or Counterfactual
        Of a Counterfactual, its overall ``effect`` is told.
    outcome : str
        What was counted or measured, as it should begin the sentence: "Assault attendances".
    where : str
        Completes "in ...": "the navigator hospitals". Empty leaves it out.
    unit_words : str
        For differences only, what the number counts: "incidents a month".

    Returns
    -------
    str
        Singular and plural outcomes read alike. Numbers are rounded so that the sentence never says
        otherwise than the interval: what is not zero is never written as 0%.

    Raises
    ------
    DesignError
        An event study, which holds many effects, or something that is no answer; an outcome without words.

    **Assumes** that ``compared_with`` of the estimate completes "18% lower than ...".

    Examples
    --------
    >>> from toolkit import words
    >>> from toolkit.estimate import Estimate
    >>> fall = Estimate(0.82, 0.74, 0.91, 0.05, 0.001, "ATT", "clustered", "ratio", cautions=("Only 4 treated areas",))
    >>> words.effect(fall, outcome="Anti-social behaviour", where="the patrolled areas")
    'Anti-social behaviour in the patrolled areas came out 18% lower than expected without the programme
    (95% interval: 9% to 26% lower). Caution: Only 4 treated areas.'
    """
    estimate = one(answer, "words.effect")
    text(unit_words, "unit_words", "'incidents a month'")
    subject = _subject(outcome, where)
    if math.isnan(estimate.value):
        return _with_cautions(f"{subject}: the change could not be estimated.", estimate)
    words, joint = change_and_joint(estimate, unit_words)
    found = f"{subject} came out {words} {joint} {estimate.compared_with}"
    also = ", which is also consistent with no change" if consistent_with_no_change(estimate) else ""
    return _with_cautions(f"{found} ({clause(estimate, between(estimate))}){also}.", estimate)


def prevented(
    counterfactual: Counterfactual, *, outcome: str, where: str, unit_words: str = "incidents"
) -> str:
    """How many incidents were prevented, in one sentence, followed by what limits it.

    Parameters
    ----------
    counterfactual : Counterfactual
        Whose ``prevented`` is told: above zero means fewer incidents than expected.
    outcome, where : str
        As for :func:`effect`.
    unit_words : str
        What the number counts, in the plural: "incidents", "attendances".

    Returns
    -------
    str
        Numbers are rounded to what the width of the interval can bear, and never to zero from either side.

    Raises
    ------
    DesignError
        If the answer is no Counterfactual, or the outcome has no words.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import words
    >>> from toolkit.estimate import Counterfactual, Estimate
    >>> fall = Estimate(0.82, 0.74, 0.91, 0.05, 0.001, "ATT", "clustered", "ratio")
    >>> saved = Estimate(243, 108, 391, float("nan"), 0.001, "incidents prevented", "clustered", "difference")
    >>> answer = Counterfactual(pd.DataFrame({"period": [], "observed": []}), effect=fall, prevented=saved)
    >>> words.prevented(answer, outcome="Anti-social behaviour", where="the patrolled areas")
    'Anti-social behaviour in the patrolled areas: about 240 incidents were prevented (95% interval: 110 to 390).'
    """
    if not isinstance(counterfactual, Counterfactual):
        raise DesignError(
            f"words.prevented needs a Counterfactual, not {kind(counterfactual)}: did.counterfactual makes one."
        )
    text(unit_words, "unit_words", "'attendances'")
    saved = counterfactual.prevented
    told = replace(
        saved, cautions=merged(counterfactual.effect.cautions, counterfactual.cautions, saved.cautions)
    )
    subject = _subject(outcome, where)
    if not math.isfinite(saved.value):
        return _with_cautions(
            f"{subject}: the number of {unit_words} prevented could not be estimated.", told
        )
    number = prevented_number(saved, unit_words, counterfactual.effect.compared_with)
    also = ", which is also consistent with none being prevented" if saved.low <= 0 <= saved.high else ""
    return _with_cautions(f"{subject}: {number} ({clause(saved, prevented_interval(saved))}){also}.", told)


def honest(answer: Honest) -> str:
    """How far the finding stands if trends were not parallel, in one sentence, followed by what limits it.

    Parameters
    ----------
    answer : Honest

    Returns
    -------
    str
        The breakdown is rounded down to two figures, so that it is never said to be more than it is.

    Raises
    ------
    DesignError
        If the answer is no Honest.

    Examples
    --------
    >>> from toolkit import Panel, did, sensitivity, simulate, words
    >>> frame, truth = simulate.panel(units=40, periods=12, treated=20, first="2023-01", treated_from="2023-07",
    ...                               rate_ratio=0.5, seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> study = did.event_study(panel, leads=6, lags=5)
    >>> words.honest(sensitivity.honest(study)).partition(" Caution")[0]
    'The finding (60% lower) stands as long as the gap between treated and comparison would have moved, from one period
    to the next, by no more than 1.0 times its largest move before the start.'
    """
    if not isinstance(answer, Honest):
        raise DesignError(f"words.honest needs an Honest, not {kind(answer)}: sensitivity.honest makes one.")
    return f"{sentence(answer)} {_caution_sentences(answer.cautions)}".rstrip()


def change(answer: Answer, *, unit_words: str = "") -> str:
    """The size and direction alone: ``18% lower``, ``2.3 times as high``, ``1.2 lower``, ``the same``.

    Examples
    --------
    >>> from toolkit import words
    >>> from toolkit.estimate import Estimate
    >>> words.change(Estimate(0.82, 0.74, 0.91, 0.05, 0.001, "ATT", "clustered", "ratio"))
    '18% lower'
    """
    text(unit_words, "unit_words", "'incidents a month'")
    return change_and_joint(one(answer, "words.change"), unit_words)[0]


def interval(answer: Answer) -> str:
    """The interval alone, without its level: ``9% to 26% lower``, ``22% lower to 4% higher``.

    Examples
    --------
    >>> from toolkit import words
    >>> from toolkit.estimate import Estimate
    >>> words.interval(Estimate(0.9, 0.78, 1.04, 0.07, 0.15, "ATT", "clustered", "ratio"))
    '22% lower to 4% higher'
    """
    return between(one(answer, "words.interval"))


def p(answer: Answer | Test) -> str:
    """The p-value as text: ``p = 0.032``, ``p < 0.001``, or ``no p-value``.

    Examples
    --------
    >>> from toolkit import words
    >>> from toolkit.estimate import Test
    >>> words.p(Test(statistic=1.2, df=18.0, p_value=0.2457, null="the paths before treatment are parallel"))
    'p = 0.246'
    """
    value = answer.p_value if isinstance(answer, Test) else one(answer, "words.p").p_value
    if math.isnan(value):
        return "no p-value"
    return "p < 0.001" if value < 0.001 else f"p = {p_words(value)}"


def cautions(answer: Answer | EventStudy | Honest | Test) -> str:
    """What limits the claim, as sentences; empty where nothing is known to.

    Examples
    --------
    >>> from toolkit import words
    >>> from toolkit.estimate import Test
    >>> words.cautions(Test(1.2, 18.0, 0.2457, "the paths are parallel", cautions=("Only 4 treated areas",)))
    'Caution: Only 4 treated areas.'
    """
    if isinstance(answer, (EventStudy, Honest, Test)):
        return _caution_sentences(answer.cautions)
    return _caution_sentences(one(answer, "words.cautions").cautions)


def consistent_with_no_change(answer: Answer) -> bool:
    """Whether the interval includes no change; an end exactly at no change counts as including it.

    Examples
    --------
    >>> from toolkit import words
    >>> from toolkit.estimate import Estimate
    >>> words.consistent_with_no_change(Estimate(0.9, 0.78, 1.04, 0.07, 0.15, "ATT", "clustered", "ratio"))
    True
    """
    estimate = one(answer, "words.consistent_with_no_change")
    return estimate.low <= estimate.null <= estimate.high


def _subject(outcome: str, where: str) -> str:
    """``Assault attendances in the navigator hospitals``."""
    text(outcome, "outcome", "'Assault attendances'")
    text(where, "where", "'the navigator hospitals'", "'' leaves it out")
    if not outcome.strip():
        raise DesignError(
            "outcome is empty, and the sentence begins with it: give 'Assault attendances', say."
        )
    return opening(f"{outcome.strip()} in {where.strip()}" if where.strip() else outcome.strip())


def _with_cautions(sentence: str, estimate: Estimate) -> str:
    return f"{sentence} {_caution_sentences(estimate.cautions)}".rstrip()


def _caution_sentences(said: tuple[str, ...]) -> str:
    return " ".join(f"Caution: {caution.strip().rstrip('.')}." for caution in said)
