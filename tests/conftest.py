"""What every test shares: which ones need something outside the clone, and the patience that notebooks need."""

import os
import shutil
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

mpl.use("agg")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NOTEBOOK_SECONDS = 60  # nbval waits 5 s for an output, which a busy machine can exceed


def find_browser() -> str | None:
    """The Chromium that the book is tested in: the one PREVENTION_BROWSER names, or the first one installed."""
    names = (os.environ.get("PREVENTION_BROWSER", ""), *BROWSERS)
    return next((found for name in names if name and (found := shutil.which(name))), None)


def find_folder(variable: str) -> Path | None:
    """The folder that an environment variable names, if it is there."""
    named = os.environ.get(variable, "")
    return Path(named) if named and Path(named).is_dir() else None


def in_ci() -> bool:
    """Whether a test that cannot run should fail rather than skip."""
    return os.environ.get("CI", "").lower() == "true"


def missing(item: pytest.Item) -> tuple[str, bool] | None:
    """Why a marked test cannot run here, and whether that is a failure in continuous integration."""
    if item.get_closest_marker("browser") and find_browser() is None:
        return "no Chromium or Chrome was found: `make browser` installs one", True
    for mark, variable, what in (
        ("field", "PREVENTION_FIELD_DATA", "real records"),
        ("reference", "PREVENTION_REFERENCE_DATA", "results computed in R"),
    ):
        if item.get_closest_marker(mark) and find_folder(variable) is None:
            return f"{variable} names no folder of {what}", False
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if hasattr(item, "output_timeout") or type(item).__name__ == "IPyNbCell":
            item.output_timeout = NOTEBOOK_SECONDS


def pytest_runtest_setup(item: pytest.Item) -> None:
    if (lacking := missing(item)) is None:
        return
    reason, fails_in_ci = lacking
    if fails_in_ci and in_ci():
        pytest.fail(f"CI is true, and {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the clone."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The browser to launch; a test that asks for it carries the mark `browser`."""
    found = find_browser()
    assert found is not None, "mark this test with `browser`"
    return found


@pytest.fixture(scope="session")
def field_data() -> Path:
    """The folder of real records; a test that asks for it carries the mark `field`."""
    found = find_folder("PREVENTION_FIELD_DATA")
    assert found is not None, "mark this test with `field`"
    return found


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of results computed in R; a test that asks for it carries the mark `reference`."""
    found = find_folder("PREVENTION_REFERENCE_DATA")
    assert found is not None, "mark this test with `reference`"
    return found
