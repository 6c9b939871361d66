"""The switch that holds the battery: no discharge while a car charges or power is cheap.

The reserve for backup power is preferred where the cloud entry of the same system offers it and it
reaches: it charges nothing from the grid. Else it is the forced charge. What was set before is stored
before anything is written, and set back at the end: by the user, after a day, when the entry is
disabled or deleted, after a restart that cut it short. A device that cannot be reached then is asked
again at every poll.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from homeassistant.components.number.const import (
    ATTR_MAX,
    ATTR_VALUE,
    SERVICE_SET_VALUE,
)
from homeassistant.components.number.const import DOMAIN as NUMBER
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from ...common.value import Value
from ...const import DOMAIN, LOGGER
from ...coordinator import HausstromConfigEntry
from .connection import client_of, new_session
from .protocol.client import LalaError
from .protocol.controls import FORCED_CHARGE
from .protocol.hold import Means, SenecHold, reserve_for
from .protocol.request import write_body

KEY: Final = "hold_battery"
_LEVEL: Final = "bat_fuel_charge"

_STAYS_BACK: Final = 30.0
_ASK_AGAIN: Final = {Means.FORCED_CHARGE: 60.0, Means.RESERVE: 300.0}
"""Seconds between two attempts to set back what was before."""

type Force = Callable[[bool], Awaitable[None]]


class BatteryHold:
    """The hold of one system. `keep` stores it at once, `force` sets the forced charge."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        device_id: Callable[[], str],
        value: Callable[[str], Value],
        force: Force,
        keep: Callable[[], Awaitable[None]],
    ) -> None:
        """Begin without a hold."""
        self._hass = hass
        self._device_id = device_id
        self._value = value
        self._force = force
        self._keep = keep
        self._asked_at = float("-inf")
        self._back_since: float | None = None
        self.hold: SenecHold | None = None

    @property
    def is_on(self) -> bool:
        """Whether the battery is held for the user."""
        return self.hold is not None and not self.hold.ending

    # --- beginning and end -----------------------------------------------------------

    async def async_set(self, on: bool) -> None:
        """Begin or end. Raises HomeAssistantError where the beginning failed; nothing is set then."""
        if not on:
            await self._async_end()
        elif not self.is_on:
            await self._async_begin()

    async def _async_begin(self) -> None:
        if self.hold is not None:  # an end that is not certain yet: it goes on instead
            before = self.hold.before
            means = self.hold.means
        else:
            means, before = self._choose()
        self.hold = SenecHold(means, before, _now())
        self._back_since = None
        await self._keep()  # a power cut after this still finds what to set back
        try:
            await self._async_apply(self.hold)
        except HomeAssistantError:
            # It may have arrived all the same, so it is set back rather than forgotten.
            self.hold = self.hold.ended()
            await self._keep()
            raise

    async def _async_end(self) -> None:
        if self.hold is None:
            return
        self.hold = self.hold.ended()
        self._asked_at = float("-inf")
        await self._keep()
        await self.async_tick()

    def _choose(self) -> tuple[Means, float]:
        reserve = self._reserve()
        if reserve is not None and self._wanted_reserve(reserve) is not None:
            return Means.RESERVE, float(reserve.state)
        return Means.FORCED_CHARGE, float(self._value(FORCED_CHARGE.stem) is True)

    async def _async_apply(self, hold: SenecHold) -> None:
        if hold.means is Means.FORCED_CHARGE:
            if hold.changes_anything:
                await self._force(True)
            return
        reserve = self._reserve()
        wanted = None if reserve is None else self._wanted_reserve(reserve)
        if reserve is None or wanted is None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="senec_no_reserve")
        await self._async_set_reserve(reserve, max(wanted, hold.before))

    # --- while it lasts --------------------------------------------------------------

    async def async_tick(self) -> None:
        """See whether it is over, and set back what is to be; called after every poll."""
        if self.hold is None:
            return
        if not self.hold.ending:
            shown = self._is_shown(self.hold)
            if self.hold.was_taken_away(_now(), holds=shown):
                LOGGER.info(
                    "The hold of the battery was ended at the device, or by another program"
                )
                await self._async_forget()
                return
            if not self.hold.is_over(_now(), holds=shown):
                return
            self.hold = self.hold.ended()
            await self._keep()
        await self._async_set_back(self.hold)

    async def _async_set_back(self, hold: SenecHold) -> None:
        """Set back what was before, again and again until the device shows it for a while."""
        if not hold.changes_anything:
            await self._async_forget()
            return
        now = _now()
        if self._is_back(hold):
            # A forced charge that was released has been seen to begin again 10 s later.
            self._back_since = now if self._back_since is None else self._back_since
            if now - self._back_since >= _STAYS_BACK:
                await self._async_forget()
            return
        self._back_since = None
        if now - self._asked_at < _ASK_AGAIN[hold.means]:
            return
        self._asked_at = now
        try:
            if hold.means is Means.FORCED_CHARGE:
                await self._force(False)
            elif (reserve := self._reserve()) is not None:
                await self._async_set_reserve(reserve, hold.before)
        except HomeAssistantError as error:
            LOGGER.debug("The hold of the battery is not set back yet: %s", error)

    async def _async_forget(self) -> None:
        self.hold = None
        await self._keep()

    def _is_shown(self, hold: SenecHold) -> bool | None:
        if hold.means is Means.FORCED_CHARGE:
            value = self._value(FORCED_CHARGE.stem)
            return value if isinstance(value, bool) else None
        reserve = self._reserve()
        return None if reserve is None else float(reserve.state) > hold.before

    def _is_back(self, hold: SenecHold) -> bool:
        if hold.means is Means.FORCED_CHARGE:
            return self._value(FORCED_CHARGE.stem) is False
        reserve = self._reserve()
        return reserve is not None and float(reserve.state) == hold.before

    # --- the reserve, of the cloud entry of the same system -------------------------------

    @callback
    def _reserve(self) -> State | None:
        """Return the state of the reserve's number, where there is one that can be set."""
        entities = er.async_get(self._hass)
        for number in (f"S{self._device_id()}", self._device_id()):
            entity_id = entities.async_get_entity_id(
                NUMBER, DOMAIN, f"senec_cloud_{number}_emergency_reserve"
            )
            state = None if entity_id is None else self._hass.states.get(entity_id)
            if state is not None and state.state not in {STATE_UNAVAILABLE, STATE_UNKNOWN}:
                return state
        return None

    def _wanted_reserve(self, reserve: State) -> float | None:
        level, highest = self._value(_LEVEL), reserve.attributes.get(ATTR_MAX)
        if not isinstance(level, int | float) or not isinstance(highest, int | float):
            return None
        return reserve_for(float(level), float(highest))

    async def _async_set_reserve(self, reserve: State, percent: float) -> None:
        await self._hass.services.async_call(
            NUMBER,
            SERVICE_SET_VALUE,
            {ATTR_ENTITY_ID: reserve.entity_id, ATTR_VALUE: percent},
            blocking=True,
        )


async def async_let_go(hass: HomeAssistant, entry: HausstromConfigEntry, stored: object) -> None:
    """Set back what was stored of a hold, for an entry that is deleted: once, as well as it goes."""
    hold = SenecHold.restored(stored)
    if hold is None or not hold.changes_anything:
        return
    session = new_session(hass)
    client, _seen = client_of(session, entry.data)

    async def force(on: bool) -> None:
        one = FORCED_CHARGE.write(on)
        try:
            await client.query(write_body(one.ref, one.prefix, one.value))
        except LalaError as error:
            LOGGER.warning("%s: the hold of its battery was not ended: %s", entry.title, error)

    async def keep() -> None:
        """Nothing is kept any more."""

    battery = BatteryHold(
        hass,
        device_id=lambda: str(entry.unique_id).removeprefix("senec_"),
        value=lambda _key: None,
        force=force,
        keep=keep,
    )
    battery.hold = hold
    try:
        await client.probe()
        await battery.async_set(on=False)
    except LalaError as error:
        LOGGER.warning("%s: the hold of its battery was not ended: %s", entry.title, error)
    finally:
        await session.close()


def _now() -> float:
    return datetime.now(UTC).timestamp()
