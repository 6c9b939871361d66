"""Log lines that can be posted in public: of an id the last four characters, of a secret nothing.

Messages name an entry by its title, and a title may hold the id of a device: that of a SmartLog, of a
GX. So what our own entries know as an id or a secret is taken out of every line at the one place that
all of them pass.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Final, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .common.text import tail
from .const import DOMAIN, LOGGER

_SHORTEST: Final = 5
_OPENS: Final = frozenset(
    {
        "access", "api_key", "authentication_key", "cloudhook", "key", "password", "refresh", "token",
        "totp_secret", "webhook_id",
    }
)  # fmt: skip
_NAMES: Final = frozenset(
    {
        "control_unit_number", "gateway_id", "mac", "meter_number", "portal_id", "smartlog_id",
        "system_id", "system_title",
    }
)  # fmt: skip
_HIDDEN: Final = "**"
_FORMATTER: Final = logging.Formatter()


class LogFilter(logging.Filter):
    """Takes ids and secrets of this integration's entries out of its own log lines."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Look at the entries of this Home Assistant."""
        super().__init__()
        self._hass = hass

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without what it should not tell."""
        told = self._told()
        if not told:
            return True
        known = re.compile(
            "|".join(map(re.escape, sorted(told, key=len, reverse=True))), re.IGNORECASE
        )

        def without(text: str) -> str:
            return known.sub(lambda found: told[found[0].casefold()], text)

        message = record.getMessage()
        if (shown := without(message)) != message:
            record.msg, record.args = shown, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = without(_FORMATTER.formatException(record.exc_info))
        return True

    def _told(self) -> dict[str, str]:
        """Return what is known of all entries, and what may be said instead."""
        told: dict[str, str] = {}
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            identity = str(entry.unique_id).rpartition("_")[2]
            for text, instead in (
                *_texts(entry.data),
                *_texts(entry.options),
                (identity, tail(identity)),
            ):
                if len(text) >= _SHORTEST:
                    told.setdefault(text.casefold(), instead)
            if entry.state is ConfigEntryState.LOADED:
                told.update(dict.fromkeys(map(str.casefold, entry.runtime_data.secrets()), _HIDDEN))
        return told


def _texts(data: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _texts(value)
        elif isinstance(value, str) and name in _OPENS:
            yield value, _HIDDEN
        elif isinstance(value, str) and name in _NAMES:
            yield value, tail(value)
        elif isinstance(value, str) and "@" in value:
            yield value, _HIDDEN  # somebody's address


@callback
def async_filter_log(hass: HomeAssistant) -> None:
    """Begin to look at our log lines; a filter of an earlier Home Assistant in this process goes."""
    for one in list(LOGGER.filters):
        if isinstance(one, LogFilter):
            LOGGER.removeFilter(one)
    LOGGER.addFilter(LogFilter(hass))
