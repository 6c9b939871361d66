"""Stories of meters for the tests of whole cases: telegrams at their times, each a little odd."""

from collections.abc import Callable
from copy import replace
from dataclasses import dataclass
from datetime import timedelta

from simulators.evn_telegram import (
    KAIFA,
    MeterModel,
    MeterState,
    date_time,
    encipher,
    long_frames,
    octets,
    registers,
)

from .cases import START, Case, Step

FOLLOWED = ["energy_import", "power_import", "power_export"]


@dataclass(frozen=True)
class Oddity:
    """What is odd about one telegram; what is None is as in any house."""

    state: dict[str, object] | None = None
    clock: bytes | None = None
    """The 12 bytes of both clocks."""
    header: bytes | None = None
    """What stands in place of the date-time of the header, with its length or type."""
    number: bytes | None = None
    more: bytes = b""
    """Elements before the meter number, and how many of them."""
    more_count: int = 0
    alter: Callable[[bytes], bytes] = bytes
    """Changes the plaintext."""
    publish: Callable[[bytes], list[bytes]] | None = None
    """Writes the bytes as messages; upper-case hex by default."""
    told: bool = True
    """Whether it is a whole telegram of the meter, which should be shown."""


USUAL = Oddity()
type Oddities = Callable[[int], Oddity]


def hexadecimal(raw: bytes) -> list[bytes]:
    return [raw.hex().upper().encode()]


def state_of(number: int, energy: float, changes: dict[str, object] | None) -> MeterState:
    """A house with 400 W of load that trembles a little."""
    state = MeterState(
        energy_import=int(energy),
        energy_export=345_678,
        power_import=400 + number % 7,
        power_export=0,
        voltages=(2338 + number % 2, 2340 + number % 3, 2347 + number % 2),
        currents=(86 + number % 2, 52, 34 + number % 2),
        power_factor=990,
    )
    return state if changes is None else replace(state, **changes)  # type: ignore[arg-type]  # by name


def values_of(state: MeterState) -> dict[str, float]:
    sent: dict[str, float] = {
        "energy_import": state.energy_import,
        "energy_export": state.energy_export,
        "power_import": state.power_import,
        "power_export": state.power_export,
        "power_factor": state.power_factor / 1000,
    }
    for n, (volts, amperes) in enumerate(zip(state.voltages, state.currents, strict=True), 1):
        sent[f"voltage_l{n}"] = volts / 10
        sent[f"current_l{n}"] = amperes / 100
    return sent


def raw_telegram(
    model: MeterModel, state: MeterState, at: float, counter: int, odd: Oddity = USUAL
) -> bytes:
    clock = odd.clock or date_time(START + timedelta(seconds=at), -60)
    rows = registers(model, state)
    number = model.meter_number.encode() if odd.number is None else odd.number
    content = octets(clock) + b"".join(map(b"".join, rows)) + odd.more + octets(number)
    count = 2 + 3 * len(rows) + odd.more_count
    head = b"\x0f" + (counter + 0x80005742).to_bytes(4)
    head += bytes((len(clock),)) + clock if odd.header is None else odd.header
    plaintext = odd.alter(head + bytes((0x02, count)) + content)
    return b"".join(long_frames(encipher(model, counter, plaintext), model.frame_length))


def with_restart(case: Case, at: int | None) -> Case:
    """Have a case restarted just before a step; None: not at all."""
    if at is not None:
        case.steps.insert(at, Step(case.steps[at].at - 1, None, restart=True))
    return case


def story(
    oddities: Oddities,
    *,
    count: int = 40,
    period: float = 5,
    model: MeterModel = KAIFA,
    before: int = 0,
    expect: dict[str, object] | None = None,
) -> Case:
    """Make a case of `count` telegrams, the first `before` of them usual ones."""
    steps: list[Step] = []
    energy = 12_345_678.0
    for number in range(count):
        at = period * (number + 1)
        odd = USUAL if number < before else oddities(number)
        state = state_of(number, energy, odd.state)
        energy += state.power_import * period / 3600
        if odd.state is None or "energy_import" not in odd.state:
            state = replace(state, energy_import=int(energy))
        raw = raw_telegram(model, state, at, 7000 + number, odd)
        messages = (odd.publish or hexadecimal)(raw)
        for place, message in enumerate(messages):
            last = place == len(messages) - 1
            steps.append(
                Step(
                    at + 0.02 * place,
                    message,
                    values_of(state) if odd.told and last else None,
                )
            )
    return Case(
        "story",
        model.key.hex().upper(),
        model.system_title.hex().upper(),
        model.meter_number,
        steps,
        {"follows": FOLLOWED, "longest_gap_s": 20} if expect is None else expect,
    )
