"""Fixtures of the Victron tests."""

import pytest

from tests.victron.gx import Gx


@pytest.fixture
def gx() -> Gx:
    """Return a GX that has just been connected to."""
    return Gx()
