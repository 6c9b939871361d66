"""One Home Assistant with a recorder, a broker and files, in which a device of any kind lives."""

from dataclasses import dataclass
from typing import Any, Final

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.mqtt_link.home_assistant import HomeAssistantLink
from tests.senec.cloud.conftest import Home
from tests.senec.local.conftest import Site

from .books import Way, Year
from .senec_ways import CloudWay, ConnectWay, SenecWay
from .ways import HOUR, GxWay, MeterWay, PostWay, SmartLogWay

BEGIN: Final = "2026-06-21 12:00:10+00:00"
"""When it begins, where a module says no BEGIN of its own."""


@dataclass(frozen=True)
class Ways:
    """Begins the life of one device; SENEC's come with the fixture that plays their counterpart."""

    hass: HomeAssistant
    storage: dict[str, Any]
    client: MqttMockHAClient
    freezer: FrozenDateTimeFactory

    async def begin[W: Way](self, way: W) -> Year[W]:
        """Set it up, and have it heard."""
        await way.begin()
        return Year(self.hass, self.storage, way)

    async def meter(self, seconds: float = HOUR) -> Year[MeterWay]:
        return await self.begin(MeterWay(self.hass, self.freezer, seconds))

    async def smartlog(self) -> Year[SmartLogWay]:
        return await self.begin(SmartLogWay(self.hass, self.freezer))

    async def smartlog_that_posts(self) -> Year[PostWay]:
        return await self.begin(PostWay(self.hass, self.freezer))

    async def gx(self, seconds: float) -> Year[GxWay]:
        return await self.begin(GxWay(self.hass, self.client, self.freezer, seconds))

    async def cloud(self, home: Home) -> Year[CloudWay]:
        return await self.begin(CloudWay(home))

    async def connect(self, home: Home) -> Year[ConnectWay]:
        return await self.begin(ConnectWay(home))

    async def senec(self, site: Site, seconds: float = 10.0) -> Year[SenecWay]:
        return await self.begin(SenecWay(site, seconds))


@pytest.fixture
def ways(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Ways:
    """Where a device of any kind lives; name it before `home` or `site`, which bring their time."""

    async def confirmed(*_: object) -> None:
        pass

    # A subscription is confirmed at once: with a clock that stands still it never would be.
    monkeypatch.setattr(HomeAssistantLink, "_async_confirmed", confirmed)
    # The loop's debug mode keeps where each task was made: a year has tens of thousands of steps.
    hass.loop.set_debug(False)
    freezer.move_to(getattr(request.module, "BEGIN", BEGIN))
    return Ways(hass, hass_storage, mqtt_mock, freezer)
