"""A stop, a kill and a full disk: no energy lost that was shown, no spike, no dip in the statistics."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, Event, HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from simulators.senec_local import typed

from .cases import Driver, base_table, table_of
from .fake import FakeSenec
from .support import InThread
from .test_cases import NOON, _shared_folder

JOULES: Final = 3.6e6
COUNTERS: Final = ("grid_import_energy", "house_energy", "bat_charge_energy", "inverter_energy")


class Restarting(Driver):
    """A driver that can end Home Assistant: what is on disk then is what there is afterwards."""

    storage: dict[str, Any]

    def __init__(
        self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, running: InThread[FakeSenec]
    ) -> None:
        super().__init__(hass, freezer, running)
        self.begun = dt_util.utcnow()

    async def do_restart(self, step: Mapping[str, Any]) -> None:
        assert self.entry is not None
        hass = self.hass
        if step["how"] == "stop":
            hass.set_state(CoreState.stopping)
            hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
            await self.settle()
            hass.set_state(CoreState.final_write)
            await self.final_write()
            await self.settle()
        await async_wait_recording_done(hass)
        on_disk = deepcopy(self.storage)
        hass.set_state(CoreState.running)
        await hass.config_entries.async_unload(self.entry.entry_id)
        await self.settle()
        self.storage.clear()
        self.storage.update(on_disk)
        await self.wait(step.get("down_s", 20))
        await hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()

    async def final_write(self) -> None:
        """Have everything written that waits for it; the recorder goes on, it is the next one's too."""
        listeners = self.hass.bus._listeners.get(EVENT_HOMEASSISTANT_FINAL_WRITE, [])
        for job, _filter in list(listeners):
            inner = getattr(job.target, "listener_job", job)
            if isinstance(getattr(inner.target, "__self__", None), Store):
                job.target(Event(EVENT_HOMEASSISTANT_FINAL_WRITE))

    async def expect(self, expected: Any) -> bool:
        if "statistics" in expected:
            return await self.check_statistics(expected["statistics"], expected["power_w"])
        return await super().expect(expected)

    async def check_statistics(self, key: str, power: float) -> bool:
        """Whether no slot of five minutes is below 0 or above what can flow.

        A counter is written once a minute, so a slot may hold a minute of the one before.
        """
        slots = await self.slots(key)
        most = power * (300 + 70) / JOULES
        assert slots, key
        assert all(-1e-9 <= slot <= most for slot in slots), (key, slots, most)
        return True

    async def slots(self, key: str) -> list[float]:
        entity_id = self.entity_id(key)
        assert entity_id is not None
        await async_wait_recording_done(self.hass)
        start = self.begun.replace(minute=self.begun.minute // 5 * 5, second=0, microsecond=0)
        now = dt_util.utcnow()
        at = start
        while at <= now:
            do_adhoc_statistics(self.hass, start=at)
            at += timedelta(minutes=5)
        await async_wait_recording_done(self.hass)
        rows = await get_instance(self.hass).async_add_executor_job(
            lambda: statistics_during_period(
                self.hass,
                start,
                now + timedelta(minutes=10),
                {entity_id},
                "5minute",
                None,
                {"sum"},
            )
        )
        sums = [float(row["sum"] or 0) for row in rows.get(entity_id, [])]
        return [after - before for before, after in zip([0.0, *sums], sums, strict=False)]


@pytest.fixture
def drive(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    socket_enabled: None,
    tmp_path: Path,
) -> Iterator[Any]:
    freezer.move_to(NOON)
    with ExitStack() as opened:

        def make(table: Any) -> Restarting:
            device = FakeSenec(table, lambda: dt_util.utcnow().timestamp(), tmp_path)
            running = opened.enter_context(InThread(device))
            driver = Restarting(hass, freezer, running)
            driver.storage = hass_storage
            return driver

        yield make


@pytest.mark.parametrize("name", ["restart_mid_import", "power_cut_mid_import"])
async def test_shared_cases(drive: Any, name: str) -> None:
    folder = _shared_folder()
    if folder is None:
        pytest.skip("no shared cases here")
    case = json.loads((folder / f"{name}.json").read_text())
    base = json.loads((folder / "base.json").read_text())
    await drive(table_of(case, base)).run(case["steps"])


def importing(kilowatts: float) -> dict[str, Any]:
    table = base_table()
    watts = typed("fl", kilowatts * 1000)
    table["ENERGY"].update(
        GUI_GRID_POW=watts,
        GUI_HOUSE_POW=watts,
        GUI_INVERTER_POWER=typed("fl", 0),
        GUI_BAT_DATA_POWER=typed("fl", 0),
    )
    return table


async def total(driver: Restarting) -> float:
    return float(str(driver.state("grid_import_energy")))


@pytest.mark.parametrize("minutes", [0.25, 1, 7])
@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_nothing_that_was_shown_is_taken_back(drive: Any, how: str, minutes: float) -> None:
    driver: Restarting = drive(importing(60))
    await driver.do_set_up({})
    for _ in range(3):
        await driver.wait(minutes * 60)
        before = await total(driver)
        counted = driver.entry.runtime_data.data["grid_import_energy"]  # type: ignore[union-attr]  # set up
        await driver.do_restart({"how": how})
        await driver.wait(15)
        after = await total(driver)
        assert after >= before
        lost = counted - after
        assert lost <= (1.0 if how == "kill" else 1e-6)
    await driver.check_statistics("grid_import_energy", 60_000)
    await driver.check_statistics("house_energy", 60_000)
    assert await total(driver) == pytest.approx(sum(await driver.slots("grid_import_energy")), 0.2)


async def test_two_kills_in_a_minute(drive: Any) -> None:
    driver: Restarting = drive(importing(40))
    await driver.do_set_up({})
    await driver.wait(130)
    for _ in range(4):
        before = await total(driver)
        await driver.do_restart({"how": "kill", "down_s": 5})
        await driver.wait(10)
        assert await total(driver) >= before
    await driver.check_statistics("grid_import_energy", 40_000)


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_full_disk_is_no_spike(drive: Any, how: str) -> None:
    driver: Restarting = drive(importing(50))
    await driver.do_set_up({})
    await driver.wait(100)

    with patch.object(Store, "_async_write_data", side_effect=WriteError("no space left")):
        await driver.wait(400)
        before = await total(driver)
        await driver.do_restart({"how": how})
        await driver.wait(15)
        assert await total(driver) >= before  # the recorder knows better than the disk
        await driver.wait(100)
    await driver.check_statistics("grid_import_energy", 50_000)


async def test_a_file_that_is_gone_or_damaged_is_no_spike(drive: Any) -> None:
    driver: Restarting = drive(importing(30))
    await driver.do_set_up({})
    await driver.wait(400)
    before = await total(driver)
    assert driver.entry is not None
    await async_wait_recording_done(driver.hass)
    await driver.hass.config_entries.async_unload(driver.entry.entry_id)
    for name in [name for name in driver.storage if name.startswith("hausstrom.")]:
        del driver.storage[name]
    await driver.hass.config_entries.async_setup(driver.entry.entry_id)
    await driver.wait(15)
    assert await total(driver) >= before
    assert driver.shows("bms_soh_0", 98)
    await driver.check_statistics("grid_import_energy", 30_000)


async def test_a_counter_of_the_devices_own_is_not_counted_twice_after_a_kill(drive: Any) -> None:
    table = importing(36)
    table["WIZARD"]["APPLICATION_VERSION"] = "st_0811"
    driver: Restarting = drive(table)
    begun: datetime = dt_util.utcnow()

    def count() -> float:
        kwh = 1000 + (dt_util.utcnow() - begun).total_seconds() * 36_000 / JOULES
        driver.device.table["STATISTIC"] = {"LIVE_GRID_IMPORT": typed("fl", kwh)}
        return kwh

    count()
    driver.device.scheme = "https"
    await driver.do_set_up({})
    for _ in range(3):
        for _ in range(8):
            count()
            await driver.wait(60)
        await driver.do_restart({"how": "kill"})
        for _ in range(6):
            truth = count()
            await driver.wait(60)
    shown = await total(driver)
    assert shown == pytest.approx(truth, abs=36 * 400 / 3600)  # it is read every five minutes
    assert shown <= count() + 0.1
    slots = await driver.slots("grid_import_energy")
    assert all(slot >= -1e-9 for slot in slots)
    assert max(slots[1:]) < 36 * 700 / 3600


async def test_energy_of_each_wallbox(drive: Any) -> None:
    table = base_table()
    table["WIZARD"]["SETUP_NUMBER_WALLBOXES"] = "u8_02"
    table["WALLBOX"]["APPARENT_CHARGING_POWER"] = [typed("fl", w) for w in (7200, 3600, 0, 0)]
    driver: Restarting = drive(table)
    await driver.do_set_up({})
    await driver.wait(600)
    shown = {key: float(str(driver.state(key))) for key in ("wallbox_energy0", "wallbox_energy1")}
    assert shown["wallbox_energy0"] == pytest.approx(1.2, abs=0.15)
    assert shown["wallbox_energy1"] == pytest.approx(0.6, abs=0.1)
    assert float(str(driver.state("wallbox_energy"))) == pytest.approx(sum(shown.values()), 0.01)
    assert driver.entity_id("wallbox_energy2") is None
