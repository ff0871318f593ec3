"""The README: its example runs as printed, and its commands are the ones that exist."""

import re

import pytest


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text(encoding="utf8")


def test_the_example_runs(readme, capsys):
    blocks = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert blocks, "README shows no example"
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert "the patrolled areas" in capsys.readouterr().out


def test_every_target_it_names_exists(readme, root):
    contributing = (root / "CONTRIBUTING.md").read_text(encoding="utf8")
    targets = set(
        re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf8"), flags=re.MULTILINE)
    )
    named = set(re.findall(r"(?:`|^    )make ([a-z]+)", readme + contributing, flags=re.MULTILINE))
    assert {"book", "test"} <= named
    assert named <= targets, f"no such target: {sorted(named - targets)}"


def test_every_file_it_links_to_exists(readme, root):
    contributing = (root / "CONTRIBUTING.md").read_text(encoding="utf8")
    linked = re.findall(r"\]\(([^):#]+)\)", readme + contributing)
    absent = [link for link in linked if not (root / link).exists()]
    assert not absent, f"no such file: {absent}"
