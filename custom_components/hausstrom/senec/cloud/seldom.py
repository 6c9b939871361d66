"""Reading what the app offers beside the dashboard, seldom and only where a system has it."""

from datetime import datetime

from homeassistant.util import dt as dt_util

from ...common.value import Value
from ..protocol.errors import SenecServiceError
from .base import NOT_GIVEN
from .chores import DAILY, HOURLY
from .descriptions import FORECAST_CHARGING, TOTALS, wallbox_energy_row
from .protocol import readings
from .protocol.app import Resolution
from .protocol.history import totals_by_counter
from .site import SiteReading


class SeldomReading(SiteReading):
    """Reads totals, the energy of each wallbox, and forecast charging."""

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
