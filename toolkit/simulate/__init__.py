"""Data whose true effect is known, because it was planted: how counts behave, and panels and series drawn from that."""

from toolkit.simulate.panels import PanelTruth, panel
from toolkit.simulate.series import Course, SeriesTruth, series
from toolkit.simulate.settings import ASB_LSOA, VIOLENCE_WARD, Setting, Worst, ramp

__all__ = [
    "ASB_LSOA",
    "VIOLENCE_WARD",
    "Course",
    "PanelTruth",
    "SeriesTruth",
    "Setting",
    "Worst",
    "panel",
    "ramp",
    "series",
]
