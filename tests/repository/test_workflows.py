"""The workflows of GitHub ask for no more rights than they need, and run our own scripts."""

import json
import re
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
            assert re.search(r"^$|@[0-9a-f]{40}$", step.get("uses", "")), step
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


def test_every_check_runs_the_script_that_developers_run() -> None:
    steps = read_yaml(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["test"]["steps"]
    assert "scripts/test" in [step.get("run") for step in steps]
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_pinned_actions_say_what_they_are(path: Path) -> None:
    for line in path.read_text().splitlines():
        if "uses: " in line:
            assert re.search(r"@[0-9a-f]{40} # (v\d+\.\d+\.\d+|main|master)$", line), line


def test_the_newest_home_assistant_is_tried() -> None:
    steps = read_yaml(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["newest"]["steps"]
    (run,) = [step["run"] for step in steps if "--home-assistant" in step.get("run", "")]
    assert re.fullmatch(r"scripts/test --home-assistant \d+\.\d+\.\d+", run)


def test_devcontainer() -> None:
    container = json.loads(existing(ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"] == "scripts/setup"
    assert 8123 in container["forwardPorts"]
