"""What all years share."""

import pytest


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT integration leaves one in tests."""
    return True


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off: a year has tens of thousands of steps."""
