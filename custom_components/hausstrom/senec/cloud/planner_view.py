"""What of the planner's state is shown: in its entities, and in diagnostics."""

from typing import Any

from ...common.value import Values
from .planner_rows import (
    END_KEY,
    EXPECTED_KEY,
    LIMIT_KEY,
    PLAN_KEY,
    SAVED_KEY,
    SWITCH_KEY,
    PlanState,
)
from .planner_state import PlannerState


def readings_of(state: PlannerState, shown: PlanState) -> Values:
    """Return the readings of the planner's entities: limit (%), end, energies (kWh)."""
    setting = state.ledger.setting if shown is PlanState.PLANNED else None
    return {
        SWITCH_KEY: state.enabled,
        PLAN_KEY: shown.value,
        LIMIT_KEY: None if setting is None else setting.limit,
        END_KEY: None if setting is None else setting.end,
        EXPECTED_KEY: state.expected / 1000,
        SAVED_KEY: state.saved / 1000,
    }


def about(state: PlannerState) -> dict[str, Any]:
    """Return what is known of the lever, and what was saved, for a bug report."""
    return {
        "enabled": state.enabled,
        "evidence": state.evidence.as_dict(),
        "ledger": state.ledger.as_dict(),
        "saved_wh": round(state.saved),
        "expected_wh": round(state.expected),
        "most_charge_w": round(state.most_charge),
        "days_of_forecasts": len(state.hours),
    }
