"""Peak shaving that plans itself, for one system of the cloud.

Every five minutes it looks at what is known; every hour between sunrise and the end of its plan it
plans. It writes seldom, through the confirmed write, never twice at a time, and leaves the way back
in its store before it goes.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Coroutine
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ...const import DOMAIN, LOGGER
from ...coordinator import Value
from ...planning.day import Owner, Settings
from ...planning.evidence import Reading, Watch
from ...planning.forecast import Observed, learn
from ...planning.lever import Setting
from ...planning.load import LoadProfile
from ...planning.observing import HourMeter
from ...planning.outlook import SUN, Situation
from ...planning.plan import Act, Decision, Reason, decide
from .const import CONF_EXPORT_LIMIT, CONF_GENERATION, CONF_PEAK_POWER
from .planner_inputs import (
    NoForecastError,
    async_forecast,
    async_load,
    battery_of,
    number,
    site_of,
)
from .planner_rows import (
    END_KEY,
    EXPECTED_KEY,
    LIMIT_KEY,
    PLAN_KEY,
    PLANNER,
    SAVED_KEY,
    SWITCH_KEY,
    PlanState,
)
from .planner_state import PlannerState, planner_store, state_from
from .protocol.models import Generation
from .protocol.peak_shaving import Change, Mode, PeakShaving

if TYPE_CHECKING:
    from .planner_coordinator import PlanningCoordinator

RHYTHM: Final = timedelta(minutes=5)
LOOK_AGAIN: Final = timedelta(minutes=15)  # at SENEC's settings, while a plan is in force
GRACE: Final = timedelta(minutes=30)  # a forecast or a level that is gone so long is gone
STORED_AT_LEAST: Final = timedelta(minutes=10)
A_MOMENT: Final = 1.0  # second
NOTHING_TO_SEE: Final = 20.0  # Wh
MANUAL: Final = Mode.MANUAL.value
ISSUES: Final = ("planner_needs", "planner_stuck", "planner_failed")


class NoDataError(Exception):
    """Something has to be said or measured first; the reason is the argument."""


def settings_of(settings: PeakShaving) -> Settings | None:
    """Return what SENEC has, as the ledger knows it; None while its mode is not known."""
    if settings.mode is None:
        return None
    end = None if settings.end_time is None else settings.end_time.strftime("%H:%M")
    return Settings(settings.mode.value, settings.capacity_limit, end)


def change_to(settings: Settings) -> Change:
    """Return the change that makes settings so."""
    end = None if settings.end is None else time.fromisoformat(settings.end)
    return Change(Mode(settings.mode), settings.limit, end)


class Planner:
    """Plans, writes, watches, and puts back."""

    def __init__(self, hass: HomeAssistant, coordinator: PlanningCoordinator) -> None:
        """Take the coordinator whose system it plans for."""
        self._hass = hass
        self._coordinator = coordinator
        entry = coordinator.config_entry
        self._entry = entry
        self._store = planner_store(hass, entry.entry_id)
        self._state = PlannerState()
        self._lock = asyncio.Lock()
        self._meter = HourMeter()
        self._watch: Watch | None = None
        self._load: tuple[date, LoadProfile] | None = None
        self._forecast: tuple[datetime, dict[datetime, float]] | None = None
        self._missing_since: datetime | None = None
        self._looked: datetime | None = None
        self._expected: Settings | None = None  # what should be at SENEC
        self._shown = PlanState.IDLE
        self._reason = "off"
        self._stored_at: datetime | None = None
        self._plans: deque[dict[str, Any]] = deque(maxlen=24)
        self._sense_told = False
        self._offered = False
        self._loaded = False
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life -----------------------------------------------------------------------

    async def async_load(self) -> None:
        """Take what was stored, and begin to look every few minutes."""
        self._state = state_from(await self._store.async_load())
        self._loaded = True
        self._show(PlanState.FAILED if self._state.failed else PlanState.IDLE, "off")
        self._entry.async_on_unload(
            async_track_time_interval(
                self._hass, self._look, RHYTHM, name="hausstrom planner", cancel_on_shutdown=True
            )
        )

    @callback
    def _look(self, _now: datetime) -> None:
        self.async_wake()

    @callback
    def async_wake(self, *, forced: bool = False) -> None:
        """Look at what is known, in the background; one look at a time."""
        if not self._loaded or (self._lock.locked() and not forced):
            return
        # SENEC may take a minute to show a write. Whoever waits until Home Assistant has come to
        # rest waits for a look, but not for that: the look itself is nobody's to wait for.
        look = self._hass.loop.create_task(self._async_run(forced=forced))
        self._tasks.add(look)
        over = threading.Event()
        look.add_done_callback(lambda _: over.set())
        look.add_done_callback(self._tasks.discard)
        self._begin(self._async_accompany(over))

    async def _async_accompany(self, over: threading.Event) -> None:
        await self._hass.async_add_executor_job(over.wait, A_MOMENT)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._entry.async_create_task(self._hass, work, "hausstrom planner")

    async def async_stop(self, *, for_good: bool) -> None:
        """Stop; for_good: put back what the user had, since nobody will look any more."""
        if not self._loaded:
            return
        self._loaded = False
        for task in [*self._tasks]:
            task.cancel()
        if for_good and self._state.ledger.written is not None:
            await self._async_restore_directly()
        await self._async_store()

    async def _async_store(self) -> None:
        self._stored_at = dt_util.utcnow()
        await self._store.async_save(self._state.as_dict())

    async def async_enable(self, *, on: bool) -> None:
        """Switch the planner on or off; what follows happens in the background."""
        state = self._state
        if on and (state.failed or state.evidence.failed):
            state.evidence = replace(state.evidence, unseen=0, unsaved=0)
        state.enabled, state.failed = on, False
        ir.async_delete_issue(self._hass, DOMAIN, self._issue("planner_failed"))
        self._expected = None
        self._show(self._shown if on else PlanState.IDLE, self._reason if on else "off")
        await self._async_store()
        self.async_wake(forced=True)

    # --- what is seen -----------------------------------------------------------------

    @callback
    def async_sample(self) -> None:
        """Take the readings of a poll: what the roof gives, and what the lever does."""
        if not self._offered and self._coordinator.has_peak_shaving:
            self._offered = True
            for platform, description in PLANNER:
                self._coordinator.async_offer(platform, [description])
            self.async_wake(forced=True)
        readings, now = self._coordinator.data, dt_util.utcnow()
        power, level = number(readings, "inverter_power"), number(readings, "bat_fuel_charge")
        battery_power = number(readings, "bat_power")
        export = number(readings, "grid_power_minus")
        if power is None or level is None or battery_power is None or export is None:
            return
        charge = max(0.0, -battery_power)
        self._state.most_charge = max(self._state.most_charge, min(charge, 30_000.0))
        limit = self._limit_in_watts()
        seen = self._meter.see(now, power, export, limit or 0.0)
        if seen is not None and self._forecast is not None:
            told = self._forecast[1].get(seen.hour, 0.0)
            hour = Observed(seen.hour, told, seen.energy, seen.throttled)
            if told >= NOTHING_TO_SEE or seen.energy >= NOTHING_TO_SEE:
                self._state.add_hour(self._date(seen.hour), hour)
        setting = self._state.ledger.setting
        if setting is not None and self._watch is not None and now < setting.end:
            before, saved = self._watch.evidence, self._watch.saved
            self._state.evidence = self._watch.see(Reading(now, level, charge, export), setting)
            self._state.saved += self._watch.saved - saved
            if before.sense is not self._state.evidence.sense:
                LOGGER.info(
                    "The capacity limit of %s means: %s",
                    self._coordinator.name,
                    self._state.evidence.sense.value,
                )
            self._tell()
        if self._stored_at is None or now - self._stored_at >= STORED_AT_LEAST:
            self._begin(self._async_store())

    def _limit_in_watts(self) -> float | None:
        peak, limit = self._peak_power(), self._export_limit()
        return None if peak is None or limit is None else peak * 10 * limit

    def _peak_power(self) -> float | None:
        value = self._entry.options.get(CONF_PEAK_POWER)
        return float(value) if isinstance(value, int | float) and value > 0 else None

    def _export_limit(self) -> float | None:
        value = self._entry.options.get(CONF_EXPORT_LIMIT)
        if isinstance(value, int | float):
            return float(value)
        return number(self._coordinator.data, "export_limit")

    def _date(self, moment: datetime) -> date:
        return moment.astimezone(self._coordinator.zone).date()

    # --- the look ---------------------------------------------------------------------

    async def _async_run(self, *, forced: bool) -> None:
        async with self._lock:
            try:
                await self._async_look(dt_util.utcnow(), forced=forced)
            except HomeAssistantError as error:
                # SENEC cannot be read or does not take it: the next look tries again.
                LOGGER.debug("The planner of %s has to wait: %s", self._coordinator.name, error)
            self._tell()

    async def _async_look(self, now: datetime, *, forced: bool) -> None:
        state, today = self._state, self._date(now)
        if state.today != today:
            self._close_day(today)
        self._tell_of_stuck(now)
        if not state.enabled:
            self._forget_issue("planner_needs")
            if state.ledger.written is not None:
                await self._async_restore(now)
            self._show(PlanState.FAILED if state.failed else PlanState.IDLE, "off")
            return
        found = await self._async_settings(now, forced=forced)
        if found is None:
            self._show(PlanState.NO_DATA, "settings_unknown")
            return
        if self._is_of_a_stranger(found):
            LOGGER.info("Peak shaving of %s was changed: no plan today", self._coordinator.name)
            state.ledger = state.ledger.hands_off(today)
            self._watch = None
            await self._async_store()
        self._expected = found
        if state.ledger.paused == today:
            self._show(PlanState.PAUSED, "paused")
            return
        if await self._async_end_if_over(now, today):
            return
        try:
            situation = await self._async_situation(now)
        except (NoForecastError, NoDataError) as error:
            await self._async_without_data(now, error)
            return
        self._missing_since = None
        self._forget_issue("planner_needs")
        await self._async_plan(situation, found, forced=forced)

    def _is_of_a_stranger(self, found: Settings) -> bool:
        owner = self._state.ledger.owner(found, MANUAL)
        if owner is Owner.USER:
            return self._expected is not None and not found.same(self._expected, MANUAL)
        return owner is Owner.STRANGER

    async def _async_settings(self, now: datetime, *, forced: bool) -> Settings | None:
        """Return what SENEC has; asked again while a plan is in force, or when it is not known."""
        coordinator = self._coordinator
        known = coordinator.peak_shaving
        looked, self_written = self._looked, self._state.ledger.written is not None
        is_old = looked is None or (self_written and now - looked >= LOOK_AGAIN)
        if known is None or is_old or forced or self._is_due(now):
            known = await coordinator.async_read_peak_shaving()
            self._looked = now
        return settings_of(known)

    def _is_due(self, now: datetime) -> bool:
        """Whether a full hour has come since the last plan."""
        planned = self._state.planned
        return planned is None or planned < now.replace(minute=0, second=0, microsecond=0)

    async def _async_end_if_over(self, now: datetime, today: date) -> bool:
        """Put back what the user had if the plan's end has come; return whether that was so."""
        ledger = self._state.ledger
        if ledger.written is None:
            return False
        setting = ledger.setting
        is_over = setting is None or now >= setting.end or self._date(setting.end) != today
        if not is_over and ledger.failing_since is None:
            return False
        await self._async_restore(now)
        self._show(PlanState.NOT_NEEDED, Reason.ENDED.value)
        return True

    async def _async_without_data(self, now: datetime, error: Exception) -> None:
        reason = str(error)
        is_forecast = isinstance(error, NoForecastError)
        if self._missing_since is None:
            self._missing_since = now
        if self._state.ledger.written is not None:
            if now - self._missing_since < GRACE:
                return  # what is shown stays: a forecast may be gone for a moment
            await self._async_restore(now)
        self._show(PlanState.NO_FORECAST if is_forecast else PlanState.NO_DATA, reason)
        if reason in {"peak_power_unknown", "export_limit_unknown"}:
            self._raise_issue("planner_needs")
        LOGGER.debug("No plan for %s: %s", self._coordinator.name, reason)

    async def _async_situation(self, now: datetime) -> Situation:
        """Return all that a plan rests on; raises NoForecastError or NoDataError."""
        coordinator, state = self._coordinator, self._state
        readings = coordinator.data
        peak, limit = self._peak_power(), self._export_limit()
        if peak is None:
            raise NoDataError("peak_power_unknown")
        if limit is None:
            raise NoDataError("export_limit_unknown")
        forecast = await async_forecast(self._hass, now)
        self._forecast = (now, forecast)
        level = number(readings, "bat_fuel_charge")
        if level is None or not coordinator.available:
            raise NoDataError("level_unknown")
        battery = battery_of(
            readings,
            is_v3=self._entry.data.get(CONF_GENERATION) != Generation.V4.value,
            most_charge=state.most_charge,
        )
        if battery is None:
            raise NoDataError("capacity_unknown")
        today = self._date(now)
        past = [hours for day, hours in sorted(state.hours.items()) if day != today]
        return Situation(
            now=now,
            zone=coordinator.zone,
            site=site_of(battery, peak, limit),
            level=level,
            forecast=forecast,
            load=await self._async_habits(now),
            observed=tuple(state.hours.get(today, ())),
            errors=learn(past),
            lever=state.evidence.lever,
            current=self._in_force(now),
            spent=state.ledger.spent(today),
        )

    async def _async_habits(self, now: datetime) -> LoadProfile:
        """Return the habits of the house, looked up once a day."""
        today = self._date(now)
        if self._load is None or self._load[0] != today:
            statistic = er.async_get(self._hass).async_get_entity_id(
                "sensor", DOMAIN, f"{self._entry.unique_id}_house_energy"
            )
            self._load = (today, await async_load(self._hass, statistic, now))
        return self._load[1]

    def _in_force(self, now: datetime) -> Setting | None:
        """Return the plan that SENEC has, if it has one."""
        ledger = self._state.ledger
        if ledger.written is None or self._expected is None or ledger.setting is None:
            return None
        is_there = self._expected.same(ledger.written, MANUAL)
        return ledger.setting if is_there and now < ledger.setting.end else None

    # --- planning ---------------------------------------------------------------------

    async def _async_plan(self, situation: Situation, found: Settings, *, forced: bool) -> None:
        state, now = self._state, situation.now
        current = situation.current
        if current is not None and state.ledger.before_it is not None:
            state.ledger = state.ledger.arrived()
            await self._async_store()
        if current is not None and self._watch is None:
            self._watch = self._new_watch(situation)
        if not self._is_due(now) and (current is not None or not forced):
            if current is not None:
                self._show(PlanState.PLANNED, Reason.KEPT.value)
            return
        if not _is_day(situation) and current is None:
            self._show(PlanState.NOT_NEEDED, "night")
            return
        decision = await self._hass.async_add_executor_job(_timed_decision, situation)
        self._note(situation, decision)
        state.planned = now.replace(minute=0, second=0, microsecond=0)
        match decision.act:
            case Act.SET if decision.setting is not None:
                await self._async_set(situation, found, decision, decision.setting)
            case Act.RELEASE:
                await self._async_restore(now)
                self._show(PlanState.NOT_NEEDED, decision.reason.value)
            case _:
                planned = decision.setting is not None
                self._show(
                    PlanState.PLANNED if planned else PlanState.NOT_NEEDED, decision.reason.value
                )
                await self._async_store()

    async def _async_set(
        self, situation: Situation, found: Settings, decision: Decision, setting: Setting
    ) -> None:
        state, now = self._state, situation.now
        today = self._date(now)
        if not state.ledger.may_set(today):
            self._show(PlanState.NOT_NEEDED, Reason.NO_WRITES_LEFT.value)
            return
        end = setting.end.astimezone(self._coordinator.zone)
        wanted = Settings(MANUAL, setting.limit, end.strftime("%H:%M"))
        state.ledger = state.ledger.setting_out(found, wanted, setting, today)
        state.expected = max(state.expected, decision.saving)
        await self._async_store()
        try:
            settings = await self._coordinator.async_change_peak_shaving(change_to(wanted))
        except HomeAssistantError:
            # What was wanted may still show up: the ledger knows both, and nobody else's hand.
            known = self._coordinator.peak_shaving
            self._expected = None if known is None else settings_of(known)
            self._show(PlanState.FAILED, "not_taken")
            raise
        self._expected = settings_of(settings)
        state.ledger = state.ledger.arrived()
        self._watch = self._new_watch(situation)
        self._show(PlanState.PLANNED, decision.reason.value)
        await self._async_store()

    def _new_watch(self, situation: Situation) -> Watch:
        site = situation.site
        if self._watch is not None:
            return self._watch
        return Watch(self._state.evidence, site.export_limit, site.battery.capacity)

    def _close_day(self, today: date) -> None:
        """End a day: what was learnt of the lever stays, what was expected is over."""
        state, watch = self._state, self._watch
        if watch is not None and state.today is not None:
            state.evidence = watch.close(state.expected)
            if state.evidence.failed:
                state.enabled, state.failed = False, True
                self._raise_issue("planner_failed")
                LOGGER.warning(
                    "Peak shaving of %s shows no effect: planning is switched off",
                    self._coordinator.name,
                )
        self._watch, state.today, state.expected = None, today, 0.0

    # --- the way back -----------------------------------------------------------------

    async def _async_restore(self, now: datetime) -> None:
        """Have SENEC take what the user had; raises HomeAssistantError if it does not."""
        state, today = self._state, self._date(now)
        if not state.ledger.may_restore(now, today):
            return
        try:
            found = settings_of(await self._coordinator.async_read_peak_shaving())
            self._looked = now
            await self._async_put_back(found, today)
        except HomeAssistantError:
            state.ledger = state.ledger.not_restored(now)
            self._tell_of_stuck(now)
            await self._async_store()
            raise

    async def _async_put_back(self, found: Settings | None, today: date) -> None:
        state = self._state
        users = state.ledger.users
        is_ours = found is not None and state.ledger.owner(found, MANUAL) is Owner.PLANNER
        if users is not None and is_ours and found is not None and not found.same(users, MANUAL):
            state.ledger = state.ledger.restoring(today)
            await self._async_store()
            found = settings_of(await self._coordinator.async_change_peak_shaving(change_to(users)))
        elif found and users and not is_ours and not found.same(users, MANUAL):
            state.ledger = state.ledger.hands_off(today)
        state.ledger = state.ledger.cleared()
        self._expected = found
        ir.async_delete_issue(self._hass, DOMAIN, self._issue("planner_stuck"))
        await self._async_store()

    async def _async_restore_directly(self) -> None:
        """Put back without the coordinator's timers, which are stopped by now."""
        try:
            async with asyncio.timeout(30):
                await self._coordinator.async_put_back(self._state.ledger)
        except Exception as error:  # noqa: BLE001  the entry goes whatever happens; the store knows
            LOGGER.warning("Peak shaving of %s is left as it is: %s", self._entry.title, error)
            return
        self._state.ledger = self._state.ledger.cleared()

    # --- what is shown ----------------------------------------------------------------

    def _show(self, shown: PlanState, reason: str) -> None:
        self._shown, self._reason = shown, reason
        self._tell()

    @callback
    def _tell(self) -> None:
        state = self._state
        setting = state.ledger.setting if self._shown is PlanState.PLANNED else None
        readings: dict[str, Value] = {
            SWITCH_KEY: state.enabled,
            PLAN_KEY: self._shown.value,
            LIMIT_KEY: None if setting is None else setting.limit,
            END_KEY: None if setting is None else setting.end,
            EXPECTED_KEY: state.expected / 1000,
            SAVED_KEY: state.saved / 1000,
        }
        self._coordinator.async_note(readings)

    def _note(self, situation: Situation, decision: Decision) -> None:
        """Keep a decision with the numbers it rests on, and log it in a line."""
        setting = decision.setting
        line = {
            "at": situation.now.isoformat(timespec="seconds"),
            "act": decision.act.value,
            "reason": decision.reason.value,
            "limit": None if setting is None else setting.limit,
            "end": None if setting is None else setting.end.isoformat(timespec="minutes"),
            "saving_wh": round(decision.saving),
            "lost_without_wh": round(decision.lost_without),
            "gain_eur": round(decision.gain, 3),
            "level": situation.level,
            "forecast_wh": round(sum(decision.outlook.pv) / 4),
            "correction": round(decision.outlook.belief.mean, 3),
            "spread": round(decision.outlook.belief.spread, 3),
            "export_limit_w": round(situation.site.export_limit),
            "capacity_wh": round(situation.site.battery.capacity),
            "charge_w": round(situation.site.battery.max_charge),
            "writes": situation.spent,
            "ms": round(decision.milliseconds, 1),
        }
        self._plans.append(line)
        LOGGER.debug("Plan for %s: %s", self._coordinator.name, line)

    async def async_situation(self) -> tuple[Situation | None, str]:
        """Return what a plan would rest on now, or why there is none. Changes nothing."""
        try:
            return await self._async_situation(dt_util.utcnow()), ""
        except (NoForecastError, NoDataError) as error:
            return None, str(error)

    @property
    def shown(self) -> PlanState:
        """What the planner is doing."""
        return self._shown

    @property
    def reason(self) -> str:
        """Why, as a code."""
        return self._reason

    def _issue(self, name: str) -> str:
        return f"{name}_{self._entry.entry_id}"

    def _raise_issue(self, name: str) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue(name),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=name,
            translation_placeholders={"name": self._entry.title},
        )

    def _forget_issue(self, name: str) -> None:
        ir.async_delete_issue(self._hass, DOMAIN, self._issue(name))

    def _tell_of_stuck(self, now: datetime) -> None:
        if self._state.ledger.to_complain(now):
            self._raise_issue("planner_stuck")

    def diagnostics(self) -> dict[str, Any]:
        """Return the last plans, and what is known of the lever."""
        state = self._state
        return {
            "enabled": state.enabled,
            "state": self._shown.value,
            "reason": self._reason,
            "evidence": state.evidence.as_dict(),
            "ledger": state.ledger.as_dict(),
            "saved_wh": round(state.saved),
            "expected_wh": round(state.expected),
            "most_charge_w": round(state.most_charge),
            "days_of_forecasts": len(state.hours),
            "plans": list(self._plans),
        }


def _is_day(situation: Situation) -> bool:
    """Whether there is sun in this hour, or has been and will be today."""
    today = situation.now.astimezone(situation.zone).date()
    sunny = [
        hour
        for hour, energy in situation.forecast.items()
        if energy >= SUN and hour.astimezone(situation.zone).date() == today
    ]
    return bool(sunny) and min(sunny) <= situation.now < max(sunny) + timedelta(hours=1)


def _timed_decision(situation: Situation) -> Decision:
    begun = perf_counter()
    decision = decide(situation)
    return replace(decision, milliseconds=1000 * (perf_counter() - begun))
