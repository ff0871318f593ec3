"""What limits a claim from matched or weighted people: who was left out, who is still unlike, who weighs much."""

from __future__ import annotations

import numpy as np

from toolkit import likeness
from toolkit.methods.matching.score import Score
from toolkit.numerics import balancing
from toolkit.sample import Sample
from toolkit.validate import listed

_HEAVY = 0.05  # of an arm's weight on one person
_ARBITRARY = 0.05  # of matches in which another person just alike could have served


def still_unlike(made: Sample, verb: str) -> tuple[str, ...]:
    """A caution that names the covariates whose means still differ by more than 0.1 standard deviations."""
    differences = likeness.table(made)["standardised_difference_after"].abs()
    left, over = differences.to_numpy(), np.flatnonzero(likeness.unlike(differences))
    worst = over[np.argsort(-left[over], kind="stable")]
    if not len(worst):
        return ()
    named = listed((f"{made.columns.names[i]} ({left[i]:.2f})" for i in worst), most=3)
    return (
        f"After {verb}, treated and comparison people still differ by more than {likeness.TOLERATED} standard "
        f"deviations in {named}.",
    )


def outside(sample: Sample, score: Score) -> tuple[str, ...]:
    """A caution that counts the treated whose score lies beyond that of every comparison person."""
    treated, counts = sample.treated, sample.weight > 0
    others = score.log_odds[~treated & counts]
    beyond = (score.log_odds > others.max() + 1e-9) | (score.log_odds < others.min() - 1e-9)
    found, total = int((treated & counts & beyond).sum()), int((treated & counts).sum())
    if not found:
        return ()
    return (
        f"{found:,} of {total:,} treated people {'has' if found == 1 else 'have'} a propensity score "
        "beyond that of every comparison person: there is nobody like them to compare with. Matching with a caliper "
        "may leave them out.",
    )


def left_out(sample: Sample, served: np.ndarray, ratio: int) -> tuple[str, ...]:
    """Cautions that count the treated who have no match, and those who have fewer than were wanted."""
    found, short = int((served > 0).sum()), int(((served > 0) & (served < ratio)).sum())
    total = int((sample.treated & (sample.weight > 0)).sum())
    alone, cautions = total - found, []
    if alone:
        have, are = ("has", "is") if alone == 1 else ("have", "are")
        cautions.append(
            f"{alone:,} of {total:,} treated people {have} no match and {are} left out: any effect is that on the "
            f"{found:,} who were matched, not on everybody treated."
        )
    if short:
        have = "has" if short == 1 else "have"
        cautions.append(f"{short:,} of {found:,} matched treated people {have} fewer than {ratio} matches.")
    return tuple(cautions)


def arbitrary(sample: Sample, chosen: np.ndarray) -> tuple[str, ...]:
    """A caution where many of those chosen have somebody just like them who was not."""
    kinds = np.unique(sample.columns.matrix, axis=0, return_inverse=True)[1].reshape(-1)
    spare = ~sample.treated & (sample.weight > 0)
    spare[chosen] = False
    twins = int(np.isin(kinds[chosen], kinds[spare]).sum())
    if twins <= _ARBITRARY * len(chosen):
        return ()
    return (
        f"For {twins:,} of {len(chosen):,} matches somebody alike in every covariate could have served instead: the "
        "row labels decided, and other labels would give another answer. matching.weights uses everybody.",
    )


def heavy(made: Sample) -> tuple[str, ...]:
    """A caution where one person carries much of an arm."""
    cautions = []
    for name, side in (("comparison", ~made.treated), ("treated", made.treated)):
        weight = made.weight[side]
        most = weight.max() / weight.sum()
        if most > max(_HEAVY, 3 / len(weight)):
            worth = balancing.effective_size(weight)
            cautions.append(
                f"One {name} person carries {100 * most:.0f}% of the weight of the {len(weight):,} {name} people, "
                f"who count for as much as {worth:,.0f} with equal weights would."
            )
    return tuple(cautions)
