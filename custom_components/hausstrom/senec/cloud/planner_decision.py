"""When there is something to decide, and how long a decision takes."""

from copy import replace
from datetime import timedelta
from time import perf_counter

from ...planning.outlook import SUN, Situation
from ...planning.plan import Decision, decide


def is_day(situation: Situation) -> bool:
    """Whether there is sun in this hour, or has been and will be today."""
    today = situation.now.astimezone(situation.zone).date()
    sunny = [
        hour
        for hour, energy in situation.forecast.items()
        if energy >= SUN and hour.astimezone(situation.zone).date() == today
    ]
    return bool(sunny) and min(sunny) <= situation.now < max(sunny) + timedelta(hours=1)


def timed_decision(situation: Situation) -> Decision:
    """Decide, and note how long that took; it may take some hundred milliseconds."""
    begun = perf_counter()
    decision = decide(situation)
    return replace(decision, milliseconds=1000 * (perf_counter() - begun))
