"""What each meter counted between two dates: what landlords owe their tenants every month."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Final

import probatio as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from ..const import DOMAIN
from ..kinds import Action
from .coordinator import SmartLogCoordinator
from .history import async_rows_of_all, statistic_id
from .protocol.meter import Meter
from .protocol.registers import billing_unit
from .protocol.series import HOUR, RegisterHour, reading_at

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"
ATTR_START: Final = "start"
ATTR_END: Final = "end"
ATTR_FORMAT: Final = "format"
COLUMNS: Final = (
    "number", "label", "place", "medium", "unit", "reading_start", "reading_start_date",
    "reading_end", "reading_end_date", "consumption", "interpolated",
)  # fmt: skip
_WINDOWS: Final = (
    timedelta(hours=3), timedelta(days=2), timedelta(days=45), timedelta(days=800),
    timedelta(days=20_000),
)  # fmt: skip
"""How far around a date readings are looked for: most meters have one within the hour."""

SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Required(ATTR_START): cv.datetime,
        vol.Required(ATTR_END): cv.datetime,
        vol.Optional(ATTR_FORMAT, default="list"): vol.In(["list", "csv"]),
    }
)


async def _async_get_consumption(call: ServiceCall) -> ServiceResponse:
    """Return the readings at both dates and what was counted between, meter by meter."""
    coordinator = _coordinator(call)
    start, end = _utc(call.data[ATTR_START]), _utc(call.data[ATTR_END])
    if end <= start:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="end_before_start")
    if DATA_INSTANCE not in call.hass.data:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_recorder")
    await coordinator.history.async_write_due()
    # What was given to the recorder just before has to be there.
    await call.hass.data[DATA_INSTANCE].async_block_till_done()
    meters = await async_consumption(call.hass, coordinator, start, end)
    if call.data[ATTR_FORMAT] == "csv":
        return {"csv": as_csv(meters)}
    return {"meters": [*meters]}


def _utc(moment: datetime) -> datetime:
    """Return a time as UTC; without an offset it is one of the house."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt_util.get_default_time_zone())
    return moment.astimezone(UTC)


def _coordinator(call: ServiceCall) -> SmartLogCoordinator:
    entry = service.async_get_config_entry(call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID])
    coordinator = entry.runtime_data
    if not isinstance(coordinator, SmartLogCoordinator):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_smartlog",
            translation_placeholders={"name": entry.title},
        )
    return coordinator


async def async_consumption(
    hass: HomeAssistant, coordinator: SmartLogCoordinator, start: datetime, end: datetime
) -> list[JsonObjectType]:
    """Return a row per meter that is billed: what it showed at both dates, and the difference."""
    meters = [meter for meter in coordinator.meters if meter.billed is not None]
    names = {meter.uid: statistic_id(coordinator.gateway_id, meter.uid) for meter in meters}
    wanted = set(names.values())
    at_start = await _async_around(hass, wanted, start)
    at_end = await _async_around(hass, wanted, end)
    now = int(dt_util.utcnow().timestamp())
    return [
        _row(
            coordinator,
            meter,
            _reading(at_start.get(names[meter.uid], []), start, now),
            _reading(at_end.get(names[meter.uid], []), end, now),
        )
        for meter in meters
    ]


type RegisterAt = tuple[float, float, int, bool]
"""What a register showed, the sum of what it counted, when, and whether it is interpolated."""


def _reading(rows: list[RegisterHour], moment: datetime, now: int) -> RegisterAt | None:
    return reading_at(rows, int(moment.timestamp()), now)


def _row(
    coordinator: SmartLogCoordinator,
    meter: Meter,
    first: RegisterAt | None,
    last: RegisterAt | None,
) -> JsonObjectType:
    assert meter.billed is not None  # noqa: S101  the caller has looked
    counted = round(last[1] - first[1], 6) if first is not None and last is not None else None
    return {
        "number": meter.id,
        "label": meter.label or None,
        "place": coordinator.place_of(meter),
        "medium": meter.medium or None,
        "unit": billing_unit(meter.billed),
        "reading_start": None if first is None else first[0],
        "reading_start_date": None if first is None else _date(first[2]),
        "reading_end": None if last is None else last[0],
        "reading_end_date": None if last is None else _date(last[2]),
        "consumption": counted,
        "interpolated": None
        if first is None and last is None
        else any(found is not None and found[3] for found in (first, last)),
    }


def _date(seconds: int) -> str:
    return dt_util.as_local(datetime.fromtimestamp(seconds, UTC)).isoformat()


async def _async_around(
    hass: HomeAssistant, names: set[str], moment: datetime
) -> dict[str, list[RegisterHour]]:
    """Return for each statistic the rows around a time, with one before it and one after it.

    Looks further around only for those that have none nearby.
    """
    found: dict[str, list[RegisterHour]] = {}
    missing = set(names)
    time = int(moment.timestamp())
    for window in _WINDOWS:
        if not missing:
            break
        start = max(moment - window, datetime(1990, 1, 1, tzinfo=UTC))
        rows = await async_rows_of_all(hass, missing, start, moment + window)
        for name in list(missing):
            own = rows.get(name, [])
            found[name] = own
            if any(row.hour + HOUR == time for row in own) or (
                own and own[0].hour + HOUR < time < own[-1].hour + HOUR
            ):
                missing.discard(name)
    return found


def as_csv(meters: list[JsonObjectType]) -> str:
    """Return the rows as a table in text, quoted where a label needs it."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for meter in meters:
        writer.writerow([_cell(meter[name]) for name in COLUMNS])
    return table.getvalue()


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: labels are other people's words."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return "" if value is None else value


ACTIONS: Final = {"get_consumption": Action(schema=SCHEMA, handler=_async_get_consumption)}
