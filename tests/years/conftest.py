"""What all years share."""

import pytest

from tests.senec.cloud.conftest import home
from tests.senec.local.conftest import site

from .fixtures import ways

__all__ = ["home", "site", "ways"]


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT integration leaves one in tests."""
    return True
