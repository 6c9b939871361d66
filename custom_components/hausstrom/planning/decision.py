"""What a plan may decide, and why: known also where nothing is being planned."""

from enum import StrEnum


class Act(StrEnum):
    """What is to be done at the device."""

    NOTHING = "nothing"
    SET = "set"
    RELEASE = "release"  # what the user had before


class DecisionReason(StrEnum):
    """Why a decision is what it is."""

    NOTHING_LOST = "nothing_lost"  # nothing would be lost without a plan
    UNLIKELY = "unlikely"  # something would be lost only if more sun comes than is forecast
    TOO_LITTLE = "too_little"  # a plan would save too little
    MIGHT_COST = "might_cost"  # what a plan may cost outweighs what it saves
    PLANNED = "planned"
    KEPT = "kept"  # the plan that is set is still good
    CHANGED = "changed"
    RELEASED = "released"  # from now on charging freely is best
    ENDED = "ended"  # the plan's end has come
    NO_WRITES_LEFT = "no_writes_left"
