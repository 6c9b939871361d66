"""A SENEC system as its owner's account sees it: each thing read in its own rhythm."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import uniform
from typing import Any, Final, NoReturn, override
from zoneinfo import ZoneInfo

from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from ...common.value import Value, Values
from ...const import DOMAIN, LOGGER
from ...coordinator import HausstromConfigEntry, HausstromCoordinator
from ..protocol.errors import ONLY_THE_USER_CAN_HELP, Reason, SenecServiceError
from ..protocol.fields import object_of
from ..protocol.state_words import CODE_BY_WORD, P4_STATES
from ..protocol.states import STATE_BY_CODE
from .const import (
    CONF_CONTROL_UNIT,
    CONF_GENERATION,
    CONF_MODEL,
    CONF_SYSTEM_ID,
    CONF_TIMEZONE,
    CONF_TOKENS,
    DEFAULT_SCAN_INTERVAL,
    SITE,
)
from .descriptions import (
    DASHBOARD,
    DETAILS,
    ENERGY_KEYS,
    PEAK_SHAVING,
    RESERVE,
    SG_READY,
    WALLBOX_TOTALS,
    Row,
    module_rows,
    socket_rows,
    wallbox_rows,
)
from .gathering import Gathering
from .protocol import readings
from .protocol.account import Account
from .protocol.models import ChargingMode, Generation, Wallbox
from .protocol.peak_shaving import Change, Mode, PeakShaving
from .protocol.readings import SG_READY_SETTINGS, WALLBOX_SETTINGS
from .protocol.tokens import TokenSet
from .protocol.web import Plant
from .session import EXCEPTION_KEYS, Keeper, account_store, open_account, translated

HOURLY: Final = timedelta(hours=1)
DAILY: Final = timedelta(days=1)
WALLBOX_RHYTHM: Final = timedelta(minutes=5)  # while a vehicle is connected
IDLE_WALLBOX_RHYTHM: Final = timedelta(minutes=30)
FIRST_RETRY: Final = timedelta(minutes=5)
LONGEST_RETRY: Final = timedelta(minutes=15)
AT_THE_SITE: Final = frozenset({"peak_shaving", "sg_ready", "reserve", "sockets"})
SLACK: Final = timedelta(seconds=10)  # a poll that comes a little early is not put off to the next

STATE_SLUGS: Final[Mapping[str, str]] = {
    **{word: STATE_BY_CODE[code].slug for word, code in CODE_BY_WORD.items()},
    **{word: word for word in P4_STATES},
}

type Writer = Callable[[Value], Awaitable[None]]


@dataclass(slots=True)
class Chore:
    """Something that is read less often than the dashboard; its name is its entities' presence."""

    name: str
    every: timedelta
    read: Callable[[], Awaitable[None]]
    due: datetime | None = None
    failures: int = 0


class SenecCloudCoordinator(HausstromCoordinator):
    """Read one system of the account, and write what the owner may change."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read in the rhythm of the system's generation."""
        self._generation = Generation(entry.data[CONF_GENERATION])
        seconds = entry.options.get(CONF_SCAN_INTERVAL, DEFAULT_SCAN_INTERVAL[self._generation])
        super().__init__(hass, entry, poll_interval=timedelta(seconds=seconds))
        self.system_id: str = entry.data[CONF_SYSTEM_ID]
        self.zone = ZoneInfo(entry.data[CONF_TIMEZONE])
        self._control_unit: str = entry.data[CONF_CONTROL_UNIT]
        self._store = account_store(hass, entry.entry_id)
        self._account: Account | None = None
        self._failures = 0
        self._firmware: str | None = None
        self._packages: frozenset[str] = frozenset()
        self._plant: Plant | None = None
        self._wallboxes: tuple[Wallbox, ...] = ()
        self._ev_connected: bool | None = None
        self._writers: dict[str, Writer] = {}
        self._turn = asyncio.Lock()
        self._peak_shaving_changes = Gathering(hass, Change.then, self._write_peak_shaving)
        self._chores = [
            Chore("abilities", DAILY, self._read_abilities),
            Chore("wallboxes", WALLBOX_RHYTHM, self._read_wallboxes),
            Chore("details", HOURLY, self._read_details),
            Chore("peak_shaving", HOURLY, self._read_peak_shaving),
            Chore("sg_ready", HOURLY, self._read_sg_ready),
            Chore("reserve", HOURLY, self._read_reserve),
            Chore("sockets", HOURLY, self._read_sockets),
        ]

    @property
    def account(self) -> Account:
        """The account, once the entry is being set up."""
        assert self._account is not None  # noqa: S101  _async_setup made it
        return self._account

    @property
    def wallbox_ids(self) -> tuple[str, ...]:
        """The ids of the system's wallboxes."""
        return tuple(wallbox.id for wallbox in self._wallboxes)

    # --- reading --------------------------------------------------------------------

    @override
    async def _async_setup(self) -> None:
        data = self.config_entry.data
        keeper = Keeper(self._store)
        stored: object = await self._store.async_load()
        if (fresh := data.get(CONF_TOKENS)) is not None:
            # The sign-in of the config flow: it goes where the later tokens go.
            if _obtained(fresh) >= _obtained(stored):
                await keeper.keep(fresh)
                stored = fresh
            without = {key: value for key, value in data.items() if key != CONF_TOKENS}
            self.hass.config_entries.async_update_entry(self.config_entry, data=without)
        self._account = open_account(self.hass, data, keeper, stored)

    @override
    async def async_poll(self) -> Mapping[str, Value]:
        """Read the dashboard, and what else is due."""
        try:
            values = await self._read_dashboard()
        except SenecServiceError as error:
            self._give_up(error)
        self._failures = 0
        for chore in self._chores:
            await self._do(chore)
        return values

    async def _read_dashboard(self) -> Mapping[str, Value]:
        dashboard = await self.account.app.dashboard(self.system_id, self.wallbox_ids)
        generation = dashboard.generation or self._generation
        if readings.is_stale(dashboard, generation, dt_util.utcnow()):
            raise SenecServiceError(Reason.STALE, "the system does not report to SENEC")
        values = readings.from_dashboard(dashboard)
        values["day_began"] = readings.day_began(dashboard, self.zone)
        if dashboard.measured.astimezone(self.zone).date() != dt_util.now(self.zone).date():
            self._keep_the_old_day(values)
        self._offer(DASHBOARD, values)
        self._set_wallbox_rhythm(dashboard.ev_connected)
        return values

    @callback
    def _keep_the_old_day(self, values: Values) -> None:
        """Let no counter fall after midnight before a report of the new day has come.

        Until then a fall is SENEC's new day under the old one's time: statistics would take the
        whole old day back.
        """
        for key in ENERGY_KEYS:
            known, told = self.data.get(key), values.get(key)
            if isinstance(known, float) and isinstance(told, float) and told < known:
                values[key] = known

    @callback
    def _set_wallbox_rhythm(self, ev_connected: bool | None) -> None:
        """Read the wallboxes at once when a vehicle comes or goes, and seldom while none is there."""
        chore = self._chore("wallboxes")
        if chore.due is not None and self._wallboxes and ev_connected != self._ev_connected:
            chore.due = dt_util.utcnow()
        self._ev_connected = ev_connected

    def _give_up(self, error: SenecServiceError) -> NoReturn:
        """Say what the failure of a poll means: ask the user, or try again later and later."""
        key, placeholders = EXCEPTION_KEYS[error.reason], {"answer": error.detail}
        if error.reason in ONLY_THE_USER_CAN_HELP:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN,
                translation_key=key,
                translation_placeholders=placeholders,
            ) from error
        assert self.update_interval is not None  # noqa: S101  the cloud is polled
        interval = self.update_interval.total_seconds()
        longest = max(interval, LONGEST_RETRY.total_seconds())
        wait = min(longest, interval * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        raise UpdateFailed(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
            # Not all homes at the same second when SENEC comes back.
            retry_after=max(error.retry_after or 0.0, wait * uniform(0.9, 1.1)),
        ) from error

    async def _do(self, chore: Chore) -> None:
        """Read what is due; a failure leaves the rest of the system as it is."""
        now = dt_util.utcnow()
        if chore.due is not None and now < chore.due - SLACK:
            return
        try:
            await chore.read()
        except SenecServiceError as error:
            self._ask_user_if_needed(error)
            if not chore.failures:
                LOGGER.warning("%s of %s cannot be read: %s", chore.name, self.name, error)
            chore.due = now + min(chore.every, FIRST_RETRY * 2**chore.failures)
            chore.failures = min(chore.failures + 1, 5)
            self.async_set_present(chore.name, present=False)
            return
        if chore.failures:
            LOGGER.info("%s of %s can be read again", chore.name, self.name)
        chore.due, chore.failures = now + chore.every, 0
        self.async_set_present(chore.name, present=True)

    @callback
    def _ask_user_if_needed(self, error: SenecServiceError) -> None:
        if error.reason in ONLY_THE_USER_CAN_HELP:
            self.config_entry.async_start_reauth(self.hass)

    async def _read_abilities(self) -> None:
        try:
            self._packages = (await self.account.app.abilities(self.system_id)).packages
        except SenecServiceError as error:
            # The app's service does not know every system; mein-senec.de says it in its own way.
            if error.reason not in {Reason.FORBIDDEN, Reason.NOT_FOUND, Reason.REFUSED}:
                raise
        plant = await self.account.portal.find(self._control_unit)
        if plant is not None and self._plant is None:
            for chore in self._chores:
                if chore.name in AT_THE_SITE:
                    chore.due = None
        self._plant = plant or self._plant

    async def _read_wallboxes(self) -> None:
        self._take_wallboxes(await self.account.app.wallboxes(self.system_id))

    @callback
    def _take_wallboxes(self, wallboxes: tuple[Wallbox, ...]) -> None:
        self._wallboxes = wallboxes
        values = readings.from_wallboxes(wallboxes)
        for index, wallbox in enumerate(wallboxes):
            self._offer(wallbox_rows(index), values)
            self._writers |= self._wallbox_writers(index, wallbox)
        for platform, description in WALLBOX_TOTALS if wallboxes else ():
            self.async_offer(platform, [description])
        chore = self._chore("wallboxes")
        if not wallboxes:
            chore.every = DAILY  # one may be added some day
        else:
            chore.every = IDLE_WALLBOX_RHYTHM if self._ev_connected is False else WALLBOX_RHYTHM
        self.async_note(values)

    async def _read_details(self) -> None:
        details = await self.account.app.details(self.system_id)
        values = readings.from_details(details, STATE_SLUGS)
        self._offer(DETAILS, values)
        for module in details.modules:
            self._offer(module_rows(module.ordinal), values)
        self.async_note(values)
        if details.firmware != self._firmware:
            self._firmware = details.firmware
            self.async_update_device()

    async def _read_peak_shaving(self) -> None:
        if self._plant is None:
            return
        if self._plant.peak_shaving or "PEAK_SHAVING" in self._packages:
            self._take_peak_shaving(await self.account.portal.peak_shaving(self._plant))

    @callback
    def _take_peak_shaving(self, settings: PeakShaving) -> None:
        values = readings.from_peak_shaving(settings)
        for platform, description in PEAK_SHAVING:
            self.async_offer(platform, [description])
        self.async_note(values)

    async def _read_sg_ready(self) -> None:
        if self._plant is None:
            return
        if self._plant.sg_ready or "SG_READY" in self._packages:
            values = readings.from_sg_ready(await self.account.portal.sg_ready(self._plant))
            self._offer(SG_READY, values)
            self.async_note(values)

    async def _read_reserve(self) -> None:
        if self._plant is None:
            return
        try:
            reserve = await self.account.portal.emergency_reserve(self._plant)
        except SenecServiceError as error:
            if error.reason in {Reason.FORBIDDEN, Reason.NOT_FOUND, Reason.REFUSED}:
                return  # a system without backup power
            raise
        values: dict[str, Value] = {"emergency_reserve": reserve}
        self._offer(RESERVE, values)
        self.async_note(values)

    async def _read_sockets(self) -> None:
        if self._plant is None:
            return
        if self._plant.sockets or "SOCKETS" in self._packages:
            sockets = await self.account.portal.sockets(self._plant)
            values = readings.from_sockets(sockets)
            for socket in sockets:
                self._offer(socket_rows(socket.number), values)
                self._writers[f"socket_{socket.number}_mode"] = self._socket_writer(socket.number)
            self.async_note(values)

    @callback
    def _offer(self, rows: Iterable[Row], values: Mapping[str, Value]) -> None:
        """Have entities made for the values that the system gives."""
        for platform, description in rows:
            if values.get(description.key) is not None:
                self.async_offer(platform, [description])

    # --- writing --------------------------------------------------------------------

    @override
    async def async_write(self, key: str, value: Value) -> None:
        """Set what an entity sets; returns when SENEC has confirmed it."""
        match key, value:
            case "peak_shaving_mode", str():
                await self.async_change_peak_shaving(Change(mode=Mode(value)))
            case "peak_shaving_capacity_limit", int() | float():
                await self.async_change_peak_shaving(Change(capacity_limit=round(value)))
            case "peak_shaving_end_time", time():
                await self.async_change_peak_shaving(Change(end_time=value))
            case _:
                await self._writing(self._in_turn(self._writer(key), value))

    async def _in_turn(self, writer: Writer, value: Value) -> None:
        """Write one thing after the other: each write sends its neighbours' settings back, too."""
        async with self._turn:
            await writer(value)

    async def async_change_peak_shaving(self, change: Change) -> None:
        """Change peak shaving; changes within a second become one write of all three settings."""
        await self._writing(self._peak_shaving_changes.add(change))

    @property
    def has_peak_shaving(self) -> bool:
        """Whether the system has peak shaving, as far as it has been read."""
        return "peak_shaving_mode" in self.data

    def _writer(self, key: str) -> Writer:
        if key == "emergency_reserve":
            return self._write_reserve
        for setting, sg_ready_key in SG_READY_SETTINGS.items():
            if sg_ready_key == key:
                return self._sg_ready_writer(setting)
        return self._writers[key]

    async def _writing(self, write: Awaitable[None]) -> None:
        try:
            await write
        except SenecServiceError as error:
            self._ask_user_if_needed(error)
            raise translated(error) from error

    def _found_plant(self) -> Plant:
        if self._plant is None:
            raise SenecServiceError(Reason.NOT_FOUND, "mein-senec.de does not show this system")
        return self._plant

    async def _write_peak_shaving(self, change: Change) -> None:
        plant = self._found_plant()
        try:
            settings = await self.account.portal.change_peak_shaving(plant, change)
        except SenecServiceError:
            # Whatever happened: show what the server has, not what was wanted.
            with suppress(SenecServiceError):
                self._take_peak_shaving(await self.account.portal.peak_shaving(plant))
            raise
        self._take_peak_shaving(settings)

    async def _write_reserve(self, value: Value) -> None:
        percent = await self.account.portal.set_emergency_reserve(
            self._found_plant(), round(float(str(value)))
        )
        self.async_note({"emergency_reserve": percent})

    def _sg_ready_writer(self, setting: str) -> Writer:
        async def write(value: Value) -> None:
            sent = value if isinstance(value, bool) else round(float(str(value)))
            sg_ready = await self.account.portal.set_sg_ready(self._found_plant(), setting, sent)
            self.async_note(readings.from_sg_ready(sg_ready))

        return write

    def _socket_writer(self, number: int) -> Writer:
        async def write(value: Value) -> None:
            mode = str(value).upper()
            sockets = await self.account.portal.set_socket_mode(self._found_plant(), number, mode)
            self.async_note(readings.from_sockets(sockets))

        return write

    def _wallbox_writers(self, index: int, wallbox: Wallbox) -> dict[str, Writer]:
        """Return what writes to a wallbox; after each write the wallboxes are read again."""
        app, system_id = self.account.app, self.system_id

        async def lock(value: Value) -> None:
            await app.lock_wallbox(system_id, wallbox.id, locked=value is True)
            await self._read_wallboxes()

        async def set_mode(value: Value) -> None:
            await app.set_charging_mode(system_id, wallbox.id, ChargingMode(str(value)))
            await self._read_wallboxes()

        def setting_writer(mode: ChargingMode, name: str) -> Writer:
            async def write(value: Value) -> None:
                sent = value if isinstance(value, bool) else float(str(value))
                # On top of a fresh read: all settings of the mode go back with this one.
                fresh = await app.wallboxes(system_id)
                current = next((box for box in fresh if box.id == wallbox.id), wallbox)
                await app.set_wallbox_setting(system_id, current, mode, name, sent)
                await self._read_wallboxes()

            return write

        name = f"wallbox_{index}"
        return {
            f"{name}_locked": lock,
            f"{name}_charging_mode": set_mode,
            **{
                f"{name}_{key}": setting_writer(mode, setting)
                for (mode, setting), key in WALLBOX_SETTINGS.items()
            },
        }

    def _chore(self, name: str) -> Chore:
        return next(chore for chore in self._chores if chore.name == name)

    # --- the device -----------------------------------------------------------------

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        return DeviceInfo(
            identifiers={(DOMAIN, str(self.config_entry.unique_id))},
            name=self.config_entry.data[CONF_MODEL],
            manufacturer="SENEC",
            model=self.config_entry.data[CONF_MODEL],
            # As the device itself gives it on the local network: without the cloud's S.
            serial_number=self._control_unit.removeprefix("S"),
            sw_version=self._firmware,
            configuration_url=SITE,
        )

    @override
    async def async_shutdown(self) -> None:
        """Give up what has not been written."""
        self._peak_shaving_changes.stop()
        await super().async_shutdown()

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add what is asked of SENEC and how often, what fails, and what the system can do."""
        account = self.account
        return {
            **super().diagnostics(),
            "requests_in_the_last_hour": account.requests.last_hour,
            "requests": dict(account.requests.by_name),
            "failures": dict(account.requests.failures),
            "sign_ins": account.tokens.sign_ins,
            "sign_in_forms_sent": account.sign_in.forms_sent,
            "token_renewals": account.tokens.renewals,
            "abilities": sorted(self._packages),
            "wallboxes": len(self._wallboxes),
            "found_at_mein_senec": self._plant is not None,
            "next": {
                chore.name: None if chore.due is None else chore.due.isoformat()
                for chore in self._chores
            },
        }


def _obtained(stored: object) -> datetime:
    """Return when stored tokens were obtained; long ago if there are none."""
    tokens = TokenSet.from_dict(object_of(stored).get("tokens"))
    return dt_util.utc_from_timestamp(0) if tokens is None else tokens.obtained
