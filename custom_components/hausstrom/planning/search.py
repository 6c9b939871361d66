"""The search for the setting that costs least, over all scenarios."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from .lever import Hold, Setting
from .model import STEP, Battery
from .outlook import Outlook, Situation
from .prices import Prices
from .simulation import SpanFlows, Trace, run_free, run_held

COARSE: Final = 4  # steps between the ends that are tried first
FINE: Final = 2
NOTICEABLE: Final = 500.0  # Wh


class Cost(NamedTuple):
    """What a choice costs as expected (€), what is lost (Wh), and the worst against no plan (€)."""

    euros: float
    lost: float
    worst: float = 0.0  # of all scenarios: how much more than without a plan


class Choice(NamedTuple):
    """A setting and what it costs."""

    setting: Setting
    cost: Cost


class Search:
    """Evaluates settings in one situation; what each needs of the others is worked out once."""

    def __init__(self, situation: Situation, outlook: Outlook) -> None:
        """Work out what happens without a plan."""
        self._situation = situation
        self.outlook = outlook
        self._battery: Battery = situation.site.battery
        self._limit = situation.site.export_limit
        self._level = self._battery.capacity * situation.level / 100
        begin = SpanFlows(0.0, 0.0, 0.0, self._level)
        self._without = [
            run_free(surplus, 0, begin, self._battery, self._limit)
            for _, surplus in outlook.scenarios
        ]
        self._costs_without = [self.euros(flows) for flows in self._without]
        self._traces: dict[Hold, list[Trace]] = {}
        weights = [weight for weight, _ in outlook.scenarios]
        self.likely = sum(
            weight
            for weight, flows in zip(weights, self._without, strict=True)
            if flows.lost >= NOTICEABLE
        )
        """How likely it is that something would be lost without a plan."""
        self.without = Cost(
            sum(w * c for w, c in zip(weights, self._costs_without, strict=True)),
            sum(w * flows.lost for w, flows in zip(weights, self._without, strict=True)),
        )

    def euros(self, flows: SpanFlows) -> float:
        """Return what flows cost until the next sunrise, with the night and what is left."""
        prices: Prices = self._situation.prices
        battery = self._battery
        available = (flows.level - battery.floor) * battery.efficiency
        provided = min(self.outlook.night, available)
        # What is left at sunrise may be needed on a dark day or be in the way on a bright one.
        left = (available - provided) * (prices.buy + prices.sell) / 2
        bought = flows.bought + self.outlook.night - provided
        return (bought * prices.buy - flows.fed * prices.sell - left) / 1000

    def _held(self, hold: Hold) -> list[Trace]:
        if (traces := self._traces.get(hold)) is None:
            traces = self._traces[hold] = [
                run_held(surplus, self._level, self._battery, self._limit, hold)
                for _, surplus in self.outlook.scenarios
            ]
        return traces

    def cost(self, limit: int, end: int) -> Cost:
        """Return what a limit that holds until a step costs."""
        euros = lost = 0.0
        worst = -1e9
        scenarios = self.outlook.scenarios
        for likely, hold in self._situation.lever.holds(limit, self._battery):
            for index, trace in enumerate(self._held(hold)):
                weight, surplus = scenarios[index]
                flows = run_free(surplus, end, trace.at(end), self._battery, self._limit)
                here = self.euros(flows)
                euros += likely * weight * here
                lost += likely * weight * flows.lost
                if (more := here - self._costs_without[index]) > worst:
                    worst = more
        return Cost(euros, lost, worst)

    def cautious(self, limit: int, end: int) -> float:
        """Return the expected costs more than without a plan if the lever does its least."""
        hold = self._situation.lever.cautious(limit, self._battery)
        if hold is None:
            return 0.0
        more = 0.0
        for index, trace in enumerate(self._held(hold)):
            weight, surplus = self.outlook.scenarios[index]
            flows = run_free(surplus, end, trace.at(end), self._battery, self._limit)
            more += weight * (self.euros(flows) - self._costs_without[index])
        return more

    def ends(self) -> Sequence[int]:
        """Return the steps worth trying as ends: full and half hours with surplus ahead."""
        outlook = self.outlook
        offset = (outlook.start.minute // 15) % FINE
        return range(FINE - offset if offset else FINE, len(outlook.surplus) + 1, FINE)

    def choices(self) -> Iterator[Choice]:
        """Yield a coarse grid of settings, then what lies around its best."""
        limits = self._situation.lever.limits(self._battery, self._situation.level)
        ends = list(self.ends())
        best: tuple[float, int, int] | None = None
        for limit in limits:
            for end in ends[:: COARSE // FINE]:
                cost = self.cost(limit, end)
                yield self._choice(limit, end, cost)
                if best is None or cost.euros < best[0]:
                    best = (cost.euros, limit, end)
        if best is None:
            return
        _, limit, end = best
        around = [*(step for step in limits if abs(step - limit) <= 10)]
        for other in around:
            for step in (end - FINE, end + FINE):
                if step in ends:
                    yield self._choice(other, step, self.cost(other, step))

    def _choice(self, limit: int, end: int, cost: Cost) -> Choice:
        return Choice(Setting(limit, self.moment(end)), cost)

    def step(self, moment: datetime) -> int:
        """Return the step that begins at or after a moment."""
        return self.outlook.step_of(moment)

    def moment(self, step: int) -> datetime:
        """Return when a step begins."""
        return self.outlook.start + STEP * step
