"""Answers and tables of SENEC's own that lie beside the repository."""

import csv
from pathlib import Path

import pytest


def samples() -> Path:
    """Return their folder; skips the test where there is none."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "samples" / "senec"
        if folder.is_dir():
            return folder
    pytest.skip("no samples beside the repository")


def listed_variables() -> list[dict[str, str]]:
    """Return the variables as SENEC's page for installers has them: section, var, unit, multiply, kind."""
    with (samples() / "fields_units.tsv").open(encoding="utf-8") as rows:
        return list(csv.DictReader(rows, delimiter="\t"))
