"""The workflows of GitHub ask for no more rights than they need, and run our own scripts."""

import json
from pathlib import Path

import pytest

from .files import ROOT, existing, read_yaml

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_rights_are_minimal_and_actions_pinned(path: Path) -> None:
    workflow = read_yaml(path)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 30
        for step in job["steps"]:
            assert "@" in step.get("uses", "@")
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


def test_every_check_runs_the_script_that_developers_run() -> None:
    steps = read_yaml(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["test"]["steps"]
    assert "scripts/test" in [step.get("run") for step in steps]
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text()


def test_devcontainer() -> None:
    container = json.loads(existing(ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"] == "scripts/setup"
    assert 8123 in container["forwardPorts"]
