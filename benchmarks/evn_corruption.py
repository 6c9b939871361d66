"""What the EVN reader believes of telegrams that were damaged on the way.

`python -m benchmarks.evn_corruption [trials per fault]`. Each damaged telegram meets a
reader that has heard nothing but clean ones before (the state is copied for each trial),
at moments spread over a whole day; a wrong value is one that the meter did not show,
however little it is off. `worst` says by how many of its smallest steps (1 W, 0.1 V,
0.01 A, 0.001, 1 Wh), `gross` how many are off by more
than two; `undone` counts telegrams that were found whole all the same.
"""

import copy
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Final, cast

from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.reader import Heard, MeterReader, Reading
from custom_components.hausstrom.evn.protocol.stream import Stream
from simulators.evn import frame_counter
from simulators.evn_household import Household
from simulators.evn_meters import BY_NAME, METERS, Body, Meter, play
from simulators.evn_telegram import KAIFA, SAGEMCOM, TIROL, MeterModel, MeterState

DAY: Final = 17_280
PRIMING: Final = 300
START: Final = datetime(2026, 5, 12, tzinfo=UTC)
AFTER: Final = (0, 1, 2, 4, 9, 19, 39, 59)
"""Clean telegrams since a start, before one that is damaged."""
PERIOD: Final = timedelta(seconds=5)

type Damage = Callable[[bytes, bytes, Random], bytes]
"""What becomes of a telegram and the one after it."""


def _flip(raw: bytes, count: int, random: Random) -> bytes:
    damaged = bytearray(raw)
    for bit in random.sample(range(8 * len(raw)), count):
        damaged[bit >> 3] ^= 1 << (bit & 7)
    return bytes(damaged)


def _one_bit(raw: bytes, _following: bytes, random: Random) -> bytes:
    return _flip(raw, 1, random)


def _two_bits(raw: bytes, _following: bytes, random: Random) -> bytes:
    return _flip(raw, 2, random)


def _byte_lost(raw: bytes, _following: bytes, random: Random) -> bytes:
    at = random.randrange(len(raw))
    return raw[:at] + raw[at + 1 :]


def _byte_added(raw: bytes, _following: bytes, random: Random) -> bytes:
    at = random.randrange(len(raw) + 1)
    return raw[:at] + random.randbytes(1) + raw[at:]


def _burst(raw: bytes, _following: bytes, random: Random) -> bytes:
    size = random.randint(2, 7)
    at = random.randrange(len(raw) - size)
    return raw[:at] + random.randbytes(size) + raw[at + size :]


def _truncated(raw: bytes, _following: bytes, random: Random) -> bytes:
    at = random.randrange(len(raw))
    return raw[:at] if random.random() < 0.5 else raw[at:]


def _interleaved(raw: bytes, following: bytes, random: Random) -> bytes:
    """Mix the pieces of two telegrams, each in its own order."""
    pieces: list[list[bytes]] = []
    for one in (raw, following):
        cuts = sorted({0, len(one), *random.sample(range(len(one)), random.randint(1, 3))})
        if random.random() < 0.5:
            cuts = sorted({*cuts, *_frame_ends(one)})
        pieces.append([one[a:b] for a, b in pairwise(cuts)])
    mixed = b""
    while all(pieces):
        mixed += pieces[random.random() < 0.5].pop(0)
    keep = random.random() < 0.7
    return mixed + b"".join((pieces[0] or pieces[1]) if keep else [])


def _frame_ends(raw: bytes) -> Iterator[int]:
    for at in range(1, len(raw)):
        if raw[at - 1 : at + 1] == b"\x16\x68":
            yield at


DAMAGES: Final[dict[str, Damage]] = {
    "1 bit flipped": _one_bit,
    "2 bits flipped": _two_bits,
    "1 byte lost": _byte_lost,
    "1 byte added": _byte_added,
    "burst of 2-7 bytes": _burst,
    "truncated": _truncated,
    "two interleaved": _interleaved,
}


def meter_of(model: MeterModel | Meter) -> Meter:
    """Return a model as the meter that sends in its own way."""
    return model if isinstance(model, Meter) else Meter(model.name, "", model)


@dataclass(frozen=True, slots=True)
class Sent:
    """One telegram and what the meter showed."""

    when: datetime
    state: MeterState
    raw: bytes

    @property
    def received(self) -> datetime:
        """When the message comes."""
        return self.when + timedelta(seconds=0.6)


_STEPS: Final = 2
_GONE: Final = 1e9
_STEP: Final = {"voltage": 0.1, "current": 0.01, "power_factor": 0.001}
type Pair = tuple[Sent, Sent]


@dataclass(slots=True)
class Tally:
    """What came of the trials with one kind of damage."""

    trials: int = 0
    wrong: int = 0
    right: int = 0
    gross: int = 0
    """Wrong by more than two of its smallest steps."""
    worst: int = 0
    """By how many of its smallest steps a wrong value was off, at most."""
    reasons: Counter[Reason] = field(default_factory=Counter)


def day(
    model: MeterModel | Meter, seed: int, count: int = DAY, *, vector: bool = False
) -> list[Sent]:
    """Return a day of telegrams from midnight."""
    meter = meter_of(model)
    house = Household(seed, START, phases=meter.model.phases, vector_power_factor=vector)
    sent: list[Sent] = []
    for number in range(1, count + 1):
        when = START + number * PERIOD
        state = house.advance(when)
        sent.append(Sent(when, state, play(meter, state, when, frame_counter(when))))
    return sent


def new_reader(model: MeterModel | Meter) -> MeterReader:
    """Return a reader with the meter's key, and no authentication key: nothing proves a byte."""
    return MeterReader(meter_of(model).model.key)


def is_true(model: MeterModel | Meter, heard: Heard, *candidates: Sent) -> bool:
    """Whether every reading shows what the meter showed at that moment."""
    most = 0xFF if meter_of(model).body is Body.RECORDS else 0xFFFFFFFF
    truths = {frame_counter(sent.when) & most: sent for sent in candidates}
    for reading in heard.readings:
        sent = truths.get(reading.frame_counter & most)
        if sent is None:
            return False
        clean = reading_of(model, sent)
        clean = clean._replace(clock_skew=reading.clock_skew, frame_counter=reading.frame_counter)
        if reading.late:
            shown = {key: value for key, value in clean.values.items() if key not in reading.late}
            time = None if "meter_time" in reading.late else clean.meter_time
            clean = clean._replace(values=shown, late=reading.late, meter_time=time)
        if clean != reading:
            return False
    return True


def reading_of(model: MeterModel | Meter, sent: Sent) -> Reading:
    """Return what a telegram says, read alone: the same bytes heard twice agree."""
    reader = new_reader(model)
    first = reader.feed(sent.raw, received=sent.received)
    if first.readings:
        return first.readings[0]  # something in it proves it
    again = reader.feed(sent.raw, received=sent.received + PERIOD)
    return again.readings[0] if again.readings else cast("Reading", reader.held)


def harsh(
    model: MeterModel | Meter, sent: list[Sent], trials: int, seed: int = 1
) -> tuple[dict[str, Tally], int]:
    """Damage telegrams in front of a reader that has heard only clean ones.

    Returns the tally of each damage, and how many clean telegrams were held back.
    """
    random = Random(seed)
    tallies = {name: Tally() for name in DAMAGES}
    reader = new_reader(model)
    moments = len(sent) - 1 - PRIMING
    held = 0
    for number, one in enumerate(sent[:-1]):
        if number >= PRIMING:
            done, todo = (trials * (number - PRIMING + k) // moments for k in (0, 1))
            for name, damage in DAMAGES.items():
                for _ in range(todo - done):
                    damaged = damage(one.raw, sent[number + 1].raw, random)
                    _try(model, reader, damaged, (one, sent[number + 1]), tallies[name])
        held += not reader.feed(one.raw, received=one.received).readings
    return tallies, held


def _try(
    model: MeterModel | Meter, reader: MeterReader, damaged: bytes, sent: Pair, tally: Tally
) -> None:
    heard = _heard(reader, damaged, sent[0].received)
    tally.trials += 1
    tally.reasons.update(error.reason for error in heard.rejections)
    if not is_true(model, heard, *sent):
        tally.wrong += 1
        steps = _steps(model, heard, sent)
        tally.worst = max(tally.worst, steps)
        tally.gross += steps > _STEPS
    elif heard.readings:
        tally.right += 1


def _heard(reader: MeterReader, damaged: bytes, received: datetime) -> Heard:
    """Return what a copy of a reader makes of a damaged telegram.

    Most of them do not pass the check of their frame: for these a copy of the byte stream
    alone says the same, in a tenth of the time.
    """
    stream = _copy_of_stream(reader)
    units, dropped = stream.feed(damaged, received)
    if not units and not dropped:
        # What was cut off waits for its rest, and is missed when it does not come.
        units, dropped = stream.feed(b"", received + 2 * PERIOD)
    if not units:
        return Heard((), tuple(dropped))
    other = copy_of(reader)
    heard = other.feed_bytes(damaged, received=received)
    if not heard.readings and not heard.rejections:
        heard = other.feed_bytes(b"", received=received + 2 * PERIOD)
    return heard


def copy_of(reader: MeterReader) -> MeterReader:
    """Copy what a telegram changes of a reader, as deepcopy would; test_corruption compares."""
    other = copy.copy(reader)
    for name in ("_layouts", "_lower", "rejected"):
        setattr(other, name, copy.copy(getattr(reader, name)))
    other._stream = _copy_of_stream(reader)  # noqa: SLF001
    other._plausibility = gates = copy.copy(reader._plausibility)  # noqa: SLF001
    gates._doubts = copy.copy(gates._doubts)  # noqa: SLF001
    return other


def _copy_of_stream(reader: MeterReader) -> Stream:
    stream = copy.copy(reader._stream)  # noqa: SLF001
    for name in ("_assembler", "_blocks"):
        joined = copy.copy(getattr(stream, name))
        joined._parts = list(joined._parts)  # noqa: SLF001
        setattr(stream, name, joined)
    return stream


def _steps(model: MeterModel | Meter, heard: Heard, sent: Pair) -> int:
    wrong, right = heard.readings[-1].values, reading_of(model, sent[0]).values
    late = heard.readings[-1].late
    return max(
        round(abs(wrong.get(key, _GONE) - value) / _STEP.get(key.partition("_l")[0], 1))
        for key, value in right.items()
        if key not in late
    )


def noisy(
    model: MeterModel | Meter, sent: list[Sent], share: float = 0.2, seed: int = 2
) -> tuple[int, int, int, int]:
    """Damage a share of the telegrams of one stream.

    Returns: damaged telegrams, wrong ones believed, clean ones, clean ones not believed.
    """
    random = Random(seed)
    reader = new_reader(model)
    kinds = list(DAMAGES.values())
    damaged = wrong = clean = lost = 0
    for number, one in enumerate(sent[:-1]):
        if number >= PRIMING and random.random() < share:
            damaged += 1
            raw = random.choice(kinds)(one.raw, sent[number + 1].raw, random)
            heard = reader.feed(raw, received=one.received)
            wrong += not is_true(model, heard, *sent[max(number - 3, 0) : number + 2])
        else:
            clean += 1
            heard = reader.feed(one.raw, received=one.received)
            lost += not heard.readings
            wrong += not is_true(model, heard, *sent[max(number - 3, 0) : number + 2])
    return damaged, wrong, clean, lost


def waiting(model: MeterModel | Meter, sent: list[Sent]) -> float:
    """Return the share of clean telegrams whose voltages and currents wait for the next one."""
    reader = new_reader(model)
    heard = [reader.feed(one.raw, received=one.received).readings for one in sent]
    return sum(bool(readings and readings[0].late) for readings in heard) / len(sent)


def random_keys(sent: Sent, count: int, seed: int = 3) -> int:
    """Return how many of `count` random keys have a reading of a telegram."""
    random = Random(seed)
    return sum(
        bool(MeterReader(random.randbytes(16)).feed(sent.raw, received=sent.received).readings)
        for _ in range(count)
    )


def from_the_first(
    model: MeterModel | Meter, sent: list[Sent], trials: int, seed: int = 4
) -> dict[str, Tally]:
    """Damage a telegram soon after a start, with and without a memory.

    Which one it is goes round: the first, the second, … (`AFTER`). Without: a reader that
    has heard nothing. With: one that knows what was kept beside the entry before it.
    """
    random = Random(seed)
    tallies = {name: Tally() for name in DAMAGES}
    primed = new_reader(model)
    key = meter_of(model).model.key
    moments = len(sent) - AFTER[-1] - 2 - PRIMING
    for number, one in enumerate(sent[: moments + PRIMING]):
        if number >= PRIMING:
            done, todo = (trials * (number - PRIMING + k) // moments for k in (0, 1))
            if done < todo:
                after = AFTER[number % len(AFTER)]
                known = number // len(AFTER) % 2
                reader = MeterReader(key, memory=primed.memory if known else None)
                for before in sent[number : number + after]:
                    reader.feed(before.raw, received=before.received)
                pair = (sent[number + after], sent[number + after + 1])
                for name, damage in DAMAGES.items():
                    for _ in range(todo - done):
                        damaged = damage(pair[0].raw, pair[1].raw, random)
                        _try(model, reader, damaged, pair, tallies[name])
        primed.feed(one.raw, received=one.received)
    return tallies


def show(tallies: dict[str, Tally]) -> None:
    """Print what came of each damage."""
    print(
        f"  {'damage':22}{'trials':>9}{'wrong':>7}{'gross':>7}{'worst':>7}{'undone':>8}  refused because"
    )
    for name, tally in tallies.items():
        reasons = ", ".join(f"{reason} {n}" for reason, n in tally.reasons.most_common(5))
        print(
            f"  {name:22}{tally.trials:9}{tally.wrong:7}{tally.gross:7}{tally.worst:7}{tally.right:8}  {reasons}"
        )


def main() -> None:
    """Print the table: of all meters, or of those that are named."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    named: list[tuple[MeterModel | Meter, bool]] = [(BY_NAME[name], False) for name in sys.argv[2:]]
    standard: list[tuple[MeterModel | Meter, bool]] = [
        (KAIFA, False),
        (SAGEMCOM, True),
        (TIROL, False),
        *((meter, False) for meter in METERS if meter.body is not None),
    ]
    for model, vector in named or standard:
        meter = meter_of(model)
        sent = day(model, 7, vector=vector)
        tallies, held = harsh(model, sent, trials)
        print(f"{meter.name} {meter.model.name}{', vector power factor' if vector else ''}")
        show(tallies)
        print(f"  clean day: {10_000 * held / len(sent):.0f} of 10,000 telegrams held back once")
        print("  one of the first 60 telegrams of a start")
        show(from_the_first(model, sent, trials))
        print(f"  clean day: {100 * waiting(model, sent):.1f} % with a detail left out")
        damaged, wrong, clean, lost = noisy(model, sent)
        print(
            f"  noisy day: {damaged} damaged, {wrong} wrong believed, "
            f"{lost} of {clean} clean ones held back"
        )
        print(f"  random keys: {random_keys(sent[0], 20_000)} of 20,000 believed", flush=True)


if __name__ == "__main__":
    main()
