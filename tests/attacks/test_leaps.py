"""A device says for a moment what it cannot have moved: no counter of any kind takes it, then or later."""

from contextlib import suppress
from copy import replace
from typing import Any, Final

import pytest
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback

from simulators.senec_local import typed
from tests.senec.cloud.conftest import Home
from tests.senec.local.cases import Driver, base_table
from tests.years.fixtures import Ways

from .test_stores import energies

LEAP: Final = 100_000.0
"""kWh: what a home uses in twenty years."""


class Watch:
    """Whatever was shown of energy (kWh), from now on."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.shown: dict[str, list[float]] = {}
        hass.bus.async_listen("state_changed", self._hear)

    @callback
    def _hear(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is None or state.attributes.get("device_class") != "energy":
            return
        scale = {"Wh": 0.001, "MWh": 1000.0}.get(state.attributes["unit_of_measurement"], 1.0)
        with suppress(ValueError):
            self.shown.setdefault(state.entity_id, []).append(float(state.state) * scale)

    def judge(self, *, most: float) -> None:
        """Nothing rose by more than that (kWh), nor fell."""
        assert self.shown
        for entity_id, values in self.shown.items():
            assert max(values) - values[0] <= most, (entity_id, values)
            assert values == sorted(values), (entity_id, values)


async def test_a_smart_meter(ways: Ways) -> None:
    way = (await ways.meter(10)).way
    await way.live(away=False)
    watch = Watch(ways.hass)
    for often in (1, 2):
        way.flow.totals["forth"] += LEAP
        for _ in range(often):
            await way.live(away=False)
        way.flow.totals["forth"] -= LEAP
        for _ in range(10):
            await way.live(away=False)
    watch.judge(most=1)


async def test_a_smartlog(ways: Ways) -> None:
    way = (await ways.smartlog()).way
    for _ in range(3):
        await way.live(away=False)
    watch = Watch(ways.hass)
    way.stands = {number: stand + LEAP for number, stand in way.stands.items()}
    await way.live(away=False)
    way.stands = {number: stand - LEAP for number, stand in way.stands.items()}
    for _ in range(4):
        await way.live(away=False)
    watch.judge(most=20)


async def test_a_gx(ways: Ways) -> None:
    way = (await ways.gx(10)).way
    for _ in range(8):
        await way.live(away=False)
    watch = Watch(ways.hass)
    way.gx.day._energy["import"] += LEAP
    way.gx.day._energy["pv"] += LEAP
    await way.live(away=False)
    way.gx.say({("system", "0", f"Ac/Grid/L{n}/Power"): 9e8 for n in (1, 2, 3)})
    way.gx.say({("system", "0", "Dc/Pv/Power"): 9e8, ("system", "0", "Dc/Battery/Power"): -9e8})
    await way.gx.wait(3)
    way.gx.day._energy["import"] -= LEAP
    way.gx.day._energy["pv"] -= LEAP
    for _ in range(30):
        await way.live(away=False)
    watch.judge(most=5)


@pytest.mark.parametrize("power", [9e8, float("inf"), -9e8, 3.4e38])
async def test_the_power_of_a_senec(drive: Any, power: float) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(120)
    watch = Watch(driver.hass)
    names = ("GUI_GRID_POW", "GUI_HOUSE_POW", "GUI_INVERTER_POWER", "GUI_BAT_DATA_POWER")
    before = {name: driver.device.table["ENERGY"][name] for name in names}
    for _ in range(3):
        driver.device.update({"ENERGY": {name: typed("fl", power) for name in names}})
        await driver.wait(40)
        driver.device.update({"ENERGY": before})  # type: ignore[dict-item]  # as it was
        await driver.wait(80)
    watch.judge(most=1)


async def test_the_statistics_of_a_senec(drive: Any) -> None:
    """Old firmware has counters of its own, which are followed: not to the moon."""
    table = base_table()
    table["WIZARD"]["APPLICATION_VERSION"] = "st_0811"
    names = ("LIVE_GRID_IMPORT", "LIVE_GRID_EXPORT", "LIVE_HOUSE_CONS", "LIVE_PV_GEN")
    table["STATISTIC"] = {name: typed("fl", 1000) for name in names}
    driver: Driver = drive(table)
    await driver.do_set_up({})
    await driver.wait(700)
    watch = Watch(driver.hass)
    driver.device.update({"STATISTIC": {name: typed("fl", 1000 + LEAP) for name in names}})
    await driver.wait(330)
    driver.device.update({"STATISTIC": {name: typed("fl", 1001) for name in names}})
    await driver.wait(1000)
    watch.judge(most=10)


async def test_a_system_in_the_cloud(ways: Ways, home: Home) -> None:
    way = (await ways.cloud(home)).way
    watch = Watch(home.hass)
    system = home.cloud.account("anna@example.com").systems[0]
    good = system.home
    for _ in range(3):
        await home.wait(minutes=5)
    system.home = replace(good, peak=9e9, base_load=9e9, battery_power=9e9, capacity=9e10)
    await home.wait(minutes=5)
    system.home = good
    for _ in range(6):
        await home.wait(minutes=5)
    assert energies(home.hass, way.entry_id) is not None
    for entity_id, values in watch.shown.items():
        assert max(values) <= values[0] + 50, (entity_id, values)
