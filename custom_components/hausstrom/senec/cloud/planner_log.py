"""The last plans, each with the numbers it rests on: for the log and for diagnostics."""

from collections import deque
from typing import TYPE_CHECKING, Final

from ...const import LOGGER

if TYPE_CHECKING:
    from ...planning.outlook import Situation
    from ...planning.plan import Decision

KEPT: Final = 24

type LogLine = dict[str, str | float | None]


class PlanLog:
    """Keeps the decisions of about two days, and logs each in a line."""

    def __init__(self, name: str) -> None:
        """Take the name of the system."""
        self._name = name
        self._lines: deque[LogLine] = deque(maxlen=KEPT)

    @property
    def lines(self) -> list[LogLine]:
        """The last decisions, the latest one last."""
        return list(self._lines)

    def note(self, situation: Situation, decision: Decision) -> None:
        """Keep a decision, and log it."""
        setting, outlook, site = decision.setting, decision.outlook, situation.site
        line: LogLine = {
            "at": situation.now.isoformat(timespec="seconds"),
            "act": decision.act.value,
            "reason": decision.reason.value,
            "limit": None if setting is None else setting.limit,
            "end": None if setting is None else setting.end.isoformat(timespec="minutes"),
            "saving_wh": round(decision.saving),
            "lost_without_wh": round(decision.lost_without),
            "gain_eur": round(decision.gain, 3),
            "level": situation.level,
            "forecast_wh": round(sum(outlook.pv) / 4),
            "correction": round(outlook.belief.mean, 3),
            "spread": round(outlook.belief.spread, 3),
            "export_limit_w": round(site.export_limit),
            "capacity_wh": round(site.battery.capacity),
            "charge_w": round(site.battery.max_charge),
            "writes": situation.spent,
            "ms": round(decision.milliseconds, 1),
        }
        self._lines.append(line)
        LOGGER.debug("Plan for %s: %s", self._name, line)
