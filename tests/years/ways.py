"""How a meter, a SmartLog and a GX live through a step, and what truly flowed meanwhile."""

import asyncio
from collections.abc import Mapping
from copy import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.webhook import async_handle_webhook
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.aiohttp import MockRequest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from simulators.victron_home_values import Address, Json
from tests.evn.conftest import MeterOnTopic
from tests.smartlog.build import GATEWAY, body, data, meter, muc
from tests.smartlog.conftest import (
    MQTT_DATA,
    PASSWORD,
    USERNAME,
    WEBHOOK_DATA,
    WEBHOOK_ID,
    make_entry,
    publish,
    set_up,
)
from tests.victron.bridged import BridgedGx, start_in_driven_time

from .flows import Meters, grid_power

HOUR: Final = 3600.0
CALM: Final = 70.0
"""Seconds after which whatever waits for its pace has been written."""


class MeterWay:
    """A smart meter on a topic, whose registers are the truth."""

    most_power = 12_000.0

    def __init__(
        self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float = HOUR
    ) -> None:
        self.hass = hass
        self.seconds = seconds
        self._freezer = freezer
        self.meter = MeterOnTopic(hass)
        self.flow = Meters(grid_power, dt_util.utcnow())
        self.flow.totals.update(forth=12_345.0, back=678.0)
        self._entry = MockConfigEntry(
            domain=DOMAIN,
            title="Meter",
            unique_id=f"evn_{self.meter.model.system_title.hex()}",
            data={
                "kind": "evn",
                "source": "homeassistant",
                "topic": "sensors/smartmeter",
                "key": self.meter.model.key.hex(),
                "system_title": self.meter.model.system_title.hex(),
                "meter_number": None,
            },
        )
        self._entry.add_to_hass(hass)

    @property
    def entry_id(self) -> str:
        return str(self._entry.entry_id)

    async def start(self) -> None:
        assert await self.hass.config_entries.async_setup(self.entry_id)
        await self.hass.async_block_till_done()

    def _send(self) -> None:
        power = round(grid_power(dt_util.utcnow()))
        self.flow.advance(dt_util.utcnow())
        self.meter.state = replace(
            self.meter.state,
            energy_import=int(self.flow.totals["forth"] * 1000),
            energy_export=int(self.flow.totals["back"] * 1000),
            power_import=max(power, 0),
            power_export=max(-power, 0),
            currents=(round(abs(power) / 3 / 2.3),) * 3,  # 10 mA, of three phases at 230 V
        )
        self.meter.publish()

    async def begin(self) -> None:
        """Set up, and send three telegrams: two need to agree, three need not.

        This meter rounds its currents to 10 mA and is a Wh behind: its first two may not.
        """
        await self.start()
        for _ in range(3):
            self._send()
            await self.rest(5)

    async def rest(self, seconds: float) -> None:
        self._freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done()

    async def live(self, *, away: bool) -> None:
        self.meter.counter += round(self.seconds / 5)
        if not away:
            self._send()
        await self.rest(min(CALM, self.seconds))
        if self.seconds > CALM:
            await self.rest(self.seconds - CALM)

    def truth(self) -> Mapping[str, float]:
        return {
            "energy_import": self.flow.totals["forth"],
            "energy_export": self.flow.totals["back"],
        }


class SmartLogWay:
    """A gateway that reports three flats and the heating once an hour, by MQTT."""

    most_power = 60_000.0
    seconds = HOUR
    _data: dict[str, Any] = MQTT_DATA

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        self.hass = hass
        self._freezer = freezer
        self._entry = make_entry(hass, self._data)
        self._hours = 0
        self.stands = {f"1100000{n}": 1000.0 * n for n in (1, 2, 3)} | {"46100001": 30_390.0}

    @property
    def entry_id(self) -> str:
        return str(self._entry.entry_id)

    async def start(self) -> None:
        await set_up(self.hass, self._entry)

    async def _report(self) -> None:
        now = int(dt_util.utcnow().timestamp())
        flats = [
            meter(
                number,
                data(
                    "Energy", round(stand * 1000), "Wh", obis="1-0:1.8.0*255", time=now - 30,
                    device_time=now - 30,
                ),
                data("Power", 400, "W", obis="1-0:1.7.0*255", time=now - 30),
            )
            for number, stand in self.stands.items()
            if number != "46100001"
        ]  # fmt: skip
        heating = meter(
            "46100001",
            data(
                "Energy", round(self.stands["46100001"]), "kWh", obis="6-0:1.0.0*255",
                medium="Heat (outlet)", time=now - 30,
            ),
        )  # fmt: skip
        await self._deliver(muc(*flats, heating, time=now))

    async def _deliver(self, report: dict[str, Any]) -> None:
        await publish(self.hass, report)

    async def begin(self) -> None:
        """Set up, and have the meters reported for a while."""
        await self.start()
        for _ in range(3):
            await self._report()
            await self.rest(60)

    async def rest(self, seconds: float) -> None:
        self._freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def live(self, *, away: bool) -> None:
        self._hours += 1
        for place, number in enumerate(self.stands):
            busy = 6 < self._hours % 24 < 22
            self.stands[number] += (place + 1) * (0.35 if busy else 0.06)
        if not away:
            await self._report()
        await self.rest(min(CALM, self.seconds))
        if self.seconds > CALM:
            await self.rest(self.seconds - CALM)

    def truth(self) -> Mapping[str, float]:
        heat = "46100001"
        return {
            **{
                f"{number}_1_0_1_8_0_255": stand
                for number, stand in self.stands.items()
                if number != heat
            },
            f"{heat}_6_0_1_0_0_255": self.stands[heat],
        }

    def external(self) -> dict[str, str]:
        """Return the external statistics of the meters, by key."""
        return {key: f"{DOMAIN}:{GATEWAY}_{key.split('_')[0]}" for key in self.truth()}


class PostWay(SmartLogWay):
    """The same gateway, which posts its reports; also while nobody takes them."""

    _data = WEBHOOK_DATA

    async def begin(self) -> None:
        assert await async_setup_component(self.hass, "http", {})
        await super().begin()

    async def start(self) -> None:
        """Set up; if it was set up before, a report has come meanwhile, which is kept."""
        if self._entry.state is ConfigEntryState.NOT_LOADED and self._hours:
            await self._report()
        await super().start()

    async def _deliver(self, report: dict[str, Any]) -> None:
        request = MockRequest(
            body(report), "test", "POST",
            headers={"Authorization": aiohttp.encode_basic_auth(USERNAME, PASSWORD)},
        )  # fmt: skip
        response = await async_handle_webhook(self.hass, WEBHOOK_ID, request)
        assert response.status == HTTPStatus.OK
        await self.hass.async_block_till_done(wait_background_tasks=True)


class GxWay:
    """A GX bridged into Home Assistant's broker; `seconds` 10: at its rhythm, or seldom heard."""

    most_power = 15_000.0

    def __init__(
        self,
        hass: HomeAssistant,
        client: MqttMockHAClient,
        freezer: FrozenDateTimeFactory,
        seconds: float,
    ) -> None:
        self.hass = hass
        self.seconds = seconds
        self._freezer = freezer
        self.gx = BridgedGx(hass, client, freezer)
        self.gx.values = self._of_the_grid(self.gx.values)
        self._entry: MockConfigEntry | None = None
        self._clock = 0.0
        self._energy = dict.fromkeys(("dc_pv", "charge", "discharge", "import", "export"), 0.0)

    @staticmethod
    def _of_the_grid(values: dict[Address, Json]) -> dict[Address, Json]:
        """Leave out what has no part in energy: a year of it would only cost time."""
        return {
            address: value
            for address, value in values.items()
            if address[0] in {"system", "grid", "pvinverter"} and "/Voltage" not in address[2]
        }

    @property
    def entry_id(self) -> str:
        assert self._entry is not None
        return str(self._entry.entry_id)

    async def begin(self) -> None:
        self._clock = dt_util.utcnow().timestamp() % 86_400
        self.gx.say(self._of_the_grid(self.gx.day.step(self._clock, 1)))
        self._entry = await self.gx.set_up()
        await self.gx.wait(5)

    async def start(self) -> None:
        assert self._entry is not None
        await start_in_driven_time(self.hass, self._entry, self._freezer)
        await self.gx.wait(3)

    async def live(self, *, away: bool) -> None:
        """The powers of a step are those at its beginning, until the next."""
        self.gx.on = not away
        self.gx.answer()
        self.gx.forget()
        if not away:
            self._say()
        if self.seconds > 60:
            await self.gx.wait(2)
            await self.gx.jump(self.seconds - 3)
            return
        self._freezer.tick(timedelta(seconds=self.seconds))
        if not away:
            self.gx.beat()
        for _turn in range(3):
            await asyncio.sleep(0)
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done()

    async def rest(self, seconds: float) -> None:
        """Nothing flows any more: the GX says so."""
        powers = ["Dc/Pv/Power", "Dc/Battery/Power", *(f"Ac/Grid/L{n}/Power" for n in (1, 2, 3))]
        self.gx.say({("system", "0", path): 0.0 for path in powers})
        await self.gx.wait(round(seconds))

    def _say(self) -> None:
        self._clock = (self._clock + self.seconds) % 86_400
        values: Any = self.gx.day.step(self._clock, self.seconds)
        self.gx.say(self._of_the_grid(values))
        hours = self.seconds / 3.6e6
        battery = values["system", "0", "Dc/Battery/Power"]
        grid = sum(values["system", "0", f"Ac/Grid/L{phase}/Power"] for phase in (1, 2, 3))
        for name, power in (
            ("dc_pv", values["system", "0", "Dc/Pv/Power"]),
            ("charge", battery),
            ("discharge", -battery),
            ("import", grid),
            ("export", -grid),
        ):
            self._energy[name] += max(power, 0.0) * hours

    def truth(self) -> Mapping[str, float]:
        counted = self.gx.day._energy
        registers = {
            "grid_30_ac_energy_forward": counted["import"],
            "grid_30_ac_energy_reverse": counted["export"],
            "pvinverter_20_ac_energy_forward": counted["pv"],
        }
        if self.seconds > 60:
            return registers
        return {
            **registers,
            "system_0_dc_pv_energy": self._energy["dc_pv"],
            "system_0_dc_battery_charge_energy": self._energy["charge"],
            "system_0_dc_battery_discharge_energy": self._energy["discharge"],
            "system_0_ac_grid_import_energy": self._energy["import"],
            "system_0_ac_grid_export_energy": self._energy["export"],
        }
