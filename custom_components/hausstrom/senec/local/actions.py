"""Actions for the curious and for bug reports: lala.cgi's objects, and the device's own log."""

from datetime import date
from typing import Final

import probatio as vol
from homeassistant.core import (
    ServiceCall,
    ServiceResponse,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service
from homeassistant.util.json import JsonObjectType, JsonValueType

from ...const import DOMAIN
from ...kinds import Action
from .coordinator import SenecLocalCoordinator
from .protocol.client import LalaError
from .protocol.codec import Answer, Cell, Refusal, Scalar

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"
ATTR_DATE: Final = "date"
ATTR_SECTIONS: Final = "sections"
SERVICE_READ: Final = "read_senec"
SERVICE_READ_LOG: Final = "read_senec_log"

_SECTION: Final = vol.All(cv.string, vol.Match(r"^[A-Za-z0-9_]{1,40}$"))
READ_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Optional(ATTR_SECTIONS, default=list): vol.All(cv.ensure_list, [_SECTION]),
    }
)
READ_LOG_SCHEMA: Final = vol.Schema(
    {vol.Required(ATTR_CONFIG_ENTRY_ID): cv.string, vol.Required(ATTR_DATE): cv.date}
)


async def _async_read(call: ServiceCall) -> ServiceResponse:
    coordinator = _coordinator(call)
    sections: list[str] = [name.upper() for name in call.data[ATTR_SECTIONS]]
    try:
        answer = await coordinator.client.read_sections(sections)
    except LalaError as error:
        raise _read_failed(coordinator) from error
    return as_response(answer)


async def _async_read_log(call: ServiceCall) -> ServiceResponse:
    coordinator = _coordinator(call)
    day: date = call.data[ATTR_DATE]
    try:
        lines = await coordinator.client.log_lines(day)
    except LalaError as error:
        if error.status == 404:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="senec_no_log",
                translation_placeholders={"date": day.isoformat()},
            ) from error
        raise _read_failed(coordinator) from error
    return {"lines": [*lines]}


def as_response(answer: Answer) -> JsonObjectType:
    """Return an answer as an action gives it back: what is no value is null, its reason beside it."""
    return {
        "sections": {
            section: {name: _plain(cell) for name, cell in variables.items()}
            for section, variables in answer.sections.items()
        },
        "refused": [
            {
                "section": refused.section,
                "variable": refused.variable,
                "index": refused.position,
                "reason": refused.reason.value,
            }
            for refused in answer.refused()
        ],
        "refused_sections": {
            section: reason.value for section, reason in answer.refused_sections.items()
        },
    }


def _plain(cell: Cell) -> JsonValueType:
    if isinstance(cell, list):
        return [_plain_value(value) for value in cell]
    return _plain_value(cell)


def _plain_value(value: Scalar) -> JsonValueType:
    return None if isinstance(value, Refusal) else value


def _coordinator(call: ServiceCall) -> SenecLocalCoordinator:
    entry = service.async_get_config_entry(call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID])
    if not isinstance(entry.runtime_data, SenecLocalCoordinator):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_local_senec",
            translation_placeholders={"name": entry.title},
        )
    return entry.runtime_data


def _read_failed(coordinator: SenecLocalCoordinator) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="senec_read_failed",
        translation_placeholders={"name": coordinator.name},
    )


ACTIONS: Final = {
    SERVICE_READ: Action(schema=READ_SCHEMA, handler=_async_read),
    SERVICE_READ_LOG: Action(schema=READ_LOG_SCHEMA, handler=_async_read_log),
}
