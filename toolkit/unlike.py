"""What to say of treated and comparison units that stood apart before treatment, and what to compare with instead."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.numerics.unlike import Gap
from toolkit.validate import plural

TOLERATED = 0.25  # standard deviations (Imbens and Wooldridge 2009)


def caution(gaps: Sequence[Gap], noun: str, period: str, met_rule: bool) -> tuple[str, ...]:
    """The caution on arms that differ in level or in rise, and what a lot would do.

    Parameters
    ----------
    gaps : sequence of Gap
        The level first, then the rises.
    noun, period : str
        The user's words for a unit and a period.
    met_rule : bool
        Was the comparison made by ``comparison.same_rule``?
    """
    apart = [gap for gap in gaps if abs(gap.size) > TOLERATED]
    # A short spell is told only where a lot hardly gives it: with two spells looked at, one is often wide by chance.
    rises = [gap for gap in apart if gap.over and (gap.beyond_chance or gap is gaps[-1])]
    wide = [gap for gap in apart if not gap.over] + sorted(rises, key=lambda gap: -abs(gap.size))[:1]
    if not wide:
        return ()
    units = plural(noun)
    sizes = " and ".join(_size(gap, period) for gap in wide)
    said = f"Before treatment the treated {units} differed from the comparison: {sizes}."
    return (f"{said} {_why(max(wide, key=lambda gap: abs(gap.size)), units, met_rule)}",)


def _size(gap: Gap, period: str) -> str:
    way = "higher" if gap.size > 0 else "lower"
    last = f"the last {gap.over} {plural(period)}" if gap.over > 1 else f"the last {period}"
    return f"{abs(gap.size):.1f} standard deviations {way} in " + (
        f"rise over {last}" if gap.over else "level"
    )


def _why(gap: Gap, units: str, met_rule: bool) -> str:
    """Whether a fair lot could do that, and what to compare with where it hardly could."""
    if not gap.beyond_chance:
        return f"Groups this small differ by up to {gap.chance:.1f} by chance alone."
    if met_rule:
        return f"Chance alone does up to {gap.chance:.1f}: is the rule given the one that chose them?"
    chosen = f"for their {'rise' if gap.over else 'level'}" if gap.size > 0 else "by a rule"
    return (
        f"Chance alone does up to {gap.chance:.1f}: if they were chosen {chosen}, compare with {units} that met the "
        "same rule (comparison.same_rule)."
    )
