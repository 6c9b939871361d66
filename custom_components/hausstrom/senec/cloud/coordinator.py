"""A SENEC system as its owner's account sees it: each thing read in its own rhythm."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn, override
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from ...common.value import Value, Values
from ...const import DOMAIN, LOGGER
from ...coordinator import HausstromConfigEntry, HausstromCoordinator
from ..const import CONF_MODEL, CONF_SYSTEM_ID
from ..descriptions import Row
from ..exceptions import EXCEPTION_KEYS, placeholders_of, translated
from ..protocol.errors import ONLY_THE_USER_CAN_HELP, Reason, SenecServiceError
from .chores import Chore
from .const import (
    CONF_CONTROL_UNIT,
    CONF_GENERATION,
    CONF_HOLDS_WALLBOX,
    CONF_TIMEZONE,
    CONF_WALLBOX_IDS,
    DEFAULT_SCAN_INTERVAL,
    SITE,
)
from .descriptions import (
    DASHBOARD,
    DETAILS,
    ENERGY_KEYS,
    FORECAST_CHARGING,
    PEAK_SHAVING,
    RESERVE,
    SG_READY,
    STATE,
    TOTALS,
    WALLBOX_TOTALS,
    module_rows,
    socket_rows,
    wallbox_energy_row,
    wallbox_rows,
)
from .door_issues import async_door_is_open, async_forget_doors, async_tell_of_door
from .protocol import readings
from .protocol.account import Account
from .protocol.app import Resolution
from .protocol.balance import holds_wallbox
from .protocol.doors import Door
from .protocol.history import totals_by_counter
from .protocol.models import Dashboard, Generation
from .protocol.peak_shaving import Change, PeakShaving
from .protocol.wallbox import Wallbox
from .protocol.web import Plant
from .session import async_open_account, async_zone, note_unload
from .writing import Writing

HOURLY: Final = timedelta(hours=1)
DAILY: Final = timedelta(days=1)
WALLBOX_RHYTHM: Final = timedelta(minutes=5)  # while a vehicle is connected
IDLE_WALLBOX_RHYTHM: Final = timedelta(minutes=30)
SHORT_GRACE: Final = timedelta(minutes=15)
GRACE: Final = timedelta(minutes=30)
STATE_RHYTHM: Final = timedelta(minutes=5)  # where only the details have the state
LEAST_TO_TELL: Final = 1000.0  # Wh of the wallbox, from which on the energy balance tells
FAILURES_TO_TELL: Final = 3  # so often has a page stood in the way that the user should know
NOT_GIVEN: Final = frozenset({Reason.FORBIDDEN, Reason.NOT_FOUND, Reason.REFUSED})
LIFTED_BY_TIME: Final = frozenset({Reason.LOCKED, Reason.SPENT})
MOST_WORDS: Final = 20


class SenecCloudCoordinator(HausstromCoordinator):
    """Read one system of the account, and write what the owner may change."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to read in the rhythm of the system's generation."""
        data = entry.data
        self._generation = Generation(data[CONF_GENERATION])
        seconds = entry.options.get(CONF_SCAN_INTERVAL, DEFAULT_SCAN_INTERVAL[self._generation])
        interval = timedelta(seconds=seconds)
        super().__init__(hass, entry, poll_interval=interval)
        self.system_id: str = data[CONF_SYSTEM_ID]
        self.zone: ZoneInfo = ZoneInfo("UTC")
        self._control_unit: str = data[CONF_CONTROL_UNIT]
        self._account: Account | None = None
        self._firmware: str | None = None
        self._packages: frozenset[str] = frozenset()
        self.plant: Plant | None = None
        ids = data.get(CONF_WALLBOX_IDS)
        self._wallbox_ids: tuple[str, ...] | None = None if ids is None else tuple(ids)
        self._ask_without_ids_until: datetime | None = None
        self._ev_connected: bool | None = None
        self._no_status_until: datetime | None = None
        self._first_measurement: datetime | None = None
        self._unknown_words: Counter[str] = Counter()
        self.peak_shaving: PeakShaving | None = None
        """The settings as they were read last; None: not read yet, or the system has none."""
        self._writing = Writing(hass, self)
        app, site = Door.APP, Door.SITE
        self._chores = [
            Chore("dashboard", app, interval, GRACE, self._read_dashboard),
            Chore("state", app, interval, SHORT_GRACE, self._read_state),
            Chore("wallboxes", app, WALLBOX_RHYTHM, GRACE, self._read_wallboxes),
            Chore("details", app, HOURLY, GRACE, self._read_details),
            Chore("abilities", app, DAILY, GRACE, self._read_abilities, is_shown=False),
            Chore("plant", site, DAILY, GRACE, self._read_plant, is_shown=False),
            Chore("peak_shaving", site, HOURLY, GRACE, self._read_peak_shaving),
            Chore("sg_ready", site, HOURLY, GRACE, self._read_sg_ready),
            Chore("reserve", site, HOURLY, GRACE, self._read_reserve),
            Chore("sockets", site, HOURLY, GRACE, self._read_sockets),
            Chore("totals", app, HOURLY, DAILY, self._read_totals),
            Chore("forecast_charging", app, HOURLY, GRACE, self._read_forecast_charging),
            Chore("wallbox_energy", app, SHORT_GRACE, GRACE, self._read_wallbox_energy),
        ]

    @property
    def account(self) -> Account:
        """The account, once the entry is being set up."""
        assert self._account is not None  # noqa: S101  _async_setup made it
        return self._account

    @property
    def wallbox_ids(self) -> tuple[str, ...] | None:
        """The ids of the system's wallboxes in the order of their numbers; None: not known."""
        return self._wallbox_ids

    @property
    def consumption_holds_wallbox(self) -> bool:
        """Whether SENEC's consumption has the wallbox in it: as it was seen, else as assumed."""
        return self.config_entry.data.get(CONF_HOLDS_WALLBOX) is not False

    def wallbox_id(self, number: int) -> str:
        """Return the id of a wallbox by its number, counted from 0."""
        return (self._wallbox_ids or ())[number]

    # --- reading --------------------------------------------------------------------

    @override
    async def _async_setup(self) -> None:
        self.zone = await async_zone(self.config_entry.data.get(CONF_TIMEZONE))
        self._account = await async_open_account(self.hass, self.config_entry)

    @override
    async def async_poll(self) -> Mapping[str, Value]:
        """Read what is due; raise only when nothing of the system is known any more."""
        for chore in self._chores:
            await self._do(chore)
        now = dt_util.utcnow()
        for chore in self._chores:
            self.async_set_present(chore.name, present=chore.is_fresh(now))
        if not any(chore.is_fresh(now) for chore in self._chores if chore.is_shown):
            self._give_up()
        return {}

    def _give_up(self) -> NoReturn:
        """Say that nothing answers: of all reasons, that of the dashboard."""
        error = self._chore("dashboard").error or SenecServiceError(Reason.UNREACHABLE)
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
            if not chore.failures:
                LOGGER.warning("%s of %s cannot be read: %s", chore.name, self.name, error)
            chore.failed(now, error)
            if error.reason is Reason.STALE:
                chore.fresh_until = now
            self._tell_of(chore, error)
            return
        if chore.failures:
            LOGGER.info("%s of %s can be read again", chore.name, self.name)
        chore.succeeded(now, until)
        if self.account.doors.refusal(chore.door) is None or chore.door is Door.SITE:
            async_door_is_open(self.hass, self.config_entry, chore.door)

    @callback
    def _tell_of(self, chore: Chore, error: SenecServiceError) -> None:
        """Tell the user of what only the user can help with, at the door that it concerns."""
        if error.reason in ONLY_THE_USER_CAN_HELP:
            if chore.door is Door.SITE and self.account.doors.is_closed(Door.APP):
                return  # one trouble, told once
            async_tell_of_door(self.hass, self.config_entry, chore.door, error)
            if chore.door is Door.APP:
                self.config_entry.async_start_reauth(self.hass)
        elif error.page and chore.failures >= FAILURES_TO_TELL:
            async_tell_of_door(self.hass, self.config_entry, chore.door, error)

    async def _read_dashboard(self) -> datetime:
        if self._wallbox_ids is None:
            await self._learn_wallbox_ids()
        dashboard = await self._dashboard()
        now = dt_util.utcnow()
        generation = dashboard.generation or self._generation
        if readings.is_stale(dashboard, generation, now):
            raise SenecServiceError(Reason.STALE, "the system does not report to SENEC")
        holds = holds_wallbox(dashboard.today.sums, LEAST_TO_TELL)
        if holds is not None and holds is not self.consumption_holds_wallbox:
            self._remember({CONF_HOLDS_WALLBOX: holds})
        values = readings.from_dashboard(
            dashboard, holds_wallbox=self.consumption_holds_wallbox and self._wallbox_ids != ()
        )
        values["day_began"] = readings.day_began(dashboard, self.zone)
        if dashboard.measured.astimezone(self.zone).date() != now.astimezone(self.zone).date():
            self._keep_the_old_day(values)
        self._offer(DASHBOARD, values)
        if self._wallbox_ids:
            self._offer(WALLBOX_TOTALS, values)
        self._set_wallbox_rhythm(dashboard.ev_connected)
        self.async_note(values)
        return dashboard.measured + readings.STALE_AFTER[generation]

    async def _dashboard(self) -> Dashboard:
        """Return the dashboard with the wallboxes, or without a word of them if that is refused."""
        app, now = self.account.app, dt_util.utcnow()
        ids = self._wallbox_ids
        if ids and (self._ask_without_ids_until is None or now >= self._ask_without_ids_until):
            try:
                return await app.dashboard(self.system_id, ids)
            except SenecServiceError as error:
                if error.reason not in NOT_GIVEN:
                    raise
            self._ask_without_ids_until = now + HOURLY
        dashboard = await app.dashboard(self.system_id)
        return dashboard if ids == () else dashboard.without_wallboxes

    async def _learn_wallbox_ids(self) -> None:
        """Ask for the wallboxes before the first dashboard: one asked for without them says 0."""
        try:
            systems = await self.account.app.systems()
        except SenecServiceError as error:
            LOGGER.debug("The wallboxes of %s are not known yet: %s", self.name, error)
            return
        for system in systems:
            if system.id == self.system_id:
                self._add_wallbox_ids(system.wallbox_ids)

    @callback
    def _add_wallbox_ids(self, ids: Iterable[str]) -> None:
        """Keep ids with the entry: a wallbox keeps its number whatever SENEC's order becomes."""
        known = self._wallbox_ids or ()
        added = tuple(id_ for id_ in dict.fromkeys(ids) if id_ not in known)
        if added or self._wallbox_ids is None:
            self._wallbox_ids = (*known, *added)
            self._remember({CONF_WALLBOX_IDS: list(self._wallbox_ids)})

    @callback
    def _remember(self, learned: Mapping[str, object]) -> None:
        entry = self.config_entry
        self.hass.config_entries.async_update_entry(entry, data={**entry.data, **learned})

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
                if error.reason not in NOT_GIVEN | {Reason.BAD_ANSWER}:
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
        for index in range(len(ids)):
            self._offer(wallbox_rows(index), values)
        chore = self._chore("wallboxes")
        if not ids:
            chore.every = DAILY  # one may be added some day
        else:
            chore.every = IDLE_WALLBOX_RHYTHM if self._ev_connected is False else WALLBOX_RHYTHM
        self.async_note(values)

    async def _read_wallbox_energy(self) -> None:
        """Read the day's energy of each wallbox where there are several: of one it is the total."""
        ids = self._wallbox_ids or ()
        began, now = self.data.get("day_began"), dt_util.utcnow()
        if len(ids) < 2 or not isinstance(began, datetime):
            return
        values: dict[str, Value] = {}
        for index, wallbox_id in enumerate(ids):
            series = await self.account.app.wallbox_measurements(
                self.system_id, wallbox_id, Resolution.HOUR, began, now
            )
            row = wallbox_energy_row(index)
            values[row.description.key] = series.total
            self._offer([row], values)
        self.async_note(values)

    async def _read_totals(self) -> None:
        """Read the energies of the system's whole life, year by year."""
        app, ids = self.account.app, self._wallbox_ids
        try:
            if self._first_measurement is None:
                self._first_measurement = await app.first_measurement(self.system_id)
            if self._first_measurement is None:
                return
            series = await app.measurements(
                self.system_id,
                Resolution.YEAR,
                self._first_measurement,
                dt_util.utcnow(),
                ids or (),
            )
        except SenecServiceError as error:
            if error.reason not in NOT_GIVEN:
                raise
            self._chore("totals").every = DAILY
            return
        holds = self.consumption_holds_wallbox and bool(ids)
        totals = totals_by_counter(series, holds_wallbox=holds, wallboxes=bool(ids))
        values: dict[str, Value] = {f"{key}_total": total for key, total in totals.items()}
        self._offer(TOTALS, values)
        self.async_note(values)

    async def _read_forecast_charging(self) -> None:
        chore = self._chore("forecast_charging")
        try:
            mode = await self.account.app.forecast_charging(self.system_id)
        except SenecServiceError as error:
            if error.reason not in NOT_GIVEN:
                raise
            chore.every = DAILY  # not every system has it
            return
        values = readings.from_forecast_charging(mode)
        self._offer(FORECAST_CHARGING, values)
        self.async_note(values)

    # --- mein-senec.de --------------------------------------------------------------

    async def _read_plant(self) -> None:
        self.plant = await self.account.portal.find(self._control_unit) or self.plant

    async def async_find_plant(self) -> Plant:
        """Return the system as mein-senec.de knows it; raises SenecServiceError if it does not."""
        if self.plant is None:
            await self._read_plant()
        if self.plant is None:
            raise SenecServiceError(Reason.NOT_FOUND, "mein-senec.de does not show this system")
        return self.plant

    async def _known_plant(self) -> Plant | None:
        """Return the system at mein-senec.de, None if it is not shown there."""
        if self.plant is None and (error := self._chore("plant").error) is not None:
            raise error
        return self.plant

    @property
    def has_peak_shaving(self) -> bool:
        """Whether the system has peak shaving, as far as it has been read."""
        return self.peak_shaving is not None

    async def _read_peak_shaving(self) -> None:
        plant = await self._known_plant()
        if plant is not None and (plant.peak_shaving or "PEAK_SHAVING" in self._packages):
            self.async_take_peak_shaving(await self.account.portal.peak_shaving(plant))

    @callback
    def async_take_peak_shaving(self, settings: PeakShaving) -> None:
        """Show settings as they were read just now."""
        self.peak_shaving = settings
        for platform, description in PEAK_SHAVING:
            self.async_offer(platform, [description])
        self.async_note(readings.from_peak_shaving(settings))

    async def async_read_peak_shaving(self) -> PeakShaving:
        """Read the settings now, show them, and return them.

        Raises HomeAssistantError, translated: mein-senec.de is closed or does not answer.
        """
        try:
            settings = await self.account.portal.peak_shaving(await self.async_find_plant())
        except SenecServiceError as error:
            raise translated(error) from error
        self.async_take_peak_shaving(settings)
        return settings

    async def async_change_peak_shaving(self, change: Change) -> PeakShaving:
        """Change peak shaving in one confirmed write and return what SENEC has afterwards.

        Changes within a second become one write. Takes up to a minute: SENEC is asked again until
        the change is there. Raises HomeAssistantError, translated, if it is not, or was refused.
        """
        await self._writing.change_peak_shaving(change)
        assert self.peak_shaving is not None  # noqa: S101  a write that succeeds was read again
        return self.peak_shaving

    async def _read_sg_ready(self) -> None:
        plant = await self._known_plant()
        if plant is not None and (plant.sg_ready or "SG_READY" in self._packages):
            values = readings.from_sg_ready(await self.account.portal.sg_ready(plant))
            self._offer(SG_READY, values)
            self.async_note(values)

    async def _read_reserve(self) -> None:
        if (plant := await self._known_plant()) is None:
            return
        try:
            reserve = await self.account.portal.emergency_reserve(plant)
        except SenecServiceError as error:
            if error.reason in NOT_GIVEN:
                return  # a system without backup power
            raise
        values: dict[str, Value] = {"emergency_reserve": reserve}
        self._offer(RESERVE, values)
        self.async_note(values)

    async def _read_sockets(self) -> None:
        plant = await self._known_plant()
        if plant is not None and (plant.sockets or "SOCKETS" in self._packages):
            sockets = await self.account.portal.sockets(plant)
            values = readings.from_sockets(sockets)
            for socket in sockets:
                self._offer(socket_rows(socket.number), values)
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
        await self._writing.write(key, value)

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
        self._writing.stop()
        async_forget_doors(self.hass, self.config_entry)
        note_unload(self.hass, self.config_entry)
        await super().async_shutdown()

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add what is asked of SENEC and how often, what fails, and what the system can do."""
        account, now = self.account, dt_util.utcnow()
        refusals = {door: account.doors.refusal(door) for door in Door}
        return {
            **super().diagnostics(),
            "requests_in_the_last_hour": account.requests.last_hour,
            "requests": dict(account.requests.by_name),
            "failures": dict(account.requests.failures),
            "sign_ins": account.tokens.sign_ins,
            "sign_in_forms_sent": account.sign_in.forms_sent,
            "passwords_sent": account.sign_in.passwords_sent,
            "token_renewals": account.tokens.renewals,
            "doors": {
                door.value: "open"
                if refusal is None
                else {"reason": refusal.reason.value, "page": refusal.page}
                for door, refusal in refusals.items()
            },
            "abilities": sorted(self._packages),
            "wallboxes": None if self._wallbox_ids is None else len(self._wallbox_ids),
            "consumption_holds_wallbox": self.config_entry.data.get(CONF_HOLDS_WALLBOX),
            "unknown_states": dict(self._unknown_words),
            "time_zone": str(self.zone),
            "found_at_mein_senec": self.plant is not None,
            "services": {chore.name: chore.as_diagnostics(now) for chore in self._chores},
        }
