"""A Home Assistant with a recorder beside the simulated cloud: what its statistics hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from simulators.senec_cloud_day import energies
from simulators.senec_cloud_homes import SimulatedSystem

from .conftest import Home

HOUR: Final = timedelta(hours=1)
STEP: Final = timedelta(minutes=5)
# Key of a counter → the flow of the simulated home that it counts.
COUNTERS: Final[Mapping[str, str]] = {
    "inverter_energy": "generation",
    "grid_import_energy": "draw",
    "grid_export_energy": "feed_in",
    "bat_charge_energy": "charge",
    "bat_discharge_energy": "discharge",
    "wallbox_energy": "wallbox",
}
KEYS: Final = (*COUNTERS, "house_energy")


async def rows_of(hass: HomeAssistant, entity_id: str) -> list[dict[str, Any]]:
    """Return the hourly statistics of an entity."""
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2020, 1, 1, tzinfo=UTC),
        None,
        {entity_id},
        "hour",
        None,
        {"change", "last_reset", "state", "sum"},
    )
    return [dict(row) for row in found.get(entity_id, [])]


def truth(system: SimulatedSystem, key: str, start: datetime, end: datetime) -> float:
    """Return what flowed between two instants, in kWh."""
    flows = energies(system.home, start, end)
    if key == "house_energy":
        return (flows["consumption"] - flows["wallbox"]) / 1000
    return flows[COUNTERS[key]] / 1000


@dataclass
class RecordedHome:
    """A home whose recorder makes its statistics as time passes."""

    home: Home

    @property
    def system(self) -> SimulatedSystem:
        """The V3."""
        return self.home.cloud.system(100301)

    async def statistics(self) -> None:
        """Make the statistics of the five minutes that have just ended."""
        await async_wait_recording_done(self.home.hass)
        now = dt_util.utcnow().replace(second=0, microsecond=0)
        start = now.replace(minute=now.minute // 5 * 5) - STEP
        do_adhoc_statistics(self.home.hass, start=start)
        await async_wait_recording_done(self.home.hass)

    async def until(self, moment: str, *, minutes: int = 5) -> None:
        """Live on until an instant (ISO 8601), in steps of some minutes.

        Of longer steps only the last five minutes of each hour are made into statistics: the
        recorder makes the hour's row with them, and nothing is lost of what came before.
        """
        target = datetime.fromisoformat(moment).astimezone(UTC)
        assert target > dt_util.utcnow()
        while dt_util.utcnow() < target:
            # What is written a moment after a poll must not have the next poll's time: of two states
            # of the same instant the recorder takes either.
            await self.home.wait(minutes=1)
            await self.home.wait(minutes=minutes - 1)
            if minutes == 5 or dt_util.utcnow().minute < minutes:
                await self.statistics()
        # What fills in the background has waited for the recorder; the recorder for nobody.
        await self.home.settle()
        await async_wait_recording_done(self.home.hass)

    async def rows(self, entry: HausstromConfigEntry, key: str) -> dict[datetime, dict[str, Any]]:
        """Return the rows of a counter by their hour."""
        rows = await rows_of(self.home.hass, self.home.entity_id(entry, "sensor", key))
        return {datetime.fromtimestamp(row["start"], UTC): row for row in rows}

    async def off(
        self, entry: HausstromConfigEntry, moment: str, *, flat: bool = True, minutes: int = 5
    ) -> None:
        """Be off until an instant, then start again.

        flat: the states stay as they were, as the recorder finds them after a stop of Home
        Assistant, for which it makes rows afterwards in which nothing changes. Else the entry alone
        is off, and there are no rows.
        """
        home = self.home
        if flat:
            coordinator = entry.runtime_data
            coordinator.async_poll = _nothing  # type: ignore[method-assign]  # as if it were off
            await self.until(moment, minutes=minutes)
            await home.hass.config_entries.async_reload(entry.entry_id)
        else:
            await home.hass.config_entries.async_unload(entry.entry_id)
            await self.until(moment, minutes=minutes)
            await home.hass.config_entries.async_setup(entry.entry_id)
        await home.settle()


async def _nothing() -> dict[str, Value]:
    return {}


@pytest.fixture
def recorded(recorder_mock: Recorder, quick_loop: None, no_pause: None, home: Home) -> RecordedHome:
    """Return a home with a recorder."""
    return RecordedHome(home)
