"""Reading what the app offers beside the dashboard, seldom and only where a system has it."""

from datetime import timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ...common.value import Value
from ..protocol.errors import SenecServiceError
from .base import NOT_GIVEN
from .chores import DAILY, HOURLY
from .descriptions import (
    FORECAST_CHARGING,
    TOTALS,
    WALLBOX_DAY_BEGAN,
    wallbox_energy_key,
    wallbox_energy_row,
)
from .filling import Filler
from .past import async_hours
from .protocol import readings
from .protocol.app import Resolution
from .protocol.history import full_hour, local_midnight, totals_by_counter
from .site import SiteReading

FIRST_OF_DAY: Final = timedelta(minutes=5)  # before it there is nothing to be told of a day
WALLBOXES_SHORTEST: Final = timedelta(minutes=25)
"""A pause of the wallboxes' own counters that is longer is a gap: they are read every 15 minutes."""


class SeldomReading(SiteReading):
    """Reads totals, the energy of each wallbox, and forecast charging."""

    filler: Filler
    """Fills what the readings of the counters have missed."""

    async def _read_wallbox_energy(self) -> None:
        """Read the day's energy of each wallbox where there are several: of one it is the total."""
        ids = self._wallbox_ids or ()
        now = dt_util.utcnow()
        began = local_midnight(now.astimezone(self.zone).date(), self.zone)
        if len(self.asked_wallbox_ids or ()) < 2 or now - began < FIRST_OF_DAY:
            return
        keys = [wallbox_energy_key(index) for index in range(len(ids))]
        resolution = Resolution.HOUR if full_hour(began) == began else Resolution.FIVE_MINUTES
        hours = await async_hours(self, began, now, keys, resolution)
        values: dict[str, Value] = {
            key: sum(hour.energy for hour in told) if (told := hours.get(key)) else None
            for key in keys
        }
        readings.leave_out_leaps(values, keys, (now - began) / timedelta(hours=1))
        self._offer(map(wallbox_energy_row, range(len(ids))), values)
        self.async_note({**values, WALLBOX_DAY_BEGAN: began})
        self.filler.see(now, now, values, keys, WALLBOXES_SHORTEST)

    async def _read_totals(self) -> None:
        """Read the energies of the system's whole life, year by year."""
        app, ids = self.account.app, self.asked_wallbox_ids
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
        self._chore("totals").every = HOURLY
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
            chore.every = DAILY  # not every system has it, or has it for ever
            mode = None
        else:
            chore.every = HOURLY
        values = readings.from_forecast_charging(mode)
        self._offer(FORECAST_CHARGING, values)
        self.async_note(values)
