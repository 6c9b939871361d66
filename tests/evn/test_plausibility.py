from dataclasses import replace

import pytest

from custom_components.hausstrom.evn.protocol.plausibility import (
    EXCHANGE,
    REPEATED,
    Plausibility,
    Sample,
    Suspicion,
)

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
    return Sample.of(
        content,
        100 + number,
        0x80000100 + number,
        5.0 * number,
        5.0 * number + 0.3,
        clocks_agree=True,
    )


def calm(count: int = 200) -> Plausibility:
    gates = Plausibility()
    for number in range(count):
        assert gates.judge(sample(number)) is None
    return gates


@pytest.mark.parametrize(
    "values",
    [
        {"voltage_l1": 99.9},
        {"voltage_l2": 300.1},
        {"voltage_l3": 6553.5},
        {"current_l1": 200.01},
        {"current_l1": -1.0},
        {"power_import": 100_001},
        {"power_export": 100_001},
        {"power_factor": 1.001},
        {"power_factor": -1.001},
        {"power_import": 1001, "power_export": 1001},
    ],
)
def test_laws_hold_from_the_first_telegram_for_ever(values: dict[str, float]) -> None:
    gates = Plausibility()
    for number in range(5):
        suspicion = gates.judge(sample(number, **values))
        assert suspicion is not None
        assert suspicion.patience == 0
    assert gates.last is None


@pytest.mark.parametrize(
    "values",
    [
        {"voltage_l2": 0, "voltage_l3": 0, "current_l2": 0, "current_l3": 0},
        {"power_factor": -1.0},
        {"power_import": 100_000},
        {"current_l1": 200},
    ],
)
def test_what_the_law_allows(values: dict[str, float]) -> None:
    assert Plausibility().judge(sample(0, **values)) is None


@pytest.mark.parametrize(
    ("change", "patience"),
    [
        ({"energy_import": 1190}, EXCHANGE),
        ({"energy_export": 499}, EXCHANGE),
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
    suspicion = gates.judge(sample(200, **change))
    assert suspicion is not None
    assert suspicion.patience == patience
    assert gates.last is not None
    assert gates.last.counter == 299
    for number in range(201, 230):
        assert gates.judge(sample(number)) is None


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
    assert gates.judge(sample(200, **change)) is not None
    assert gates.judge(sample(201, **change)) is None
    assert gates.judge(sample(202, **change)) is None


def test_a_kettle_is_shown_at_once() -> None:
    gates = calm()
    kettle = {"power_import": 2775, "current_l1": 10.0, "voltage_l1": 228.5}
    assert gates.judge(sample(200, **kettle, energy_import=1202)) is None


def test_two_odd_telegrams_that_disagree_are_both_held_back() -> None:
    gates = calm()
    assert gates.judge(sample(200, power_import=1744)) is not None
    assert gates.judge(sample(201, current_l1=5.0)) is not None
    assert gates.judge(sample(202)) is None


def test_a_house_that_never_calms_down_is_still_shown() -> None:
    gates = calm()
    shown = sum(
        gates.judge(sample(200 + n, power_import=720 + 100 * (n % 7), energy_import=1200 + n))
        is None
        for n in range(60)
    )
    assert shown >= 20


def test_an_exchange_needs_three_that_agree() -> None:
    gates = calm()
    assert gates.judge(sample(200, energy_import=5)) == Suspicion(
        "a register never falls", EXCHANGE
    )
    assert gates.judge(sample(201, energy_import=6)) is not None
    assert gates.judge(sample(202, energy_import=7)) is None
    assert gates.judge(sample(203, energy_import=8)) is None


def test_three_low_registers_that_disagree_are_not_believed() -> None:
    gates = calm()
    for number, stand in enumerate((900, 800, 700, 600), 200):
        assert gates.judge(sample(number, energy_import=stand)) is not None
    assert gates.judge(sample(204)) is None


def test_the_clock_may_be_set() -> None:
    gates = calm()
    late = [replace(sample(200 + n), time=5.0 * (200 + n) + 7200) for n in range(4)]
    assert [gates.judge(one) is None for one in late] == [False, False, True, True]


def test_a_clock_may_appear() -> None:
    gates = Plausibility()
    for number in range(100):
        assert gates.judge(replace(sample(number), time=None)) is None
    assert [gates.judge(sample(number)) is None for number in range(100, 104)] == [
        False,
        False,
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
        assert gates.judge(replace(sample(200), **odd)) is not None
        assert gates.judge(sample(201)) is None


def test_a_meter_with_another_invoke_id_is_fine() -> None:
    gates = Plausibility()
    for number in range(200):
        assert gates.judge(replace(sample(number), invoke=0x80000000)) is None


def test_after_noise_the_gates_are_tighter() -> None:
    def judged(probation: bool) -> Suspicion | None:
        gates = Plausibility()
        for number in range(200):
            assert gates.judge(sample(number, voltage_l1=230.0 + 0.3 * (number % 2))) is None
        gates.probation = probation
        return gates.judge(sample(200, voltage_l1=230.65))

    assert judged(probation=False) is None
    assert judged(probation=True) is not None


def test_phases_may_be_missing() -> None:
    gates = Plausibility()
    bare: dict[str, int | float] = {"power_import": 5, "power_export": 0}
    for number in range(100):
        one = Sample.of(
            bare, 100 + number, 0x80000100 + number, 5.0 * number, 5.0 * number, clocks_agree=True
        )
        assert gates.judge(one) is None
    # Their appearance is a change like any other.
    assert [gates.judge(sample(100 + n)) is None for n in range(4)][2:] == [True, True]
