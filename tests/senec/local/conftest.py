"""A SENEC that Home Assistant reads, and time that passes only as the test says."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from simulators.senec_local import Model, SenecDevice, SenecSimulator

from .support import Running


class Clock:
    """The time of the simulated devices."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 21, 12, 40, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Site:
    """Home Assistant and the devices that it reads."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        self.hass = hass
        self.clock = Clock()
        self._freezer = freezer
        self._running = ExitStack()
        freezer.move_to(self.clock.now)

    def device(
        self,
        model: Model = Model.V3,
        application: str = "0826",
        *,
        device_id: str = "2000000000000000000000001",
        wallboxes: int | None = None,
        tls: bool | None = None,
        certificate_of: Running | None = None,
    ) -> Running:
        """Switch a device on; it may be one that was there before, at another address."""
        made = SenecDevice(
            model,
            application=application,
            device_id=device_id,
            clock=self.clock,
            wallboxes=wallboxes,
        )
        folder = None if certificate_of is None else certificate_of.simulator.folder
        return self._running.enter_context(Running(SenecSimulator(made, tls=tls, folder=folder)))

    def close(self) -> None:
        self._running.close()

    async def add(self, running: Running) -> HausstromConfigEntry:
        """Add a device as a person would."""
        flow = await self.hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_USER}
        )
        flow = await self.hass.config_entries.flow.async_configure(
            flow["flow_id"], {"next_step_id": "senec_local"}
        )
        flow = await self.hass.config_entries.flow.async_configure(
            flow["flow_id"], {"host": running.simulator.host}
        )
        assert flow["type"] is FlowResultType.CREATE_ENTRY, flow
        await self.settle()
        entry: HausstromConfigEntry = flow["result"]
        return entry

    async def wait(self, seconds: float) -> None:
        """Let time pass, for Home Assistant and for the devices."""
        self.clock.advance(seconds)
        self._freezer.move_to(self.clock.now)
        async_fire_time_changed(self.hass, dt_util.utcnow())
        await self.settle()

    async def settle(self) -> None:
        await self.hass.async_block_till_done(wait_background_tasks=True)

    def entity_id(self, entry: HausstromConfigEntry, key: str) -> str:
        """Return the entity of a key."""
        (found,) = [
            entity.entity_id
            for entity in er.async_entries_for_config_entry(er.async_get(self.hass), entry.entry_id)
            if entity.unique_id == f"{entry.unique_id}_{key}"
        ]
        return found

    def state(self, entry: HausstromConfigEntry, key: str) -> str:
        """Return what the entity of a key shows."""
        state = self.hass.states.get(self.entity_id(entry, key))
        assert state is not None, key
        return state.state

    async def enable(self, entry: HausstromConfigEntry, *keys: str) -> None:
        """Switch entities on, as a user does; Home Assistant reloads the entry."""
        for key in keys:
            er.async_get(self.hass).async_update_entity(
                self.entity_id(entry, key), disabled_by=None
            )
        await self.hass.config_entries.async_reload(entry.entry_id)
        await self.settle()


@pytest.fixture
def site(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, socket_enabled: None
) -> Iterator[Site]:
    made = Site(hass, freezer)
    yield made
    made.close()
