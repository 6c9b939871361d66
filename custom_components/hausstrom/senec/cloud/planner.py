"""Peak shaving that plans itself, for one system of the cloud.

Every five minutes it looks at what is known; every hour between sunrise and the end of its plan it
plans. It writes seldom, through the confirmed write, never twice at a time, and leaves the way back
in its store before it goes.
"""

import asyncio
import threading
from copy import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...kinds import Later
from ...planning.day import SettingOwner, Settings
from ...planning.decision import Act, DecisionReason
from ...planning.lever import Setting
from .planner_eye import Eye
from .planner_issues import NEEDS, NO_EFFECT, STUCK, async_take_back, async_tell
from .planner_log import PlanLog
from .planner_needs import NoDataError, NoForecastError, Roof
from .planner_rows import PLANNER, PlanState, switch_row
from .planner_settings import MANUAL, async_put_back, change_to, settings_of
from .planner_state import PlannerState, planner_store, state_from
from .planner_view import about, readings_of

if TYPE_CHECKING:
    from ...planning.outlook import Situation
    from ...planning.plan import Decision
    from .planner_coordinator import PlanningCoordinator
    from .planner_inputs import Inputs

RHYTHM: Final = timedelta(minutes=5)
LOOK_AGAIN: Final = timedelta(minutes=15)  # at SENEC's settings, while a plan is in force
GRACE: Final = timedelta(minutes=30)  # a forecast or a level that is gone so long is gone
A_MOMENT: Final = 5.0  # seconds
# Most of the planner's code: an entry whose planner is switched off never loads it.
_INPUTS: Final = Later[type["Inputs"]](__package__, "planner_inputs", "Inputs")


class Planner:
    """Plans, writes, watches, and puts back."""

    def __init__(self, hass: HomeAssistant, coordinator: PlanningCoordinator) -> None:
        """Take the coordinator whose system it plans for."""
        self._hass = hass
        self._coordinator = coordinator
        entry = coordinator.config_entry
        self._entry = entry
        self._store = planner_store(hass, entry.entry_id, self._stored, entry.title)
        self._state = PlannerState()
        self._lock = asyncio.Lock()
        self._eye = Eye(coordinator.name, self._state)
        self._roof = Roof(coordinator)
        self._inputs: Inputs | None = None
        self._log = PlanLog(coordinator.name)
        self._missing_since: datetime | None = None
        self._looked: datetime | None = None
        self._expected: Settings | None = None  # what should be at SENEC
        self.shown = PlanState.IDLE
        self.reason = "off"  # why, as a code
        self._offered = False
        self._loaded = False
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life -----------------------------------------------------------------------

    async def async_load(self) -> None:
        """Take what was stored, and begin to look every few minutes."""
        self._state = self._eye.state = state_from(
            await self._store.async_load(), self._coordinator.zone
        )
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
        self._entry.async_create_task(self._hass, self._async_accompany(over), "hausstrom planner")

    async def _async_accompany(self, over: threading.Event) -> None:
        await self._hass.async_add_executor_job(over.wait, A_MOMENT)

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
        await self._store.async_save()

    def _stored(self) -> dict[str, Any]:
        return self._state.as_dict()

    async def async_enable(self, on: bool) -> None:
        """Switch the planner on or off; what follows happens in the background."""
        state = self._state
        if on and (state.failed or state.evidence.failed):
            state.evidence = replace(state.evidence, unseen=0, unsaved=0)
        state.enabled, state.failed = on, False
        async_take_back(self._hass, self._entry, NO_EFFECT)
        self._expected = None
        self._show(self.shown if on else PlanState.IDLE, self.reason if on else "off")
        await self._async_store()
        self.async_wake(forced=True)

    # --- what is seen -----------------------------------------------------------------

    @callback
    def async_sample(self) -> None:
        """Take the readings of a poll: what the roof gives, and what the lever does."""
        if not self._offered and self._coordinator.has_peak_shaving:
            self._offered = True
            for platform, description in (switch_row(self.async_enable), *PLANNER):
                self._coordinator.async_offer(platform, [description])
            self.async_wake(forced=True)
        now, coordinator = dt_util.utcnow(), self._coordinator
        limit = self._roof.limit_in_watts
        if self._eye.look(coordinator.data, now, limit, coordinator.zone):
            self._tell()
        self._store.changed()

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
            except Exception:  # noqa: BLE001  nobody waits for a look: what fails has to be said here
                LOGGER.exception("Planning peak shaving of %s failed", self._coordinator.name)
            self._tell()

    async def _async_look(self, now: datetime, *, forced: bool) -> None:
        state, today = self._state, self._date(now)
        if state.today != today:
            self._close_day(today)
        self._tell_of_stuck(now)
        if not state.enabled:
            async_take_back(self._hass, self._entry, NEEDS)
            if state.ledger.written is not None:
                await self._async_restore(now)
            self._show(PlanState.FAILED if state.failed else PlanState.IDLE, "off")
            return
        if await self._async_end_if_over(now, today):
            return
        found = await self._async_settings(now, forced=forced)
        if found is None:
            self._show(PlanState.NO_DATA, "settings_unknown")
            return
        if state.ledger.is_changed(found, self._expected, MANUAL):
            LOGGER.info("Peak shaving of %s was changed: no plan today", self._coordinator.name)
            state.ledger = state.ledger.hands_off(today)
            self._eye.watch = None
            await self._async_store()
        self._expected = found
        if state.ledger.paused == today:
            self._show(PlanState.PAUSED, "paused")
            return
        inputs = await self._async_inputs()
        try:
            situation = await inputs.async_situation(now, self._in_force(now))
        except (NoForecastError, NoDataError) as error:
            await self._async_without_data(now, error)
            return
        self._missing_since = None
        async_take_back(self._hass, self._entry, NEEDS)
        await self._async_plan(inputs, situation, found, forced=forced)

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
        self._show(PlanState.NOT_NEEDED, DecisionReason.ENDED.value)
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
            async_tell(self._hass, self._entry, NEEDS)
        LOGGER.debug("No plan for %s: %s", self._coordinator.name, reason)

    async def _async_inputs(self) -> Inputs:
        if self._inputs is None:
            kind_of_inputs = await _INPUTS.async_get(self._hass)
            self._inputs = kind_of_inputs(self._hass, self._coordinator, self._eye)
        return self._inputs

    def _in_force(self, now: datetime) -> Setting | None:
        """Return the plan that SENEC has, if it has one."""
        return self._state.ledger.in_force(self._expected, MANUAL, now)

    # --- planning ---------------------------------------------------------------------

    async def _async_plan(
        self, inputs: Inputs, situation: Situation, found: Settings, *, forced: bool
    ) -> None:
        state, now = self._state, situation.now
        current = situation.current
        if current is not None and state.ledger.before_it is not None:
            state.ledger = state.ledger.arrived()
            await self._async_store()
        if current is not None:
            self._eye.begin_watching(situation)
        if not self._is_due(now) and (current is not None or not forced):
            if current is not None:
                self._show(PlanState.PLANNED, DecisionReason.KEPT.value)
            return
        if not inputs.is_day(situation) and current is None:
            self._show(PlanState.NOT_NEEDED, "night")
            return
        decision = await inputs.async_decide(situation)
        self._log.note(situation, decision)
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
            self._show(PlanState.NOT_NEEDED, DecisionReason.NO_WRITES_LEFT.value)
            return
        end = setting.end.astimezone(self._coordinator.zone)
        wanted = Settings(MANUAL, setting.limit, end.strftime("%H:%M"))
        state.ledger = state.ledger.setting_out(found, wanted, setting, today)
        state.expected = max(state.expected, decision.saving)
        await self._async_store()
        try:
            settings = await self._coordinator.async_write_plan(change_to(wanted))
        except HomeAssistantError:
            # What was wanted may still show up: the ledger knows both, and nobody else's hand.
            self._expected = settings_of(self._coordinator.peak_shaving)
            self._show(PlanState.FAILED, "not_taken")
            raise
        self._expected = settings_of(settings)
        state.ledger = state.ledger.arrived()
        self._eye.begin_watching(situation)
        self._show(PlanState.PLANNED, decision.reason.value)
        await self._async_store()

    def _close_day(self, today: date) -> None:
        """End a day: what was learnt of the lever stays, what was expected is over."""
        state = self._state
        if self._eye.close_day(state.expected):
            state.enabled, state.failed = False, True
            async_tell(self._hass, self._entry, NO_EFFECT)
            LOGGER.warning(
                "Peak shaving of %s shows no effect: planning is switched off", self._entry.title
            )
        state.today, state.expected = today, 0.0

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
        is_ours = found is not None and state.ledger.owner(found, MANUAL) is SettingOwner.PLANNER
        if users is not None and is_ours and found is not None and not found.same(users, MANUAL):
            state.ledger = state.ledger.restoring(today)
            await self._async_store()
            found = settings_of(await self._coordinator.async_write_plan(change_to(users)))
        elif found and users and not is_ours and not found.same(users, MANUAL):
            state.ledger = state.ledger.hands_off(today)
        state.ledger = state.ledger.cleared()
        self._expected = found
        async_take_back(self._hass, self._entry, STUCK)
        await self._async_store()

    async def _async_restore_directly(self) -> None:
        """Put back with a session of its own: the entry's is closed by now."""
        try:
            await async_put_back(self._hass, self._entry, self._state.ledger)
        except Exception as error:  # noqa: BLE001  the entry goes whatever happens; the store knows
            LOGGER.warning("Peak shaving of %s is left as it is: %s", self._entry.title, error)
            return
        self._state.ledger = self._state.ledger.cleared()

    # --- what is shown ----------------------------------------------------------------

    def _show(self, shown: PlanState, reason: str) -> None:
        self.shown, self.reason = shown, reason
        self._tell()

    @callback
    def _tell(self) -> None:
        self._coordinator.async_note(readings_of(self._state, self.shown))

    async def async_situation(self) -> tuple[Situation | None, str]:
        """Return what a plan would rest on now, or why there is none. Changes nothing."""
        inputs, now = await self._async_inputs(), dt_util.utcnow()
        try:
            return await inputs.async_situation(now, self._in_force(now)), ""
        except (NoForecastError, NoDataError) as error:
            return None, str(error)

    def _tell_of_stuck(self, now: datetime) -> None:
        if self._state.ledger.to_complain(now):
            async_tell(self._hass, self._entry, STUCK)

    def diagnostics(self) -> dict[str, Any]:
        """Return the last plans, and what is known of the lever."""
        return {
            "state": self.shown.value,
            "reason": self.reason,
            **about(self._state),
            "plans": self._log.lines,
        }
