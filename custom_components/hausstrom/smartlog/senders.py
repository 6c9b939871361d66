"""Whose report it is: our gateway's, another's, and whether it came before."""

from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..coordinator import HausstromConfigEntry
from .const import CONF_GATEWAY_ID
from .issues import async_report_foreign
from .protocol.model import GatewayReport, Report
from .protocol.topics import complete_from_topic, level_of

MOST_FOREIGN = 100


class Senders:
    """Tells the reports of one entry's gateway from those of others."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Begin without having heard anybody."""
        self._hass = hass
        self._entry = entry
        self._gateway_id: str = entry.data[CONF_GATEWAY_ID]
        self._last_sent = 0
        self.foreign: set[str] = set()
        self.own_level: int | None = None
        """At which level of the topics our gateway's id was seen."""

    def complete(self, report: Report, topic: str) -> None:
        """Fill in what a report leaves to its topic."""
        level = level_of(topic, self._gateway_id)
        if level is not None:
            self.own_level = level
        complete_from_topic(report, topic, self._gateway_id, self._others, self.own_level)

    @property
    def _others(self) -> set[str]:
        """The gateways of the other entries, which may be on the same broker."""
        entries = self._hass.config_entries.async_entries(DOMAIN)
        return {entry.data.get(CONF_GATEWAY_ID, "") for entry in entries} - {"", self._gateway_id}

    @callback
    def is_ours(self, report: GatewayReport) -> bool:
        """Return whether a report is of the entry's gateway; tell the user if it is not."""
        if report.id in {"", self._gateway_id}:
            return True
        if report.id not in self.foreign and len(self.foreign) < MOST_FOREIGN:
            self.foreign.add(report.id)
            others = self._hass.config_entries.async_entries(DOMAIN)
            if all(entry.unique_id != f"smartlog_{report.id}" for entry in others):
                async_report_foreign(self._hass, self._entry, report.id)
        return False

    def is_news(self, reports: list[GatewayReport]) -> bool:
        """Return whether a report is not the one that came before: no sign of life then.

        A report that states no time at all may be as the one before and still be new.
        """
        sent = max((_time_of(report) for report in reports), default=0)
        news = sent != self._last_sent
        self._last_sent = sent
        return news


def _time_of(report: GatewayReport) -> int:
    times = (point.time for meter in report.meters for point in meter.points)
    return report.time or max(times, default=0)
