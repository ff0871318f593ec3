"""Scripts of data/ and benchmarks/, which are no packages, as modules for the tests that hold them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]


def load(name: str) -> ModuleType:
    """A script such as ``data/make_asb_patrols.py`` as a module, without running its ``main``."""
    path = ROOT / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = (
        module  # a dataclass asks where it was made, and scripts of a folder know each other
    )
    spec.loader.exec_module(module)
    return module
