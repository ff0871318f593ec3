"""Builds the book once a session, or takes the one that PREVENTION_BOOK names; serves it, and opens it in Chromium."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = "PREVENTION_BOOK"  # names the folder that holds _build, where `make book` has just been run
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",  # CI runs as root, where Chromium refuses its own sandbox
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
]


def do_without(reason: str) -> NoReturn:
    """Skip where a person may lack the tool, and fail where CI promised it."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{reason}, and under CI=true that is a failure", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the book was built in a moment ago, or a temporary one to build it in."""
    built = os.environ.get(BUILT, "")
    return ROOT / built if built else tmp_path_factory.mktemp("book")


@pytest.fixture(scope="session")
def build(output: Path) -> subprocess.CompletedProcess[str]:
    """One run of the build script, whatever came of it."""
    if os.environ.get(BUILT):
        pytest.skip(f"{BUILT} names a book that is built")
    if importlib.util.find_spec("jupyter_book") is None:
        do_without("jupyter-book is not installed (pip install -e .[book])")
    command = [sys.executable, str(ROOT / "book" / "build.py"), "--output", str(output)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def html(request: pytest.FixtureRequest, output: Path) -> Path:
    """The folder of the built book. Where it was not built, one test says why and the others have nothing to test."""
    if os.environ.get(BUILT):
        assert (output / "_build" / "html" / "index.html").exists(), f"{BUILT} names no built book"
    elif request.getfixturevalue("build").returncode != 0:
        pytest.skip("the book was not built: test_the_book_builds_without_a_warning fails and says why")
    return output / "_build" / "html"


class Quiet(SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Keep requests out of the test report."""


class Server(ThreadingHTTPServer):
    """A server that thinks nothing of a browser closing a page before it has loaded."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over broken connections: what fails on a page is asserted in the browser."""


@pytest.fixture(scope="session")
def site(html: Path) -> Iterator[str]:
    """The address of the book, served on this machine."""
    server = Server(("127.0.0.1", 0), partial(Quiet, directory=str(html)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, as the machine has it: no browser is downloaded."""
    names = (os.environ.get("PREVENTION_BROWSER", ""), *BROWSERS)
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        do_without("no Chromium on this machine (Debian: apt-get install chromium)")
    if importlib.util.find_spec("playwright") is None:
        do_without("playwright is not installed (pip install -e .[test])")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()
