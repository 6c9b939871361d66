"""The table of system states."""

from custom_components.hausstrom.senec.protocol.states import (
    OK_CODES,
    STATE_BY_CODE,
    STATE_SLUGS,
    Severity,
    is_ok,
)


def test_every_number_from_0_to_100_has_its_own_slug() -> None:
    assert sorted(STATE_BY_CODE) == list(range(101))
    assert len(set(STATE_SLUGS)) == len(STATE_SLUGS) == 101
    assert STATE_BY_CODE[13].slug == "battery_full"


def test_ok_are_the_states_the_collector_calls_ok() -> None:
    assert {13, 14, 15, 16, 17, 18, 21, 54, 56, 88, 89} == OK_CODES
    assert is_ok(14)
    assert not is_ok(19)
    assert not is_ok(255)


def test_what_is_named_an_error_is_a_fault() -> None:
    for state in STATE_BY_CODE.values():
        if "error" in state.slug or state.slug.endswith("_fault"):
            assert state.severity is Severity.FAULT, state
