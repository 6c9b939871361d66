"""What the set-up of a SmartLog hands over to the entry it makes."""

from typing import Final

from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .listen import FirstReport

FIRST_REPORTS: Final[HassKey[dict[str, FirstReport]]] = HassKey(f"{DOMAIN}_smartlog_first_reports")
"""The report that setting up has heard, by the unique id of the entry to be: a meter that is
heard once a day is not lost for a day."""
