"""Fixtures of tests that need a recorder, and live through days: import them by name."""

import pytest
from homeassistant.components.recorder.core import Recorder

from custom_components.hausstrom.senec.cloud import history_import

from .conftest import Home
from .recording import RecordedHome


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """The recorder has to be there before Home Assistant looks for integrations."""


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off: days of polls are slow in it, on a busy machine."""


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have SENEC's history asked for without a pause."""
    monkeypatch.setattr(history_import, "PAUSE", 0)


@pytest.fixture
def recorded(home: Home) -> RecordedHome:
    """Return a home with a recorder."""
    return RecordedHome(home)
