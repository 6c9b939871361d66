"""A SENEC system as its owner's account sees it: each thing read in its own rhythm."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from ...common.value import Value
from ...const import DOMAIN, LOGGER
from ...coordinator import HausstromConfigEntry
from ..const import CONF_MODEL
from ..exceptions import EXCEPTION_KEYS, placeholders_of
from ..protocol.errors import ONLY_THE_USER_CAN_HELP, SenecServiceError, ServiceReason
from .base import NOT_GIVEN
from .chores import DAILY, HOURLY, Chore, by_reason
from .const import (
    CONF_GENERATION,
    CONF_HOLDS_WALLBOX,
    CONF_TIMEZONE,
    DEFAULT_SCAN_INTERVAL,
    SITE,
)
from .descriptions import (
    DASHBOARD,
    DETAILS,
    ENERGY_KEYS,
    STATE,
    WALLBOX_TOTALS,
    module_rows,
    wallbox_rows,
)
from .door_issues import async_door_is_open, async_forget_doors, async_tell_of_door
from .filling import Filler
from .protocol import readings
from .protocol.balance import holds_wallbox
from .protocol.doors import Door
from .protocol.models import Dashboard, Generation
from .protocol.peak_shaving import Change, PeakShaving
from .protocol.wallbox import Wallbox
from .seldom import SeldomReading
from .session import async_open_account, async_zone, note_unload
from .writing import Writing

WALLBOX_RHYTHM: Final = timedelta(minutes=5)  # while a vehicle is connected
IDLE_WALLBOX_RHYTHM: Final = timedelta(minutes=30)
SHORT_GRACE: Final = timedelta(minutes=15)
GRACE: Final = timedelta(minutes=30)
STATE_RHYTHM: Final = timedelta(minutes=5)  # where only the details have the state
MOST_AHEAD: Final = timedelta(hours=1)  # that a clock may be, SENEC's or ours
LEAST_TO_TELL: Final = 1000.0  # Wh of the wallbox, from which on the energy balance tells
FAILURES_TO_TELL: Final = 3  # so often has a page stood in the way that the user should know
LIFTED_BY_TIME: Final = frozenset({ServiceReason.LOCKED, ServiceReason.SPENT})
MOST_WORDS: Final = 20


class SenecCloudCoordinator(SeldomReading):
    """Read one system of the account, and write what the owner may change."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read in the rhythm of the system's generation."""
        data = entry.data
        self._generation = Generation(data[CONF_GENERATION])
        seconds = entry.options.get(CONF_SCAN_INTERVAL, DEFAULT_SCAN_INTERVAL[self._generation])
        interval = timedelta(seconds=seconds)
        super().__init__(hass, entry, seconds)
        self._firmware: str | None = None
        self._ask_without_ids_until: datetime | None = None
        self._ev_connected: bool | None = None
        self._no_status_until: datetime | None = None
        self._unknown_words: Counter[str] = Counter()
        self._logged: frozenset[ServiceReason] = frozenset()
        self.writing = Writing(hass, self)
        self.filler = Filler(hass, self)
        app, site = Door.APP, Door.SITE
        self._chores = [
            Chore("dashboard", app, interval, GRACE, self._read_dashboard),
            Chore("state", app, interval, SHORT_GRACE, self._read_state),
            Chore("wallboxes", app, WALLBOX_RHYTHM, GRACE, self._read_wallboxes),
            Chore("details", app, HOURLY, GRACE, self._read_details),
            Chore("abilities", app, DAILY, GRACE, self._read_abilities, is_proof=False),
            Chore("plant", site, DAILY, GRACE, self._read_plant, is_proof=False),
            Chore("peak_shaving", site, HOURLY, GRACE, self._read_peak_shaving),
            Chore("sg_ready", site, HOURLY, GRACE, self._read_sg_ready),
            Chore("reserve", site, HOURLY, GRACE, self._read_reserve),
            Chore("sockets", site, HOURLY, GRACE, self._read_sockets),
            Chore("totals", app, HOURLY, DAILY, self._read_totals, is_proof=False),
            Chore(
                "forecast_charging",
                app,
                HOURLY,
                GRACE,
                self._read_forecast_charging,
                is_proof=False,
            ),
            Chore(
                "wallbox_energy", app, SHORT_GRACE, GRACE, self._read_wallbox_energy, is_proof=False
            ),
        ]

    def wallbox_id(self, number: int) -> str:
        """Return the id of a wallbox by its number, counted from 0."""
        return (self._wallbox_ids or ())[number]

    # --- reading --------------------------------------------------------------------

    @override
    async def _async_setup(self) -> None:
        self.zone = await async_zone(self.config_entry.data.get(CONF_TIMEZONE))
        self._account = await async_open_account(self.hass, self.config_entry)
        await self.filler.async_load()

    @override
    async def async_poll(self) -> Mapping[str, Value]:
        """Read what is due; raise only when nothing of the system is known any more."""
        for chore in self._chores:
            await self._do(chore)
        self._log_troubles()
        now = dt_util.utcnow()
        for chore in self._chores:
            self.async_set_present(chore.name, present=chore.is_fresh(now))
        if not any(self._is_proven_by(chore) and chore.is_fresh(now) for chore in self._chores):
            self._give_up()
        self.filler.async_wake()
        return {}

    def _is_proven_by(self, chore: Chore) -> bool:
        """Whether a chore that succeeds has asked for something, and got it."""
        return chore.is_proof and (chore.door is Door.APP or self.plant is not None)

    def _give_up(self) -> NoReturn:
        """Say that nothing answers: of all reasons, that of the dashboard."""
        error = self._chore("dashboard").error or SenecServiceError(ServiceReason.UNREACHABLE)
        key, placeholders = EXCEPTION_KEYS[error.reason], placeholders_of(error)
        is_first = self.config_entry.state is ConfigEntryState.SETUP_IN_PROGRESS
        needs_user = error.reason in ONLY_THE_USER_CAN_HELP - LIFTED_BY_TIME
        if needs_user and is_first:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN,
                translation_key=key,
                translation_placeholders=placeholders,
            ) from error
        # Never ConfigEntryAuthFailed later on: polling would end, and the other door with it.
        raise UpdateFailed(
            translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
        ) from error

    async def _do(self, chore: Chore) -> None:
        """Read what is due; a failure leaves the rest of the system as it is."""
        now = dt_util.utcnow()
        if not chore.is_due(now):
            return
        try:
            until = await chore.read()
        except SenecServiceError as error:
            chore.failed(now, error)
            if error.reason is ServiceReason.STALE:
                chore.fresh_until = now
            self._tell_of(chore, error)
            return
        chore.succeeded(now, until)
        if chore.door is Door.SITE or not self.account.doors.needs_user(Door.APP):
            async_door_is_open(self.hass, self.config_entry, chore.door)

    def _log_troubles(self) -> None:
        """Log each reason once for as long as it lasts, with what it keeps from being read."""
        troubles = by_reason(self._chores)
        for reason, chores in troubles.items():
            if reason not in self._logged:
                names = ", ".join(chore.name for chore in chores)
                LOGGER.warning("%s of %s cannot be read: %s", names, self.name, chores[0].error)
        for reason in self._logged - troubles.keys():
            LOGGER.info("%s can be read again (%s is over)", self.name, reason.value)
        self._logged = frozenset(troubles)

    @callback
    def _tell_of(self, chore: Chore, error: SenecServiceError) -> None:
        """Tell the user of what stands in the way, at the door that it concerns."""
        self.async_tell_of_refusal(chore.door, error)
        if error.page and chore.failures >= FAILURES_TO_TELL:
            async_tell_of_door(self.hass, self.config_entry, chore.door, error)

    @callback
    def async_tell_of_refusal(self, door: Door, error: SenecServiceError) -> None:
        """Tell the user of what nobody else can help with."""
        if error.reason not in ONLY_THE_USER_CAN_HELP:
            return
        if door is Door.SITE and self.account.doors.is_closed(Door.APP):
            return  # one trouble, told once
        async_tell_of_door(self.hass, self.config_entry, door, error)
        if door is Door.APP:
            self.config_entry.async_start_reauth(self.hass)

    async def _read_dashboard(self) -> datetime:
        try:
            # Before the first dashboard: one that is asked for without the wallboxes says 0.
            await self.async_known_wallbox_ids()
        except SenecServiceError as error:
            LOGGER.debug("The wallboxes of %s are not known yet: %s", self.name, error)
        dashboard = await self._dashboard()
        now = dt_util.utcnow()
        if dashboard.measured > now + MOST_AHEAD:
            # A day that has not begun would end the one that is counted.
            raise SenecServiceError(ServiceReason.BAD_ANSWER, "dashboard: from the future")
        dashboard = dashboard._replace(measured=min(dashboard.measured, now))
        generation = dashboard.generation or self._generation
        if readings.is_stale(dashboard, generation, now):
            raise SenecServiceError(ServiceReason.STALE, "the system does not report to SENEC")
        holds = holds_wallbox(dashboard.today.sums, LEAST_TO_TELL)
        if holds is not None and holds is not self.consumption_holds_wallbox:
            self._remember({CONF_HOLDS_WALLBOX: holds})
        values = readings.from_dashboard(
            dashboard, holds_wallbox=self.consumption_holds_wallbox and self._wallbox_ids != ()
        )
        values["day_began"] = began = readings.day_began(dashboard, self.zone)
        readings.leave_out_leaps(
            values, ENERGY_KEYS, (dashboard.measured - began) / timedelta(hours=1)
        )
        if dashboard.measured.astimezone(self.zone).date() != now.astimezone(self.zone).date():
            readings.keep_the_old_day(values, self.data, ENERGY_KEYS)
        self._offer(DASHBOARD, values)
        if self._wallbox_ids:
            self._offer(WALLBOX_TOTALS, values)
        self._set_wallbox_rhythm(dashboard.ev_connected)
        self.async_note(values)
        self.filler.see(dashboard.measured, now, values)
        return dashboard.measured + readings.STALE_AFTER[generation]

    async def _dashboard(self) -> Dashboard:
        """Return the dashboard with the wallboxes, or without a word of them if that is refused."""
        app, now = self.account.app, dt_util.utcnow()
        until = self._ask_without_ids_until
        while (until is None or now >= until) and (ids := self.asked_wallbox_ids):
            try:
                return await app.dashboard(self.system_id, ids)
            except SenecServiceError as error:
                if error.reason not in NOT_GIVEN:
                    raise
            if not await self._find_gone_wallboxes():
                until = self._ask_without_ids_until = now + HOURLY
        dashboard = await app.dashboard(self.system_id)
        return dashboard if self._wallbox_ids == () else dashboard.without_wallboxes

    @callback
    def _set_wallbox_rhythm(self, ev_connected: bool | None) -> None:
        """Read the wallboxes at once when a vehicle comes or goes, and seldom while none is there."""
        chore = self._chore("wallboxes")
        if chore.due is not None and self._wallbox_ids and ev_connected != self._ev_connected:
            chore.due = dt_util.utcnow()
        self._ev_connected = ev_connected

    async def _read_state(self) -> None:
        """Read the state alone; where that service does not know the system, its details."""
        chore, now = self._chore("state"), dt_util.utcnow()
        if self._no_status_until is None or now >= self._no_status_until:
            try:
                status = await self.account.app.status(self.system_id)
            except SenecServiceError as error:
                if error.reason not in NOT_GIVEN | {ServiceReason.BAD_ANSWER}:
                    raise
            else:
                if status.state is not None:
                    chore.every = self._interval
                    self._take_state(status.state, status.ok)
                    return
            self._no_status_until = now + DAILY
        chore.every = max(self._interval, STATE_RHYTHM)
        await self._read_details()
        self._chore("details").succeeded(now, None)

    @property
    def _interval(self) -> timedelta:
        assert self.update_interval is not None  # noqa: S101  the cloud is polled
        return self.update_interval

    @callback
    def _take_state(self, word: str | None, ok: bool | None) -> None:
        values = readings.from_state(word, ok)
        if word is not None and values["current_state"] is None:
            word = word[:60]
            if word not in self._unknown_words and len(self._unknown_words) < MOST_WORDS:
                LOGGER.warning("%s tells a state that is not known: %s", self.name, word)
                self._unknown_words[word] = 0
            if word in self._unknown_words:
                self._unknown_words[word] += 1
        for platform, description in STATE:
            # A P4 never tells whether its state is a good one; a word nobody knows is a state.
            if description.key == "current_state" or ok is not None:
                self.async_offer(platform, [description])
        self.async_note(values)

    async def _read_details(self) -> None:
        details = await self.account.app.details(self.system_id)
        values = readings.from_details(details)
        self._offer(DETAILS, values)
        for module in details.modules:
            self._offer(module_rows(module.ordinal), values)
        self.async_note(values)
        if self._no_status_until is not None:
            self._take_state(details.state, details.state_ok)
        if details.firmware != self._firmware:
            self._firmware = details.firmware
            self.async_update_device()

    async def _read_abilities(self) -> None:
        try:
            self._packages = (await self.account.app.abilities(self.system_id)).packages
        except SenecServiceError as error:
            # The app's service does not know every system; mein-senec.de says it in its own way.
            if error.reason not in NOT_GIVEN:
                raise

    async def _read_wallboxes(self) -> None:
        self.async_take_wallboxes(await self.account.app.wallboxes(self.system_id))

    @callback
    def async_take_wallboxes(self, wallboxes: Iterable[Wallbox]) -> None:
        """Show wallboxes as they were read just now."""
        boxes = tuple(wallboxes)
        self._add_wallbox_ids(box.id for box in boxes)
        ids = self._wallbox_ids or ()
        values = readings.from_wallboxes({ids.index(box.id): box for box in boxes})
        self._gone_wallboxes -= {box.id for box in boxes}
        for index in set(range(len(ids))) - {ids.index(box.id) for box in boxes}:
            own = (f"wallbox_{index}_", f"wallbox_charge_power{index}")
            values |= dict.fromkeys((key for key in self.data if key.startswith(own)), None)
        for index in range(len(ids)):
            self._offer(wallbox_rows(index, self.writing), values)
        chore = self._chore("wallboxes")
        if not ids:
            chore.every = DAILY  # one may be added some day
        else:
            chore.every = IDLE_WALLBOX_RHYTHM if self._ev_connected is False else WALLBOX_RHYTHM
        self.async_note(values)

    # --- writing --------------------------------------------------------------------

    async def async_change_peak_shaving(self, change: Change) -> PeakShaving:
        """Change peak shaving in one confirmed write and return what SENEC has afterwards.

        Changes within a second become one write. Takes up to a minute: SENEC is asked again until
        the change is there. Raises HomeAssistantError, translated, if it is not, or was refused.
        """
        await self.writing.change_peak_shaving(change)
        assert self.peak_shaving is not None  # noqa: S101  a write that succeeds was read again
        return self.peak_shaving

    async def async_write_plan(self, change: Change) -> PeakShaving:
        """As `async_change_peak_shaving`, but at once, for what nobody else changes with it."""
        await self.writing.change_peak_shaving_at_once(change)
        assert self.peak_shaving is not None  # noqa: S101  a write that succeeds was read again
        return self.peak_shaving

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
        self.writing.stop()
        await self.filler.async_stop()
        async_forget_doors(self.hass, self.config_entry)
        note_unload(self.hass, self.config_entry)
        await super().async_shutdown()

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add what is asked of SENEC and how often, what fails, and what the system can do."""
        now = dt_util.utcnow()
        return {
            **super().diagnostics(),
            **self.account.diagnostics(),
            "abilities": sorted(self._packages),
            "wallboxes": None if self._wallbox_ids is None else len(self._wallbox_ids),
            "consumption_holds_wallbox": self.config_entry.data.get(CONF_HOLDS_WALLBOX),
            "unknown_states": dict(self._unknown_words),
            "time_zone": str(self.zone),
            "found_at_mein_senec": self.plant is not None,
            "filling": self.filler.diagnostics(),
            "services": {chore.name: chore.as_diagnostics(now) for chore in self._chores},
        }
