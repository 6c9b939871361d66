"""Warnings under Repairs about the house: a module that drifts from the others, meters that are swapped."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ...common.text import plain
from ...common.value import Value
from ...const import DOMAIN
from ...coordinator import HausstromConfigEntry
from .protocol.drift import DriftWatch
from .protocol.meters import SwappedMeters

DRIFT: Final = "module_drift"
_MODULE: Final = "senec_module_drift"
_METERS: Final = "senec_meters_swapped"
HINTS: Final = (_MODULE, _METERS)


class Hints:
    """What is worth telling the owner of one system; each is withdrawn when it is over."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Begin without a hint."""
        self._hass = hass
        self._entry = entry
        self._modules = DriftWatch()
        self._meters = SwappedMeters()

    @callback
    def look_at_modules(self, readings: Mapping[str, Value]) -> bool | None:
        """Compare the modules of one answer; return whether one drifts."""
        drifts = self._modules.look(readings)
        worst = max(self._modules.drifts, key=lambda drift: abs(drift.by), default=None)
        self._tell(
            _MODULE,
            None
            if worst is None
            else {
                "module": worst.letter,
                "difference": "; ".join(
                    f"{drift.letter}: {drift.text}" for drift in self._modules.drifts
                ),
            },
        )
        return drifts

    @callback
    def look_at_house(self, power: Value, now: float) -> None:
        """Look at the house power (W); `now` is seconds on a steady clock."""
        number = float(power) if isinstance(power, int | float) else None
        before = self._meters.suspected
        if self._meters.look(number, now) != before:
            self._tell(_METERS, {} if self._meters.suspected else None)

    @callback
    def _tell(self, hint: str, placeholders: Mapping[str, str] | None) -> None:
        issue_id = f"{hint}_{self._entry.entry_id}"
        if placeholders is None:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=hint,
            translation_placeholders={"name": plain(self._entry.title), **placeholders},
        )
