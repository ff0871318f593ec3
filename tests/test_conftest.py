"""The marks: what is missing skips with its reason, and a missing browser fails in continuous integration."""

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest

@pytest.mark.browser
def test_book():
    pass

@pytest.mark.field
def test_records():
    pass

@pytest.mark.reference
def test_against_r():
    pass
"""


@pytest.fixture
def run(pytester, monkeypatch, root):
    """Run three marked tests on a machine that has nothing, with CI set as asked."""
    pytester.makeconftest((root / "tests" / "conftest.py").read_text(encoding="utf8"))
    pytester.makeini("[pytest]\nmarkers = browser\n    field\n    reference")
    pytester.makepyfile(TESTS)
    for variable in ("PREVENTION_BROWSER", "PREVENTION_FIELD_DATA", "PREVENTION_REFERENCE_DATA"):
        monkeypatch.delenv(variable, raising=False)

    def run_with(ci):
        monkeypatch.setenv("CI", ci)
        monkeypatch.setenv("PATH", str(pytester.path))
        return pytester.runpytest_inprocess("-ra", "-p", "no:cacheprovider")

    return run_with


def test_missing_things_skip_with_their_reason(run):
    result = run("")
    result.assert_outcomes(skipped=3)
    result.stdout.fnmatch_lines_random(
        [
            "*no Chromium or Chrome was found*",
            "*PREVENTION_FIELD_DATA names no folder*",
            "*PREVENTION_REFERENCE_DATA*",
        ]
    )


def test_a_missing_browser_is_a_failure_in_ci_and_missing_records_are_not(run):
    result = run("true")
    outcomes = result.parseoutcomes()
    assert outcomes.get("skipped") == 2
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) == 1
    result.stdout.fnmatch_lines(["*CI is true, and no Chromium or Chrome was found*"])


def test_what_is_there_runs(run, monkeypatch, pytester):
    browser = pytester.path / "chromium"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PREVENTION_FIELD_DATA", str(pytester.path))
    monkeypatch.setenv("PREVENTION_REFERENCE_DATA", str(pytester.path))
    run("true").assert_outcomes(passed=3)
