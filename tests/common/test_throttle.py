"""When a change is written: the pace of its row, the step, the rest, what is urgent."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.common.quantities import usual_pacing
from custom_components.hausstrom.common.throttle import REST, Pace, Pacing, Throttle
from custom_components.hausstrom.common.value import Value

POWER = Pacing(Pace.QUICK, 0.5)
CHARGE = Pacing(Pace.CALM, 0.1, 100)
VOLTAGE = Pacing(Pace.CALM, 0.1)
ENERGY = Pacing(Pace.CALM)


class Written:
    """A throttle, the values it decides about, and what came through."""

    def __init__(self, *, quick: float = 10, calm: float = 60) -> None:
        self.throttle = Throttle(quick=quick, calm=calm)
        self.values: dict[str, Value] = {}
        self.shown: dict[str, list[Value]] = {}
        self.now = 1000.0

    def change(self, row: Pacing, after: float = 0, **values: Value) -> None:
        self.go(self.now + after)
        self.values.update(values)
        self._note(self.throttle.passing([(key, row) for key in values], self.values, self.now))

    def go(self, until: float) -> None:
        while (wait := self.throttle.next_due(self.now)) is not None and self.now + wait <= until:
            self.now += wait
            self._note(self.throttle.due(self.values, self.now))
        self.now = until

    def _note(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.shown.setdefault(key, []).append(self.values[key])


def test_the_first_change_passes_and_the_rest_of_the_interval_is_one_write() -> None:
    written = Written()
    written.change(POWER, power=100.0)
    for second in range(1, 30):
        written.change(POWER, after=1, power=100.0 + second)
    # The first value is what an entity begins with; the next opens the interval.
    assert written.shown["power"] == [100.0, 101.0, 110.0, 120.0]


def test_a_change_that_passes_opens_a_window_that_others_wait_for() -> None:
    written = Written()
    written.change(POWER, one=100.0, other=100.0, third=100.0)
    written.change(POWER, after=20, one=200.0)
    written.change(POWER, after=20, other=200.0)  # long after: passes, and opens a window anew
    for second in range(1, 9):
        written.change(POWER, after=1, other=200.0 + second)
    assert written.shown["other"] == [100.0, 200.0]


def test_calm_values_wait_for_their_own_interval() -> None:
    written = Written()
    written.change(ENERGY, energy=1.0)
    for turn in range(240):
        written.change(ENERGY, after=1, energy=1.0 + turn / 100 + 0.01)
    assert len(written.shown["energy"]) == 5


def test_what_stood_still_waits_for_no_window_of_others() -> None:
    written = Written()
    written.change(CHARGE, level=57.0)
    written.change(ENERGY, energy=1.0)
    for turn in range(100):  # energy moves, and opens the window each minute
        written.change(ENERGY, after=1, energy=1.0 + turn / 100 + 0.01)
    written.change(CHARGE, after=1, level=44.0)
    assert written.shown["level"] == [57.0, 44.0]
    for turn in range(300):  # ... and moving itself it is written no oftener than before
        written.change(CHARGE, after=1, level=44.0 + 0.2 * turn)
        written.change(ENERGY, energy=3.0 + turn / 100)
    assert len(written.shown["level"]) <= 2 + 6
    assert len(written.shown["energy"]) <= 1 + 7


def test_gone_and_back_are_written_at_once() -> None:
    written = Written(quick=600, calm=600)
    written.change(POWER, power=100.0)
    written.change(POWER, after=1, power=340.0)
    written.change(POWER, after=1, power=None)
    written.change(POWER, after=1, power=343.0)
    assert written.shown["power"] == [100.0, 340.0, None, 343.0]
    # Noise afterwards waits, as always.
    written.change(POWER, after=1, power=400.0)
    assert written.shown["power"][-1] == 343.0


@pytest.mark.parametrize(("row", "end"), [(POWER, 0.0), (CHARGE, 100.0), (CHARGE, 0)])
def test_the_ends_of_a_scale_are_written_at_once(row: Pacing, end: float) -> None:
    written = Written(quick=600, calm=600)
    written.change(row, x=50.0)
    written.change(row, after=1, x=60.0)
    written.change(row, after=1, x=end)
    assert written.shown["x"][-1] == end


def test_what_comes_to_rest_within_a_step_is_written_exactly() -> None:
    written = Written()
    written.change(CHARGE, soc=99.93)
    written.change(CHARGE, after=100, soc=99.98)
    assert written.shown["soc"] == [99.93]
    written.go(written.now + REST)
    assert written.shown["soc"] == [99.93, 99.98]


def test_noise_within_a_step_is_not_written() -> None:
    written = Written()
    written.change(VOLTAGE, u=230.0)
    for turn in range(600):
        written.change(VOLTAGE, after=1, u=229.97 if turn % 2 else 230.02)
    assert written.shown["u"] == [230.0]
    written.go(written.now + 60)
    assert written.shown["u"] == [230.0, 229.97]


def test_a_drift_of_small_steps_is_followed() -> None:
    written = Written()
    written.change(VOLTAGE, u=230.0)
    for turn in range(1, 300):
        written.change(VOLTAGE, after=1, u=230.0 + turn / 100)
    assert written.shown["u"][-1] in {230.0 + turn / 100 for turn in range(240, 300)}


def test_what_was_written_otherwise_is_forgotten() -> None:
    written = Written()
    written.change(POWER, power=100.0)
    written.change(POWER, after=1, power=200.0)
    written.change(POWER, after=1, power=300.0)
    written.throttle.forget(written.values)
    assert written.throttle.next_due(written.now) is None
    written.change(POWER, after=1, power=None)
    assert written.shown["power"] == [100.0, 200.0, None]


def test_what_is_due_when_it_said_so_is_written_then() -> None:
    """Of some moments 30 s later are 29.999… s in floats: asked again at once, for ever."""
    for moment in (1017.4540652981001, 17.1, 1000.3, 1_795_000_000.123):
        throttle = Throttle(quick=10, calm=60)
        throttle.note("x", 100.0)
        assert throttle.passing([("x", POWER)], {"x": 100.2}, moment) == []
        now, asked = moment, 0
        while (wait := throttle.next_due(now)) is not None:
            now += wait
            asked += 1
            throttle.due({"x": 100.2}, now)
            assert asked <= 2, moment


def test_no_interval_means_every_change() -> None:
    written = Written(quick=0, calm=0)
    for value in range(20):
        written.change(ENERGY, after=0.1, energy=float(value))
    assert written.shown["energy"] == [float(value) for value in range(20)]


@given(
    st.lists(
        st.tuples(
            st.floats(0, 100), st.one_of(st.none(), st.floats(-1e4, 1e4), st.just(0), st.just(100))
        ),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([POWER, CHARGE, VOLTAGE, ENERGY]),
)
def test_the_last_value_is_always_written(
    changes: list[tuple[float, float | None]], row: Pacing
) -> None:
    written = Written()
    written.change(row, x=-1.0)
    for after, value in changes:
        if value != written.values["x"]:
            written.change(row, after=after, x=value)
    written.go(written.now + 60 + REST)
    assert written.shown["x"][-1] == written.values["x"]


def test_usual_paces() -> None:
    assert usual_pacing("power", "W", is_number=True).pace is Pace.QUICK
    assert usual_pacing("voltage", "V", is_number=True).pace is Pace.CALM
    assert usual_pacing("battery", "%", is_number=True).full == 100
    assert usual_pacing("energy", "kWh", is_number=True) == Pacing(Pace.CALM)
    assert usual_pacing("enum", None, is_number=False).pace is Pace.NOW
