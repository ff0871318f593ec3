"""Data whose true effect is known, because it was planted: panels of areas, people, and single series."""

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
    "Course",
    "PanelTruth",
    "PeopleTruth",
    "SeriesTruth",
    "Setting",
    "Worst",
    "panel",
    "people",
    "ramp",
    "series",
]
