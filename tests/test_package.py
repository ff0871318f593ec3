"""The wheel: it holds the whole of toolkit, and every subpackage imports from it outside the clone."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

IMPORT_ALL = """
import importlib, pathlib, pkgutil, sys
import toolkit
site = pathlib.Path(sys.argv[1]).resolve()
for found in pkgutil.walk_packages(toolkit.__path__, "toolkit."):
    module = importlib.import_module(found.name)
    if site not in pathlib.Path(module.__file__).resolve().parents:
        sys.exit(f"{found.name} came from {module.__file__}")
    print(found.name)
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory, root) -> Path:
    """The wheel, built from a clean copy so that nothing left behind by an earlier build gets in."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source)
    shutil.copytree(root / "toolkit", source / "toolkit", ignore=shutil.ignore_patterns("__pycache__"))
    done = run(["-m", "build", "--wheel", "--no-isolation", "--outdir", str(source / "dist")], cwd=source)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (source / "dist").glob("*.whl")
    return built


def run(arguments, **options):
    """This Python, with the arguments given, and everything it says."""
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, encoding="utf8", check=False, **options
    )


def test_the_wheel_holds_every_file_of_toolkit(wheel, root):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path.relative_to(root).as_posix() for path in (root / "toolkit").rglob("*.py")}
    assert wanted <= names, f"left out of the wheel: {sorted(wanted - names)}"
    assert "toolkit/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    strays = [name for name in names if not name.startswith(("toolkit/", "prevention_toolkit-"))]
    assert not strays, f"in the wheel by mistake: {strays}"


def test_every_subpackage_imports_from_the_wheel_outside_the_clone(wheel, root, tmp_path):
    site = tmp_path / "site"
    done = run(
        ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)],
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    environment = {**os.environ, "PYTHONPATH": str(site), "MPLBACKEND": "agg"}
    done = run(["-c", IMPORT_ALL, str(site)], cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    folders = {path.parent.relative_to(root) for path in (root / "toolkit").rglob("__init__.py")}
    packages = {".".join(folder.parts) for folder in folders} - {"toolkit"}
    assert packages, "toolkit has no subpackage"
    assert packages <= set(done.stdout.split())
