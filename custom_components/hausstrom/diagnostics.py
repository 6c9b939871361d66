"""Diagnostics: what may be shown in a bug report, listed; everything else stays at home.

Three nets, one behind the other: of an entry only what its kind lists is shown; of readings only
numbers, times and words that a table knows; and what the entry and its devices are called, or
keep secret, is taken out wherever it turns up.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .common.value import Value
from .const import CONF_KIND
from .coordinator import HausstromConfigEntry
from .kinds import async_get_kind

_ALWAYS_SHOWN: Final = frozenset({CONF_KIND, "tls"})
# A version, a model, a state: short, and without the runs of digits that serial numbers have.
_HARMLESS: Final = re.compile(r"[A-Za-z0-9_.+ -]{1,24}")
_NUMBERED: Final = re.compile(r"[0-9A-Fa-f]{6}|\d{5}")
_SHORTEST_SECRET: Final = 4


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: HausstromConfigEntry
) -> dict[str, Any]:
    """Return an entry's settings, its counts and its readings."""
    kind = await async_get_kind(hass, entry.data[CONF_KIND])
    shown = kind.may_be_shown | _ALWAYS_SHOWN
    report: dict[str, Any] = {
        "entry": {
            "version": f"{entry.version}.{entry.minor_version}",
            "data": _listed(entry.data, shown),
            "options": _listed(entry.options, shown),
        }
    }
    if entry.state is ConfigEntryState.LOADED:
        coordinator = entry.runtime_data
        report |= {
            "available": coordinator.available,
            "last_error": _kind_of(coordinator.last_exception),
            "device": coordinator.diagnostics(),
            "readings": {
                key: _reading(value, known=coordinator.options_of(key))
                for key, value in sorted(coordinator.readings_for_diagnostics().items())
            },
        }
    else:
        # An entry that does not come up is what most bug reports are about.
        report |= {"state": entry.state.value, "last_error": entry.error_reason_translation_key}
    cleaned: dict[str, Any] = _without(report, _names_and_secrets(hass, entry, shown))
    return cleaned


def _listed(settings: Mapping[str, Any], shown: frozenset[str]) -> dict[str, Any]:
    """Return settings with the values that may be shown; of the others, only that they are there."""
    return {
        key: value
        if key in shown
        else _listed(value, shown)
        if isinstance(value, Mapping)
        else None
        if value is None
        else REDACTED
        for key, value in settings.items()
    }


def _reading(value: Value, *, known: frozenset[str]) -> str:
    """Return a reading as it may be shown: words only if a table has them, or they are short."""
    if not isinstance(value, str):
        return str(value)
    if value in known:
        return value
    return value if _HARMLESS.fullmatch(value) and not _NUMBERED.search(value) else REDACTED


def _names_and_secrets(
    hass: HomeAssistant, entry: HausstromConfigEntry, shown: frozenset[str]
) -> frozenset[str]:
    """Return the texts that tell who or where somebody is, or open a door."""
    texts = {entry.title, entry.unique_id or "", (entry.unique_id or "").rpartition("_")[2]}
    texts.update(_texts(entry.data, shown), _texts(entry.options, shown))
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        texts.update((device.name or "", device.name_by_user or "", device.serial_number or ""))
        texts.update(value for _, value in device.connections)
        texts.update(identifier[1] for identifier in device.identifiers)
    return frozenset(text.casefold() for text in texts if len(text) >= _SHORTEST_SECRET)


def _texts(value: object, shown: frozenset[str]) -> Iterator[str]:
    """Yield the texts in settings that are not listed as fit to be shown."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in shown:
                yield from _texts(item, shown)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from _texts(item, shown)


def _without(value: Any, secrets: frozenset[str]) -> Any:
    """Return a report with every text that holds a name or secret taken out, keys included."""
    if isinstance(value, str):
        folded = value.casefold()
        return REDACTED if any(secret in folded for secret in secrets) else value
    if isinstance(value, Mapping):
        kept: dict[Any, Any] = {}
        for key, item in value.items():
            name = _without(key, secrets) if isinstance(key, str) else str(key)
            # Several keys may be taken out: each value stays, and none replaces another.
            while name in kept:
                name = f"{name}*"
            kept[name] = _without(item, secrets)
        return kept
    if isinstance(value, list | tuple | set | frozenset):
        return [_without(item, secrets) for item in value]
    return value


def _kind_of(error: BaseException | None) -> str | None:
    """Name an error without its text, which may hold an address."""
    if error is None:
        return None
    key = getattr(error, "translation_key", None)
    return f"{type(error).__name__}({key})" if key else type(error).__name__
