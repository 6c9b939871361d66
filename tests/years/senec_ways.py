"""How a SENEC lives through a step, read through each of its doors, and what truly flowed meanwhile."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.senec.local.const import CONF_SCAN_INTERVAL
from simulators.household import flow_at
from simulators.senec_cloud_day import energies
from simulators.senec_cloud_homes import CONNECT_KEY
from simulators.senec_local_day import House
from tests.senec.cloud.conftest import Home
from tests.senec.local.conftest import Site

from .ways import CALM, HOUR

P4: Final = "P4H1-SIMU00001-0000-01"


def connect_entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return the entry of the P4 of SENEC.Connect, not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="P4",
        unique_id=f"senec_connect_{P4}",
        data={
            "kind": "senec_connect",
            "api_key": CONNECT_KEY,
            "system_id": P4,
            "model": "SENEC.Home P4",
        },
    )
    entry.add_to_hass(hass)
    return entry


class HomeWay:
    """A SENEC behind one of SENEC's services, asked once an hour; `away` is a service in maintenance."""

    most_power = 15_000.0
    seconds = HOUR

    def __init__(self, home: Home) -> None:
        self.hass = home.hass
        self._home = home
        self._entry: HausstromConfigEntry | MockConfigEntry | None = None

    @property
    def entry_id(self) -> str:
        assert self._entry is not None
        return str(self._entry.entry_id)

    async def start(self) -> None:
        assert await self.hass.config_entries.async_setup(self.entry_id)
        await self._home.settle()

    async def live(self, *, away: bool) -> None:
        if away:
            self._home.cloud.fail("/", status=503, html=True)
        # In two parts: what waits for its pace is not written in the instant of the next answer.
        await self._home.wait(seconds=CALM)
        await self._home.wait(seconds=self.seconds - CALM)
        if away:
            self._home.cloud.heal()

    async def rest(self, seconds: float) -> None:
        await self._home.wait(seconds=seconds)


class CloudWay(HomeWay):
    """A V3 in SENEC's cloud."""

    _begun: datetime
    _FLOWS: Final = {
        "inverter_energy": "generation",
        "grid_import_energy": "draw",
        "grid_export_energy": "feed_in",
        "bat_charge_energy": "charge",
        "bat_discharge_energy": "discharge",
    }

    async def begin(self) -> None:
        self._entry = await self._home.add()
        self._begun = dt_util.utcnow()

    def truth(self) -> Mapping[str, float]:
        home = self._home.cloud.account("anna@example.com").systems[0].home
        flowed = energies(home, self._begun, dt_util.utcnow())
        return {key: flowed[flow] / 1000 for key, flow in self._FLOWS.items()}


class ConnectWay(HomeWay):
    """A P4 through SENEC.Connect, which tells powers and no energy."""

    async def begin(self) -> None:
        self._entry = connect_entry(self.hass)
        await self.start()

    def truth(self) -> Mapping[str, float]:
        return {}


class SenecWay:
    """A V3 on the local network without statistics of its own, read every `seconds`."""

    most_power = 15_000.0

    def __init__(self, site: Site, seconds: float = 10.0) -> None:
        self.hass = site.hass
        self.seconds = seconds
        self._site = site
        self._running = site.device()
        self._entry: HausstromConfigEntry | None = None
        self._house = House()
        self._totals = dict.fromkeys(
            (
                "grid_import_energy", "grid_export_energy", "bat_charge_energy",
                "bat_discharge_energy", "inverter_energy", "house_energy", "wallbox_energy",
            ),
            0.0,
        )  # fmt: skip

    @property
    def entry_id(self) -> str:
        assert self._entry is not None
        return str(self._entry.entry_id)

    async def begin(self) -> None:
        self._entry = await self._site.add(self._running)
        options = {CONF_SCAN_INTERVAL: round(self.seconds)}
        self.hass.config_entries.async_update_entry(self._entry, options=options)
        await self.hass.config_entries.async_reload(self.entry_id)
        await self._site.wait(self.seconds)

    async def start(self) -> None:
        assert await self.hass.config_entries.async_setup(self.entry_id)
        await self._site.settle()

    async def live(self, *, away: bool) -> None:
        self._running.simulator.faults.status = 504 if away else None
        begins: datetime = self._site.clock()
        await self._site.wait(self.seconds)
        self._running.simulator.faults.status = None  # it is there when Home Assistant starts
        if away:
            return  # nobody can have it; it is no error of counting
        # Of minutes between two polls nobody can know more than their ends: what a wallbox that is
        # switched in between takes is missed by any reader, up to 2.8 % in this house at 300 s.
        moments = range(round(self.seconds)) if self.seconds <= 60 else (0, self.seconds)
        for second in moments:
            flow = flow_at(begins + timedelta(seconds=second + 0.5), self._house)
            for key, power in (
                ("grid_import_energy", flow.grid),
                ("grid_export_energy", -flow.grid),
                ("bat_charge_energy", flow.battery),
                ("bat_discharge_energy", -flow.battery),
                ("inverter_energy", flow.pv),
                ("house_energy", flow.house),
                ("wallbox_energy", flow.wallbox),
            ):
                self._totals[key] += max(power, 0.0) / 3.6e6 * self.seconds / len(moments)

    async def rest(self, seconds: float) -> None:
        await self._site.wait(seconds)

    def truth(self) -> Mapping[str, float]:
        return self._totals
