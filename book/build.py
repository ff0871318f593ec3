"""Builds the book from scratch, with every warning an error, and prints the file to open."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

BOOK = Path(__file__).resolve().parent
ROOT = BOOK.parent
# `python -m jupyter_book` does not exist, and the command may not be on the path of this Python.
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]


def main() -> int:
    """Build the book and return the exit code of Jupyter Book."""
    output = _options().output.resolve()
    # An old build leaves removed pages and old numbers behind.
    shutil.rmtree(output / "_build", ignore_errors=True)
    code = subprocess.run(_command(output), cwd=ROOT, env=_environment(), check=False).returncode
    page = output / "_build" / "html" / "index.html"
    if code != 0 or not page.exists():
        print("The book was not built: the warnings above say what to mend.", file=sys.stderr)
        return code or 1
    print(f"The book is built. Open this file in a browser:\n{page}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--output", type=Path, default=BOOK, help="folder that receives _build/ (default: the book folder)"
    )
    return parser.parse_args()


def _command(output: Path) -> list[str]:
    config, contents = BOOK / "_config.yml", BOOK / "_toc.yml"
    where = ["--config", str(config), "--toc", str(contents), "--path-output", str(output)]
    # -W: warnings are errors; -n: so are references to nothing; -q: only trouble is printed.
    return [*JUPYTER_BOOK, "build", str(ROOT), *where, "-W", "-n", "--keep-going", "-q"]


def _environment() -> dict[str, str]:
    # The notebooks run in kernels of this very Python, and must leave no cache beside the sources.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


if __name__ == "__main__":
    sys.exit(main())
