from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol.plausibility import (
    EXCHANGE,
    FALLS,
    LEAPS,
    REPEATED,
    MeterMemory,
    Plausibility,
    Suspicion,
)
from custom_components.hausstrom.evn.protocol.sample import REGISTERS, Sample

from .telegrams import replace

CALM: dict[str, int | float] = {
    "energy_import": 1000,
    "energy_export": 500,
    "power_import": 720,
    "power_export": 0,
    "voltage_l1": 230.0,
    "voltage_l2": 231.0,
    "voltage_l3": 232.0,
    "current_l1": 1.0,
    "current_l2": 1.0,
    "current_l3": 1.12,
    "power_factor": 1.0,
}


def sample(number: int, /, **values: float) -> Sample:
    """The n-th telegram of a calm house that uses 1 Wh every five seconds."""
    content = {**CALM, "energy_import": 1000 + number, **values}
    return Sample(
        content,
        100 + number,
        0x80000100 + number,
        5.0 * number,
        5.0 * number + 0.3,
        clocks_agree=True,
    )


def judge(gates: Plausibility, one: Sample) -> Suspicion | None:
    return gates.judge(one).suspicion


def warm(gates: Plausibility | None = None) -> Plausibility:
    """Gates that have heard the first two telegrams."""
    gates = gates or Plausibility()
    assert judge(gates, sample(-2)) is not None
    assert judge(gates, sample(-1)) is None
    return gates


def calm(count: int = 200) -> Plausibility:
    gates = warm()
    for number in range(count):
        assert judge(gates, sample(number)) is None
    return gates


ODD: list[dict[str, float]] = [
    {"voltage_l1": 99.9},
    {"voltage_l2": 300.1},
    {"voltage_l3": 6553.5},
    {"voltage_l2": 41.2, "current_l2": 0},
    {"voltage_l2": 0.5, "current_l2": 0},
    {"current_l1": 200.01},
    {"current_l1": -1.0},
    {"power_import": 100_001},
    {"power_import": 160_000, "current_l1": 240, "current_l2": 231, "current_l3": 225},
    {"power_export": 100_001},
    {"power_factor": 32.767},
    {"power_import": 1001, "power_export": 1001},
    {"power_import": 1803, "power_export": 544},
]


@pytest.mark.parametrize("after", [0, 10, 200])
@pytest.mark.parametrize("values", ODD)
def test_what_is_odd_is_held_until_repeated_and_then_believed(
    values: dict[str, float], after: int
) -> None:
    gates = calm(after) if after else warm()
    assert judge(gates, sample(after, **values)) is not None
    believed = [judge(gates, sample(after + n, **values)) is None for n in range(1, 40)]
    assert any(believed[:2])
    assert believed[2:] == [True] * len(believed[2:])


@pytest.mark.parametrize("values", ODD)
def test_a_meter_that_is_odd_from_the_first_telegram_on(values: dict[str, float]) -> None:
    gates = Plausibility()
    believed = [judge(gates, sample(n, **values)) is None for n in range(100)]
    assert believed[0] is False
    assert any(believed[1:3])
    assert sum(believed) >= 96


@pytest.mark.parametrize("factor", [1.001, -1.001, -1.0])
def test_a_power_factor_that_was_rounded_is_not_odd(factor: float) -> None:
    gates = Plausibility()
    for number in range(100):
        assert (judge(gates, sample(number, power_factor=factor)) is None) is (number > 0)


def test_a_phase_that_floats_about() -> None:
    gates = calm()
    volts = (41.0, 0.5, 95.0, 301.0, 60.0, 12.0, 88.0, 230.0)
    shown = [
        judge(gates, sample(200 + n, voltage_l2=volts[n % 8], current_l2=0.0)) is None
        for n in range(80)
    ]
    assert no_more_than_three(shown)


def no_more_than_three(shown: list[bool]) -> bool:
    return "0000" not in "".join("1" if one else "0" for one in shown)


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "voltage_l1": st.sampled_from([0.0, 41.2, 95.0, 230.0, 301.0]),
                "voltage_l2": st.floats(0, 600).map(lambda volts: round(volts, 1)),
                "current_l1": st.floats(0, 655).map(lambda amperes: round(amperes, 2)),
                "power_import": st.integers(0, 200_000),
                "power_export": st.integers(0, 200_000),
                "power_factor": st.sampled_from([-1.001, -1.0, 0.0, 0.4, 1.0, 1.001, 32.767]),
                "time": st.sampled_from([None, 0.0, 5e9, -1.0]),
                "invoke": st.integers(0, 2**32 - 1),
                "clocks_agree": st.booleans(),
            },
        ),
        min_size=20,
        max_size=60,
    ),
    st.booleans(),
)
def test_no_valid_telegrams_are_refused_for_more_than_three_in_a_row(
    changes: list[dict[str, float]], settled: bool
) -> None:
    gates = calm(80) if settled else warm()
    first = 80 if settled else 0
    shown = []
    for n, change in enumerate(changes, first):
        about: dict[str, Any] = {
            key: change[key] for key in ("time", "invoke", "clocks_agree") if key in change
        }
        values = {key: value for key, value in change.items() if key not in about}
        one = replace(sample(n, **values), **about)
        shown.append(judge(gates, one) is None)
    assert no_more_than_three(shown)


@pytest.mark.parametrize(
    ("change", "patience"),
    [
        ({"energy_import": 1190}, EXCHANGE),
        ({"energy_export": 499}, EXCHANGE),
        ({"voltage_l1": 99.9}, REPEATED),
        ({"power_import": 100_001}, REPEATED),
        ({"energy_import": 1500}, EXCHANGE),
        ({"energy_export": 501}, REPEATED),
        ({"energy_import": 1204}, REPEATED),
        ({"power_import": 721 + 8}, REPEATED),
        ({"power_export": 1}, REPEATED),
        ({"voltage_l1": 230.4}, REPEATED),
        ({"current_l2": 1.04}, REPEATED),
        ({"current_l2": 0.96, "current_l1": 1.04}, REPEATED),
        ({"power_factor": 0.968}, REPEATED),
    ],
)
def test_one_odd_telegram_is_held_back_and_leaves_no_trace(
    change: dict[str, float], patience: int
) -> None:
    gates = calm()
    suspicion = judge(gates, sample(200, **change))
    assert suspicion is not None
    assert suspicion.patience == patience
    assert gates.last is not None
    assert gates.last.counter == 299
    for number in range(201, 230):
        assert judge(gates, sample(number)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"voltage_l1": 226.0},
        {"power_import": 740},
        {"current_l2": 1.5},
        {"power_factor": 0.9},
        {"power_export": 30},
    ],
)
def test_a_change_that_lasts_is_five_seconds_late(change: dict[str, float]) -> None:
    gates = calm()
    assert judge(gates, sample(200, **change)) is not None
    assert judge(gates, sample(201, **change)) is None
    assert judge(gates, sample(202, **change)) is None


def test_a_kettle_is_shown_at_once() -> None:
    gates = calm()
    kettle = {"power_import": 2775, "current_l1": 10.0, "voltage_l1": 228.5}
    assert judge(gates, sample(200, **kettle, energy_import=1202)) is None


def test_two_odd_telegrams_that_disagree_are_both_held_back() -> None:
    gates = calm()
    assert judge(gates, sample(200, power_import=1744)) is not None
    assert judge(gates, sample(201, current_l1=5.0)) is not None
    assert judge(gates, sample(202)) is None


def test_a_house_that_never_calms_down_is_still_shown() -> None:
    gates = calm()
    shown = sum(
        judge(gates, sample(200 + n, power_import=720 + 100 * (n % 7), energy_import=1200 + n))
        is None
        for n in range(60)
    )
    assert shown >= 20


def test_a_register_that_falls_keeps_its_last_stand() -> None:
    gates = calm()
    assert judge(gates, sample(200, energy_import=5)) == Suspicion(FALLS, EXCHANGE)
    assert judge(gates, sample(201, energy_import=6)) is not None
    for number in range(202, 400):
        suspicion, without, _ = gates.judge(sample(number, energy_import=number - 195))
        assert suspicion is None
        assert without == ("energy_import",)
    assert gates.fallen_since == 5.0 * 202 + 0.3
    assert gates.memory is not None
    assert gates.memory.stands["energy_import"] == 1199
    # It comes back, and has counted on meanwhile.
    assert gates.judge(sample(400))[:2] == (None, ())
    assert gates.fallen_since is None


def test_an_exchange_shows_another_number() -> None:
    gates = Plausibility()
    for number in range(10):
        gates.judge(replace(sample(number), number="1"))
    assert gates.judge(replace(sample(10, energy_import=5), number="2"))[:2] == (None, ())
    assert gates.memory is not None
    assert gates.memory.stands["energy_import"] == 5


def test_three_low_registers_that_disagree_are_not_believed() -> None:
    gates = calm()
    for number, stand in enumerate((900, 800, 700, 600), 200):
        assert judge(gates, sample(number, energy_import=stand)) is not None
    assert judge(gates, sample(204)) is None


def test_damage_between_them_starts_the_count_anew() -> None:
    gates = calm()
    for number in range(200, 240):
        assert judge(gates, sample(number, power_import=720 + 512 * (1 + number % 3))) is not None
        gates.noise()
        gates.noise()


def test_a_leap_is_believed_when_three_agree() -> None:
    gates = calm()
    assert judge(gates, sample(200, energy_import=2_000_000)) == Suspicion(LEAPS, EXCHANGE)
    assert judge(gates, sample(201, energy_import=2_000_001)) is not None
    assert judge(gates, sample(202, energy_import=2_000_002)) is None


def test_a_clock_that_stands_is_no_reason() -> None:
    gates = Plausibility()
    judged = [
        judge(
            gates,
            replace(
                sample(n, power_import=80_000, energy_import=1000 + 111 * n), time=946_684_800.0
            ),
        )
        is None
        for n in range(200)
    ]
    assert judged == [False] + [True] * 199


# What is remembered


REMEMBERED = MeterMemory({"energy_import": 1000, "energy_export": 500}, 0.0, None, ())


def test_the_first_telegram_after_a_start_waits_for_one_that_agrees() -> None:
    for memory in (None, REMEMBERED):
        gates = Plausibility(memory)
        assert judge(gates, sample(1)) is not None
        assert judge(gates, sample(2)) is None


def test_a_damaged_first_telegram_is_never_believed() -> None:
    for memory in (None, REMEMBERED):
        gates = Plausibility(memory)
        assert judge(gates, sample(1, energy_import=16_777_216)) is not None
        assert judge(gates, sample(2)) is not None
        assert judge(gates, sample(3)) is None


def test_a_start_with_low_registers_never_falls_below_what_was_shown() -> None:
    gates = Plausibility(REMEMBERED)
    for number in range(1, 6):
        suspicion, without, _ = gates.judge(sample(number, energy_import=number))
        assert suspicion is not None or without == ("energy_import",)
    assert gates.judge(sample(6))[:2] == (None, ())


def test_the_same_telegram_again_agrees_unless_a_broker_repeats_it() -> None:
    gates = Plausibility()
    one = sample(1)
    assert judge(gates, one) is not None
    assert judge(gates, replace(sample(1), received=one.received + 0.1)) is not None
    assert judge(gates, replace(sample(1), received=one.received + 5)) is None


def test_what_is_proven_is_believed_at_once() -> None:
    gates = Plausibility()
    assert judge(gates, replace(sample(1), proven=True)) is None
    assert judge(gates, replace(sample(2, voltage_l1=41.0), proven=True)) is None


def test_after_a_pause_the_next_telegram_is_a_first_one() -> None:
    gates = warm()
    gates.doubt()
    assert judge(gates, sample(0, power_import=784)) is not None
    assert gates.memory is not None
    assert gates.memory.stands["energy_import"] == 999
    # 64 W that no current explains: one of the two was changed on the way, a third tells which.
    assert judge(gates, sample(1)) is not None
    assert judge(gates, sample(2)) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"energy_import": 1128},
        {"energy_export": 516},
    ],
    ids=str,
)
def test_the_second_telegram_of_a_start_has_to_agree(damage: dict[str, float]) -> None:
    gates = Plausibility()
    assert judge(gates, sample(0)) is not None
    assert judge(gates, sample(1, **damage)) is not None
    # After a stand that was too high the true one has fallen, and is a first one again.
    believed = [judge(gates, sample(number)) is None for number in (2, 3)]
    assert believed[1]
    assert believed[0] is not any(damage.get(key, 0) > CALM.get(key, 1e9) for key in REGISTERS)


def test_what_was_learned_goes_on_after_a_restart() -> None:
    before = calm()
    assert before.memory is not None
    again = Plausibility(before.memory)
    assert judge(again, sample(210)) is not None
    assert judge(again, sample(211)) is None
    assert judge(again, sample(212, voltage_l1=230.4)) is not None
    assert again.memory is not None
    assert len(again.memory.bounds) == len(before.memory.bounds)


def test_the_clock_may_be_set() -> None:
    gates = calm()
    late = [replace(sample(200 + n), time=5.0 * (200 + n) + 7200) for n in range(4)]
    assert [judge(gates, one) is None for one in late] == [False, True, True, True]


@pytest.mark.parametrize("checked", [False, True])
@pytest.mark.parametrize("seconds", [10, 60, 300, 590])
def test_a_clock_that_goes_back_is_believed_when_it_stays_so(seconds: float, checked: bool) -> None:
    """A telegram of some minutes ago is not one of now; a clock that was set is.

    Of what a check sequence of 16 bits holds, the clock is all that is compared.
    """
    gates = calm()
    back = [
        replace(sample(200 + n), time=5.0 * (200 + n) - seconds, checked=checked) for n in range(4)
    ]
    assert [judge(gates, one) is None for one in back] == [False, True, True, True]


def test_a_clock_may_appear() -> None:
    gates = Plausibility()
    judge(gates, replace(sample(-1), time=None))
    for number in range(100):
        assert judge(gates, replace(sample(number), time=None)) is None
    assert [judge(gates, sample(number)) is None for number in range(100, 104)] == [
        False,
        True,
        True,
        True,
    ]


def test_invoke_id_and_clocks_are_habits() -> None:
    for odd in (
        {"invoke": 0x80000100},
        {"invoke": 0x81000100 + 200},
        {"clocks_agree": False},
        {"time": 1001.0},
    ):
        gates = calm()
        assert judge(gates, replace(sample(200), **odd)) is not None
        assert judge(gates, sample(201)) is None


def test_a_meter_with_another_invoke_id_is_fine() -> None:
    gates = warm()
    judged = [
        judge(gates, replace(sample(number), invoke=0x80000000)) is None for number in range(200)
    ]
    assert sum(judged) >= 199


def test_after_noise_the_gates_are_tighter() -> None:
    def judged(probation: bool) -> Suspicion | None:
        gates = warm()
        for number in range(200):
            assert judge(gates, sample(number, voltage_l1=230.0 + 0.3 * (number % 2))) is None
        gates.probation = probation
        return judge(gates, sample(200, voltage_l1=230.65))

    assert judged(probation=False) is None
    assert judged(probation=True) is not None


def test_phases_may_be_missing() -> None:
    gates = Plausibility()
    bare: dict[str, int | float] = {"power_import": 5, "power_export": 0}
    for number in range(100):
        one = Sample(
            bare, 100 + number, 0x80000100 + number, 5.0 * number, 5.0 * number, clocks_agree=True
        )
        assert (judge(gates, one) is None) is (number > 0)
    # Their appearance is a change like any other.
    assert [judge(gates, sample(100 + n)) is None for n in range(4)][2:] == [True, True]


# What waits for the next telegram by itself


DETAILS = (
    "voltage_l1",
    "voltage_l2",
    "voltage_l3",
    "current_l1",
    "current_l2",
    "current_l3",
    "power_factor",
)


@pytest.mark.parametrize(
    "change",
    [{"voltage_l1": 230.4}, {"voltage_l3": 231.2}, {"current_l2": 1.02}, {"power_factor": 0.998}],
    ids=str,
)
@pytest.mark.parametrize("after", [1, 200])
def test_a_small_change_that_nothing_explains_waits_for_the_next_telegram(
    change: dict[str, float], after: int
) -> None:
    gates = warm()
    gates._doubts._scales = [0.3, 0.5, 0.05, 0.4, 0.5]  # a calm house
    for number in range(after - 1):
        assert gates.judge(sample(number)) == (None, (), ())
    # Held back so that the gates of a calm house are not what is tested here.
    gates._bounds = [100.0] * len(gates._bounds)
    gates._doubts._most, gates._doubts._most_waiting = 100.0, 1.0
    assert gates.judge(sample(after, **change)) == (None, (), DETAILS)
    assert gates.judge(sample(after + 1, **change)) == (None, (), ())
    # If it was damage, what goes back waits too, and not for longer.
    assert gates.judge(sample(after + 2)) == (None, (), DETAILS)
    assert gates.judge(sample(after + 3)) == (None, (), ())


def test_nothing_waits_for_more_than_two_telegrams() -> None:
    gates = warm()
    waited = [
        bool(gates.judge(sample(number, voltage_l1=230.0 + number % 7 / 2 - number % 3)).late)
        for number in range(300)
    ]
    assert any(waited)
    assert "111" not in "".join("1" if one else "0" for one in waited)
    assert sum(waited[100:]) < 100


@pytest.mark.parametrize(
    ("change", "waits"),
    [
        ({"voltage_l1": 230.5}, False),
        ({"current_l2": 1.01}, False),
        ({"power_factor": 0.999}, False),
        ({"voltage_l1": 230.5, "current_l2": 1.01, "power_factor": 0.999}, True),
    ],
    ids=str,
)
def test_what_is_a_little_unusual_adds_up(change: dict[str, float], waits: bool) -> None:
    gates = warm()
    gates._bounds = [100.0] * len(gates._bounds)
    gates._doubts._scales = [0.45, 0.7, 0.15, 3.0, 2.0]  # 3.0: power and currents tell nothing
    gates._doubts._most, gates._doubts._most_waiting = 100.0, 1.5
    assert bool(gates.judge(sample(0, **change)).late) is waits


def test_a_power_that_leaves_the_currents_is_held_back_with_less_than_a_leap() -> None:
    """In a calm house six watts are too much in all, whatever each gate by itself lets pass."""
    random = Random(3)
    gates = warm()
    held = 0
    for number in range(400):
        current = 1.0 + random.gauss(0, 0.004)
        power = 720 + round(230 * (current - 1) + random.gauss(0, 0.3))
        one = sample(number, power_import=power, current_l1=round(current, 2))
        held += judge(gates, one) is not None
    assert held <= 12
    gates._bounds = [100.0] * len(gates._bounds)
    suspicion = judge(gates, sample(400, power_import=726))
    assert suspicion is not None
    assert suspicion.gate == "nothing is rather unusual in several places at once"
    assert judge(gates, sample(401, power_import=726)) is None


def test_a_second_changed_in_both_clocks_waits_while_little_is_known() -> None:
    gates = warm()
    assert gates.judge(sample(0)).late == ()
    odd = replace(sample(1), time=5.0 + 1.0)  # five seconds are usual
    assert gates.judge(odd) == (None, (), ("meter_time",))
    assert gates.judge(sample(2)).suspicion is None
    assert gates.judge(sample(3)).late == ()


def test_power_and_energy_do_not_wait_for_a_voltage() -> None:
    gates = warm()
    for number in range(100):
        late = gates.judge(sample(number, voltage_l1=230.0 + number % 4 / 4)).late
        assert not {"power_import", "power_export", "energy_import", "energy_export"} & {*late}


def test_the_third_in_a_row_is_shown_but_for_what_is_much_more_unlike() -> None:
    gates = Plausibility()
    assert judge(gates, sample(0)) is not None
    assert judge(gates, sample(1, power_import=740)) is not None
    judgement = gates.judge(sample(2, power_import=720 + 32768))
    assert judgement.suspicion is None
    assert {"power_import", "power_export", "power"} <= {*judgement.late}
    # A power that leaps alone makes the details wait, which are compared with it; the stands are shown.
    assert not {"energy_import", "energy_export"} & {*judgement.late}


def test_a_current_that_leaps_with_the_power_waits_with_it() -> None:
    gates = Plausibility()
    assert judge(gates, sample(0)) is not None
    assert judge(gates, sample(1, power_import=740)) is not None
    judgement = gates.judge(sample(2, power_import=720 + 2**25, current_l2=90.76))
    assert judgement.suspicion is None
    assert {"power_import", "current_l2", "power_factor"} <= {*judgement.late}


def test_a_power_that_leaps_with_a_current_waits_with_it() -> None:
    """Bit 14 of both: 16 kW and 164 A, which half explain each other."""
    gates = Plausibility()
    assert judge(gates, sample(0)) is not None
    assert judge(gates, sample(1, power_import=740)) is not None
    judgement = gates.judge(sample(2, power_import=720 + 16384, current_l2=164.84))
    assert judgement.suspicion is None
    assert {"power_import", "power", "current_l2"} <= {*judgement.late}


def test_a_stand_that_waits_is_no_stand() -> None:
    gates = Plausibility()
    assert judge(gates, sample(0)) is not None
    assert judge(gates, sample(1, power_import=740)) is not None
    judgement = gates.judge(sample(2, power_import=760, energy_import=1002 + 4096))
    assert judgement.suspicion is None
    assert "energy_import" in judgement.late
    assert gates.memory is not None
    assert gates.memory.stands["energy_import"] == 1001
    # The true stand is no fall.
    assert gates.judge(sample(3)).without == ()
    assert gates.judge(sample(4)).without == ()
    assert gates.fallen_since is None


def test_a_clock_that_leaps_at_a_start_waits() -> None:
    gates = Plausibility()
    assert judge(gates, sample(0)) is not None
    assert gates.judge(replace(sample(1), time=5.0 + 128)).late == ("meter_time",)
    for paces in (0.0, 1.0, 60.0):
        gates = Plausibility()
        assert judge(gates, replace(sample(0), time=0.0)) is not None
        assert gates.judge(replace(sample(1), time=paces)).late == ()


def test_clocks_that_say_something_else_of_themselves_are_odd() -> None:
    gates = calm()
    assert judge(gates, replace(sample(200), status=b"\x82\x80")) is not None
    assert judge(gates, replace(sample(201), status=b"\x82\x80")) is None
    assert judge(gates, replace(sample(202), status=b"\x82\x80")) is None


def test_reactive_energy_grows_by_no_more_than_flows() -> None:
    gates = Plausibility()
    for number in range(100):
        gates.judge(sample(number, reactive_energy_import=50 + number // 4))
    odd = sample(100, reactive_energy_import=50 + 25 + 4)
    assert judge(gates, odd) is not None
    assert judge(gates, sample(101, reactive_energy_import=50 + 25)) is None
