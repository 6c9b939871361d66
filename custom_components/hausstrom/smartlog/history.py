"""The past of each meter as external statistics: late readings, months, due dates.

They are not put under the sensor's own id: the recorder's own sum would start anew after an
import. One statistic per meter, of the register that it is billed by, under an id made of
gateway and meter that never changes.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.util import dt as dt_util

from ..common.slug import slug
from ..const import DOMAIN, LOGGER
from .protocol.calendar import closes
from .protocol.changes import RegisterReading
from .protocol.meter import Meter
from .protocol.registers import billing_unit
from .protocol.series import RegisterHour, hour_of, merged
from .protocol.units import Group, conversion

if TYPE_CHECKING:
    from homeassistant.components.recorder.models import StatisticMetaData

MOST_WAITING: Final = 100_000
"""Readings that may wait to be written."""
_AT_ONCE: Final = 50
"""Meters after which the event loop gets its turn."""
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


def statistic_id(gateway_id: str, uid: str) -> str:
    """Return the id of a meter's statistic; it holds the meter's number."""
    gateway = slug(gateway_id).strip("_") or "smartlog"
    return f"{DOMAIN}:{gateway}_{uid.strip('_')}"


class History:
    """Writes what registers showed into the long-term statistics, hour by hour."""

    def __init__(self, hass: HomeAssistant, gateway_id: str) -> None:
        """Begin with nothing to write."""
        self._hass = hass
        self._gateway_id = gateway_id
        self._waiting: dict[str, list[RegisterReading]] = {}
        self._meters: dict[str, Meter] = {}
        self._tails: dict[str, RegisterHour] = {}
        self._turn = asyncio.Lock()
        self._settled = False
        self.counts: Counter[str] = Counter()

    def add(self, meter: Meter, readings: list[RegisterReading]) -> None:
        """Take readings of the register that a meter is billed by, in the register's unit."""
        point = meter.billed
        if point is None:
            return
        factor = conversion(point.unit, billing_unit(point))
        zone = dt_util.get_default_time_zone()
        waiting = self._waiting.setdefault(meter.uid, [])
        self._meters[meter.uid] = meter
        for reading in readings[: MOST_WAITING - len(waiting)]:
            waiting.append(
                RegisterReading(
                    closes(reading.time, zone) if reading.dated else reading.time,
                    reading.value if factor is None else float(reading.value * factor),
                    reading.restart,
                    reading.dated,
                )
            )

    @property
    def waits(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._waiting)

    @property
    def _is_recording(self) -> bool:
        recorder = self._hass.data.get(DATA_INSTANCE)
        return recorder is not None and recorder.is_alive()

    async def async_write_due(self) -> None:
        """Write the readings of hours that are over, if there are any."""
        if self.waits:
            await self.async_write()

    async def async_write(self, *, all_of_it: bool = False) -> None:
        """Write what belongs to hours that are over; all, if Home Assistant stops."""
        if not self._waiting or not self._is_recording:
            return
        async with self._turn:
            now = int(dt_util.utcnow().timestamp())
            this_hour = hour_of(now + 1)
            for number, uid in enumerate(list(self._waiting), 1):
                readings = self._waiting[uid]
                over = [one for one in readings if all_of_it or hour_of(one.time) < this_hour]
                if over:
                    open_hour = [one for one in readings if one not in over]
                    if open_hour:
                        self._waiting[uid] = open_hour
                    else:
                        del self._waiting[uid]
                    await self._async_merge(self._meters[uid], over, now)
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def _async_merge(self, meter: Meter, readings: list[RegisterReading], now: int) -> None:
        from homeassistant.components.recorder.statistics import (  # noqa: PLC0415  only if it is there
            async_add_external_statistics,
        )

        point = meter.billed
        if point is None:
            return
        name = statistic_id(self._gateway_id, meter.uid)
        rows = await self._async_rows(name, min(hour_of(one.time) for one in readings))
        new, refused = merged(rows, readings, from_zero=point.group is Group.HCA, now=now)
        self.counts["did_not_fit"] += refused
        if refused:
            LOGGER.debug("%s: %d readings do not fit between the others", name, refused)
        if not new:
            return
        self.counts["rows"] += len(new)
        last = max(new[-1], rows[-1]) if rows else new[-1]
        self._tails[name] = last
        async_add_external_statistics(
            self._hass,
            self._metadata(meter, name, billing_unit(point)),
            [
                {
                    "start": datetime.fromtimestamp(row.hour, UTC),
                    "state": row.state,
                    "sum": row.sum,
                }
                for row in new
            ],
        )

    async def _async_rows(self, name: str, first: int) -> list[RegisterHour]:
        """Return the rows of a statistic from the last before `first` on."""
        tail = self._tails.get(name)
        if tail is not None and tail.hour <= first:
            return [tail]
        from homeassistant.components.recorder.statistics import (  # noqa: PLC0415  see above
            get_last_statistics,
        )

        instance = self._hass.data[DATA_INSTANCE]
        if not self._settled:
            # What was given to the recorder before a reload has to be there.
            await instance.async_block_till_done()
            self._settled = True
        if tail is None:
            found = await instance.async_add_executor_job(
                get_last_statistics, self._hass, 1, name, False, {"state", "sum"}
            )
            rows = rows_of(found.get(name, []))
            if not rows:
                return []
            if rows[-1].hour <= first:
                return rows
        # What was given to the recorder just before has to be there.
        await instance.async_block_till_done()
        return await async_rows(self._hass, {name}, _BEGINNING, None, name)

    def _metadata(self, meter: Meter, name: str, unit: str | None) -> StatisticMetaData:
        from homeassistant.components.recorder.models import (  # noqa: PLC0415  see above
            StatisticMeanType,
        )

        classes = {"kWh": "energy", "m³": "volume"}
        return {
            "source": DOMAIN,
            "statistic_id": name,
            "name": f"{meter.label or meter.medium} {meter.id}".strip(),
            "unit_of_measurement": unit,
            "unit_class": classes.get(unit or ""),
            "has_sum": True,
            "mean_type": StatisticMeanType.NONE,
        }


def rows_of(found: Sequence[object]) -> list[RegisterHour]:
    """Return rows of the recorder as ours; those without a sum are left out."""
    rows = []
    for item in found:
        match item:
            case {"start": int() | float() as start, "state": int() | float() as state,
                  "sum": int() | float() as total}:  # fmt: skip
                rows.append(RegisterHour(int(start), float(state), float(total)))
    return sorted(rows)


async def async_rows(
    hass: HomeAssistant, names: set[str], start: datetime, end: datetime | None, name: str
) -> list[RegisterHour]:
    """Return the hourly rows of one statistic between two times."""
    found = await async_rows_of_all(hass, names, start, end)
    return found.get(name, [])


async def async_rows_of_all(
    hass: HomeAssistant, names: set[str], start: datetime, end: datetime | None
) -> dict[str, list[RegisterHour]]:
    """Return the hourly rows of several statistics between two times."""
    from homeassistant.components.recorder.statistics import (  # noqa: PLC0415  only if it is there
        statistics_during_period,
    )

    found = await hass.data[DATA_INSTANCE].async_add_executor_job(
        statistics_during_period, hass, start, end, names, "hour", None, {"state", "sum"}
    )
    return {name: rows_of(rows) for name, rows in found.items()}
