"""The plan: whether to hold the battery back, at which limit, until when; and why.

`decide` is the whole: a situation in, a decision out. It changes nothing and reads no clock.
"""

from typing import Final, NamedTuple

from .day import MOST_WRITES
from .decision import Act, DecisionReason
from .lever import Hold, Setting
from .model import STEP_HOURS
from .outlook import Outlook, Situation, look_ahead
from .search import Choice, Cost, Search
from .simulation import run_held

LEAST_SAVING: Final = 1000.0  # Wh a day: less is not worth a write
LEAST_SHARE: Final = 0.1  # of the capacity: where less than LEAST_SAVING is much for the battery
LIKELY: Final = 0.4  # below it a plan waits; the next hour knows more
LEAST_GAIN: Final = 0.01  # €: what a change of a plan has to bring
SECOND_CHANGE: Final = 0.03  # €: and a further one
WORST_LOSS: Final = 0.05  # €: what a lever that does less than hoped may cost a day
EQUAL: Final = 0.003  # €: choices so near to the best are as good


class Decision(NamedTuple):
    """What to do, why, and the numbers it rests on (Wh, €)."""

    act: Act
    reason: DecisionReason
    setting: Setting | None  # what holds after the act
    saving: float  # Wh that the setting is expected to save, against none, from now on
    lost_without: float  # Wh that would be lost without any
    gain: float  # € of the act against doing nothing
    outlook: Outlook
    milliseconds: float = 0.0


def decide(situation: Situation) -> Decision:
    """Return what to do now."""
    outlook = look_ahead(situation)
    search = Search(situation, outlook)
    current = situation.current
    if current is not None and current.end <= situation.now:
        return _decision(Act.RELEASE, DecisionReason.ENDED, None, search.without, search)
    if current is None:
        return _begin(situation, search)
    return _go_on(situation, current, search)


def _decision(
    act: Act,
    reason: DecisionReason,
    setting: Setting | None,
    cost: Cost,
    search: Search,
    *,
    instead: Cost | None = None,
) -> Decision:
    without = search.without
    gain = (without if instead is None else instead).euros - cost.euros
    saving = max(0.0, without.lost - cost.lost)
    return Decision(act, reason, setting, saving, without.lost, gain, search.outlook)


def _begin(situation: Situation, search: Search) -> Decision:
    """Decide whether to begin a plan."""
    without = search.without

    def no(reason: DecisionReason) -> Decision:
        return _decision(Act.NOTHING, reason, None, without, search)

    worth = min(LEAST_SAVING, LEAST_SHARE * situation.site.battery.capacity)
    if without.lost < worth:
        return no(DecisionReason.NOTHING_LOST if without.lost < 1.0 else DecisionReason.TOO_LITTLE)
    if search.likely < LIKELY:
        return no(DecisionReason.UNLIKELY)
    if situation.spent + 2 > MOST_WRITES:
        return no(DecisionReason.NO_WRITES_LEFT)
    choice = _best(search)
    if choice is None or without.lost - choice.cost.lost < worth:
        return no(DecisionReason.TOO_LITTLE if choice is not None else DecisionReason.MIGHT_COST)
    return _decision(Act.SET, DecisionReason.PLANNED, choice.setting, choice.cost, search)


def _best(search: Search) -> Choice | None:
    """Return the choice of least cost that harms nobody; among equals the one that holds low."""
    gains = sorted(
        (c for c in search.choices() if c.cost.euros < search.without.euros - LEAST_GAIN),
        key=lambda choice: choice.cost.euros,
    )
    best: Choice | None = None
    for choice in gains:
        if best is not None and choice.cost.euros > best.cost.euros + EQUAL:
            break
        if not _harmless(search, choice):
            continue
        if best is None or _lower(choice, best):
            best = choice
    return best


def _lower(choice: Choice, other: Choice) -> bool:
    """Whether a choice keeps the battery low for longer."""
    return (choice.setting.end, -choice.setting.limit) > (other.setting.end, -other.setting.limit)


def _harmless(search: Search, choice: Choice) -> bool:
    """Whether no scenario loses more than the plan gains, whatever the lever does."""
    gain = search.without.euros - choice.cost.euros
    if choice.cost.worst > max(gain, LEAST_GAIN):
        return False
    return search.cautious(choice.setting.limit, search.step(choice.setting.end)) <= WORST_LOSS


def _go_on(situation: Situation, current: Setting, search: Search) -> Decision:
    """Decide whether a plan that is set stays, changes, or ends."""
    kept = search.cost(current.limit, search.step(current.end))
    if search.without.euros < kept.euros - LEAST_GAIN / 2:
        return _decision(
            Act.RELEASE, DecisionReason.RELEASED, None, search.without, search, instead=kept
        )
    keep = _decision(Act.NOTHING, DecisionReason.KEPT, current, kept, search, instead=kept)
    if situation.spent + 2 > MOST_WRITES:
        return keep
    choice = _best(search)
    needed = LEAST_GAIN if situation.spent < 2 else SECOND_CHANGE
    if choice is None or choice.cost.euros > kept.euros - needed:
        return keep
    return _decision(
        Act.SET, DecisionReason.CHANGED, choice.setting, choice.cost, search, instead=kept
    )


class Quarter(NamedTuple):
    """A quarter hour of a plan: W and percent at its start; with the plan, and without."""

    step: int
    forecast: float
    load: float
    level: float
    export: float
    level_without: float


def series(situation: Situation, outlook: Outlook, setting: Setting | None) -> list[Quarter]:
    """Return the rows from now until the next sunrise, with a setting in force."""
    battery = situation.site.battery
    surplus = [p - u for p, u in zip(outlook.pv, outlook.load, strict=True)]
    begin = battery.capacity * situation.level / 100
    limit = situation.site.export_limit
    without = run_held(surplus, begin, battery, limit, None)
    hold: Hold | None = None
    end = 0
    if setting is not None:
        # The likeliest reading; of two that are equally likely the first, as it is written.
        hold = situation.lever.holds(setting.limit, battery)[0][1]
        end = outlook.step_of(setting.end)
    held = run_held(surplus, begin, battery, limit, hold, steps=end)
    free = run_held(surplus[end:], held.level[-1], battery, limit, None)
    level = held.level[:-1] + free.level
    fed = held.fed[:-1] + [held.fed[-1] + energy for energy in free.fed]
    percent = 100 / battery.capacity
    return [
        Quarter(
            step,
            outlook.pv[step],
            outlook.load[step],
            level[step] * percent,
            (fed[step + 1] - fed[step]) / STEP_HOURS,
            without.level[step] * percent,
        )
        for step in range(len(surplus))
    ]
