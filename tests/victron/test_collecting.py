"""What is collected: only what changed is looked at, and nothing is lost by it."""

from collections.abc import Iterable, Iterator
from unittest.mock import patch

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.victron.protocol.collecting import REST
from custom_components.hausstrom.victron.protocol.slot import Slot
from simulators.victron_home_values import home_values
from tests.victron.gx import PORTAL, Gx

type Update = tuple[str, object, int]
"""Path with service, what it says, and the seconds that pass then."""

HOME = {"/".join(address): value for address, value in home_values(PORTAL).items()}
OUTPUT = "switch/7/SwitchableOutput/1"
OUTPUTS: dict[str, object] = {
    f"{OUTPUT}/State": 1,
    f"{OUTPUT}/Status": 9,
    f"{OUTPUT}/Dimming": 40,
    f"{OUTPUT}/Settings/Type": 2,
    f"{OUTPUT}/Settings/CustomName": "Lamp",
    f"{OUTPUT}/Settings/DimmingMax": 100,
}
EVERYTHING: dict[str, object] = {**HOME, **OUTPUTS}
MOVING = sorted(
    path
    for path, value in EVERYTHING.items()
    # A counter, a place on earth, a total that has come and gone: not what was said last only.
    if isinstance(value, int | float)
    and not path.endswith(("Ac/ActiveIn/P", "Ac/Out/P"))
    and not any(part in path for part in ("Energy", "Yield", "Position/", "History"))
)
GRID = "system/0/Ac/Grid/L1/Power"
MEASURED = [
    path for path in MOVING if path.endswith(("/Power", "/Voltage", "/Current", "/P", "/V", "/I"))
]


@pytest.fixture
def gx() -> Gx:
    return Gx()


def _told(gx: Gx, values: Iterable[tuple[str, object]]) -> Gx:
    for path, value in values:
        gx.say(path, value)
    gx.echo()
    gx.wait(3)
    gx.collect()
    return gx


def _second(gx: Gx) -> None:
    """Do what the coordinator does in a second."""
    gx.wait(1)
    quick, calm = gx.now % 10 == 0, gx.now % 60 == 0
    if quick or calm or gx.system.urgent:
        gx.collect(quick=quick, calm=calm)


def _at_rest(gx: Gx) -> dict[str, Value]:
    for _ in range(round(REST) + 20):
        _second(gx)
    return {key: value for key, value in gx.system.readings.items() if value is not None}


VALUES = st.one_of(
    st.none(),
    st.sampled_from([0, 0.0, 1, 2, 3, 9, 100, 100.0, -1, 0.04, 99.96]),
    st.floats(-5000, 5000, width=32),
)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(MOVING), VALUES, st.sampled_from([0, 0, 1, 7, 31])), max_size=40
    )
)
@example([("vebus/276/Ac/ActiveIn/L1/P", 700.3, 1), ("vebus/276/Ac/ActiveIn/L1/P", 700.4, 0)])
@example([(f"{OUTPUT}/State", 0, 1), (f"{OUTPUT}/Settings/Type", 9, 1), (f"{OUTPUT}/State", 1, 1)])
@example([(GRID, 700.0, 31), (GRID, 700.3, 31)])
@example([("battery/512/Soc", None, 0), ("battery/512/Soc", 99.96, 31)])
def test_little_by_little_is_the_same_as_all_at_once(updates: list[Update]) -> None:
    followed = _told(Gx(), EVERYTHING.items())
    for path, value, seconds in updates:
        followed.say(path, value)
        for _ in range(seconds):
            _second(followed)
    last = EVERYTHING | {path: value for path, value, _ in updates}
    fresh = _told(Gx(), last.items())
    shown, expected = _at_rest(followed), _at_rest(fresh)
    # What was there once stays: it may show less in a GX that never said it.
    assert expected == {key: shown.get(key) for key in expected}


@pytest.fixture
def decoded() -> Iterator[list[str]]:
    """Paths of the values that were decoded."""
    paths: list[str] = []
    original = Slot.decode

    def decode(slot: Slot, now: float, unknown: object) -> Value:
        paths.append(slot.path)
        return original(slot, now, unknown)  # type: ignore[arg-type]  # handed on as it came

    with patch.object(Slot, "decode", decode):
        yield paths


def test_one_change_of_state_has_one_value_decoded(gx: Gx, decoded: list[str]) -> None:
    _told(gx, EVERYTHING.items())
    for value in (17.3, 23.9):
        gx.collect(quick=False, calm=False)
        for path in MEASURED:
            gx.say(path, value)
    assert len(MEASURED) > 100
    decoded.clear()
    gx.say("vebus/276/State", 9)
    assert gx.system.urgent
    changes = gx.collect(quick=False, calm=False)
    assert changes == {"vebus_276_state": "inverting"}
    assert decoded == ["State"]


def test_powers_alone_are_no_reason_to_look(gx: Gx) -> None:
    _told(gx, EVERYTHING.items())
    for watts in (805, 812):
        gx.collect()
        for path in ("battery/512/Dc/0/Power", "vebus/276/Ac/ActiveIn/L1/P", "grid/30/Ac/L2/Power"):
            gx.say(path, watts)
    assert not gx.system.urgent


def test_a_value_is_looked_at_once_however_often_it_spoke(gx: Gx, decoded: list[str]) -> None:
    _told(gx, EVERYTHING.items())
    gx.collect()
    decoded.clear()
    for watts in range(50):
        gx.raw(f"N/{PORTAL}/battery/512/Dc/0/Power", orjson.dumps({"value": 800 + watts}))
    assert gx.collect()["battery_512_dc_0_power"] == 849
    assert decoded.count("Dc/0/Power") == 1


def test_a_total_that_comes_takes_the_place_of_its_sum(gx: Gx) -> None:
    gx.tell("vebus/276", {"Ac/Out/P": None, "Ac/Out/L1/P": 300.4, "Ac/Out/L2/P": 200.4})
    assert gx.system.readings["vebus_276_ac_out_p"] == 500.8
    gx.say("vebus/276/Ac/Out/P", 500)
    gx.say("vebus/276/Ac/Out/L1/P", 301)
    assert gx.collect()["vebus_276_ac_out_p"] == 500
    gx.say("vebus/276/Ac/Out/L1/P", 310)
    assert "vebus_276_ac_out_p" not in gx.collect()
    gx.say("vebus/276/Ac/Out/P", None)
    assert gx.collect(quick=False, calm=False) == {"vebus_276_ac_out_p": None}
    gx.say("vebus/276/Ac/Out/L1/P", 320)
    assert "vebus_276_ac_out_p" not in gx.collect()
    gx.say("vebus/276/Ac/Out/P", 0)
    assert gx.collect(quick=False, calm=False) == {"vebus_276_ac_out_p": 0}
