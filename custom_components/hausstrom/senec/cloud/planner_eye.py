"""What the planner sees in the readings of each poll: the roof's hours, and what the lever does."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from ...const import LOGGER
from ...planning.evidence import DayWatch, Observation
from ...planning.observing import HourMeter, Observed
from .planner_needs import Readings, number
from .planner_state import PlannerState

if TYPE_CHECKING:
    from ...planning.outlook import Situation

NOTHING_TO_SEE: Final = 20.0  # Wh
MOST_POWER: Final = 30_000.0  # W: above it is no battery of a home


class Eye:
    """Sees, and writes what it learns into the state."""

    def __init__(self, name: str, state: PlannerState) -> None:
        """Begin with nothing seen of the system of a name."""
        self.name = name
        self.state = state
        self.forecast: dict[datetime, float] = {}  # as it was fetched last
        self.watch: DayWatch | None = None  # of today's plan
        self._meter = HourMeter()

    def look(self, readings: Readings, now: datetime, limit: float | None, zone: tzinfo) -> bool:
        """Take the readings of a poll (limit: W); return whether a plan was watched."""
        power, level = number(readings, "inverter_power"), number(readings, "bat_fuel_charge")
        battery_power = number(readings, "bat_power")
        export = number(readings, "grid_power_minus")
        if power is None or level is None or battery_power is None or export is None:
            return False
        charge = max(0.0, -battery_power)
        self.state.most_charge = max(self.state.most_charge, min(charge, MOST_POWER))
        seen = self._meter.see(now, power, export, limit or 0.0)
        if seen is not None and seen.hour in self.forecast:
            told = self.forecast[seen.hour]
            if told >= NOTHING_TO_SEE or seen.energy >= NOTHING_TO_SEE:
                hour = Observed(seen.hour, told, seen.energy, seen.throttled)
                self.state.add_hour(seen.hour.astimezone(zone).date(), hour)
        return self._watch_plan(Observation(now, level, charge, export))

    def _watch_plan(self, reading: Observation) -> bool:
        setting, watch = self.state.ledger.setting, self.watch
        if setting is None or watch is None or reading.at >= setting.end:
            return False
        before, saved = watch.evidence, watch.saved
        self.state.evidence = watch.see(reading, setting)
        self.state.saved += watch.saved - saved
        if before.sense is not self.state.evidence.sense:
            # Once in the life of an entry: it is remembered.
            sense = self.state.evidence.sense.value
            LOGGER.info("The capacity limit of %s was seen to say what is %s", self.name, sense)
        return True

    def begin_watching(self, situation: Situation) -> None:
        """Watch what the lever does from now on; a watch of today goes on."""
        if self.watch is None:
            site = situation.site
            self.watch = DayWatch(self.state.evidence, site.export_limit, site.battery.capacity)

    def close_day(self, expected: float) -> bool:
        """End a day on which so many Wh were to be saved; return whether the lever is no use."""
        if self.watch is not None:
            self.state.evidence = self.watch.close(expected)
            self.watch = None
            return self.state.evidence.failed
        return False
