"""What all tests share."""

import logging
import sys

import pytest

# Imported before Home Assistant starts, or it looks for custom_components elsewhere.
from custom_components.hausstrom.const import DOMAIN

__all__ = ["DOMAIN"]

# The benchmarks' pandas is in no Home Assistant, but its influxdb loads it wherever it is there.
# Loaded in the middle of a test, it once ended in a collection of garbage that did not end.
sys.modules["pandas"] = None  # type: ignore[assignment]  # Python's own way to say that it is not there

# Every statement of the recorder in the log costs more than the statement.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load the integration in every test that starts it."""
    # The recorder has to be there before Home Assistant is.
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def expected_lingering_timers(request: pytest.FixtureRequest) -> bool:
    """Whether a timer may be left: Home Assistant's MQTT client leaves one behind in tests."""
    return "mqtt_mock" in request.fixturenames
