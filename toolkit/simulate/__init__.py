"""Data whose true effect is known, because it was planted: how counts and people behave, and data drawn from that."""
"""Data whose true effect is known, because it was planted: how counts behave, and panels and series drawn from that."""

from toolkit.simulate.caseloads import DIVERSION, Caseload
from toolkit.simulate.panels import PanelTruth, panel
from toolkit.simulate.people import PeopleTruth, people
from toolkit.simulate.series import Course, SeriesTruth, series
from toolkit.simulate.settings import ASB_LSOA, VIOLENCE_WARD, Setting, Worst, ramp

__all__ = [
    "ASB_LSOA",
    "DIVERSION",
    "VIOLENCE_WARD",
    "Caseload",
    "PanelTruth",
    "PeopleTruth",
    "Setting",
    "Worst",
    "panel",
    "people",
    "ramp",
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
