"""Two changed bits, counted where they can do harm: in telegrams of two M-Bus frames.

`python -m benchmarks.evn_corruption_pairs [moments [seed of the household]]`. Of all pairs of
bits one in eight passes the sums, and of these one in a thousand is believed: a count at random
needs millions. Here the bits are found first whose change alone leaves a telegram that can be
read (values, clocks, numbers that count; and the sums), then at moments spread over a day some
of the pairs of these are tried that their sum lets pass, and the result is weighted. The same
rate with a twentieth of the trials; `evn_corruption` draws any two bits.
"""

import sys
from collections.abc import Iterator
from random import Random
from typing import Final

from custom_components.hausstrom.evn.protocol.reader import MeterReader
from simulators.evn_meters import Meter
from simulators.evn_telegram import KAIFA, SAGEMCOM, TIROL, MeterModel

from .evn_corruption import (
    PERIOD,
    PRIMING,
    Sent,
    _heard,
    day,
    harsh,
    is_true,
    meter_of,
    new_reader,
    reading_of,
    waiting,
)

_NEAR: Final = 512.5
"""Steps (1 W, 0.1 V, …) up to which a bit may be believed at all: these pairs are tried first."""
_STEPS: Final = {"voltage": 0.1, "current": 0.01, "power_factor": 0.001}
_TRIED: Final = (120, 40)
"""How many of the near pairs, and of the others, are tried at one moment."""

type Pairs = list[tuple[int, int]]


class Bits:
    """The bits of a meter's telegrams whose change may go unseen."""

    def __init__(self, model: MeterModel | Meter, sent: Sent) -> None:
        """Find them in one telegram; those of another stand in the same places."""
        end = meter_of(model).model.frame_length + 6
        self.frames: Final = ((4, end - 2), (end + 4, len(sent.raw) - 2))
        """From and to which byte each sum is taken, and where it stands."""
        right = reading_of(model, sent)
        self.frame_of: dict[int, int] = {}
        self.near: set[int] = set()
        for number, (first, total) in enumerate(self.frames):
            for bit in range(8 * first, 8 * total):
                reader = new_reader(model)
                raw = self._repaired(sent.raw, bit)
                for received in (sent.received, sent.received + PERIOD):
                    reader.feed(raw, received=received)
                if (read := reader.held) is None:
                    continue
                self.frame_of[bit] = number
                far = [
                    abs(read.values.get(key, 1e9) - value) / _STEPS.get(key.partition("_l")[0], 1)
                    for key, value in right.values.items()
                ]
                if 0 < max(far) <= _NEAR:
                    self.near.add(bit)
            for bit in range(8 * total, 8 * total + 8):
                self.frame_of[bit] = number
                self.near.add(bit)

    def _repaired(self, raw: bytes, bit: int) -> bytes:
        changed = bytearray(raw)
        changed[bit >> 3] ^= 1 << (bit & 7)
        for first, total in self.frames:
            changed[total] = sum(changed[first:total]) & 0xFF
        return bytes(changed)

    def pairs(self, raw: bytes) -> tuple[Pairs, Pairs]:
        """Return the pairs of one telegram that the sums let pass: near ones, and others."""
        by_change: dict[tuple[int, int], list[int]] = {}
        for bit, frame in self.frame_of.items():
            at, value = bit >> 3, 1 << (bit & 7)
            change = -value if raw[at] & value else value
            by_change.setdefault(
                (frame, -change if at == self.frames[frame][1] else change), []
            ).append(bit)
        near: Pairs = []
        others: Pairs = []
        for pair in self._opposite(by_change):
            (near if self.near.issuperset(pair) else others).append(pair)
        return near, others

    @staticmethod
    def _opposite(by_change: dict[tuple[int, int], list[int]]) -> Iterator[tuple[int, int]]:
        for (frame, change), bits in by_change.items():
            if change > 0:
                yield from ((a, b) for a in bits for b in by_change.get((frame, -change), ()))
            if abs(change) == 128:  # twice that is nothing for a sum of eight bits
                yield from ((a, b) for n, a in enumerate(bits) for b in bits[n + 1 :])


def wrong_of(
    model: MeterModel | Meter,
    bits: Bits,
    reader: MeterReader,
    sent: tuple[Sent, Sent],
    random: Random,
) -> float:
    """Return how many of 100,000 pairs of any two bits bring a wrong value at this moment."""
    raw = sent[0].raw
    wrong = 0.0
    for pairs, most in zip(bits.pairs(raw), _TRIED, strict=True):
        tried = random.sample(pairs, min(most, len(pairs)))
        for pair in tried:
            damaged = bytearray(raw)
            for bit in pair:
                damaged[bit >> 3] ^= 1 << (bit & 7)
            heard = _heard(reader, bytes(damaged), sent[0].received)
            if heard.readings and not is_true(model, heard, *sent):
                wrong += len(pairs) / len(tried)
    size = 8 * len(raw)
    return wrong / (size * (size - 1) / 2) * 100_000


def within_a_day(model: MeterModel | Meter, sent: list[Sent], moments: int, seed: int = 5) -> float:
    """Return the mean of these moments, in front of a reader that has heard clean telegrams."""
    random = Random(seed)
    bits = Bits(model, sent[PRIMING])
    reader = new_reader(model)
    step = (len(sent) - 1 - PRIMING) // moments
    found = []
    for number, one in enumerate(sent[:-1]):
        if number >= PRIMING and not (number - PRIMING) % step:
            found.append(wrong_of(model, bits, reader, (one, sent[number + 1]), random))
        reader.feed(one.raw, received=one.received)
    return sum(found) / len(found)


def main() -> None:
    """Print the rate of the three meters with three phases."""
    moments = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    for model, vector in ((SAGEMCOM, True), (KAIFA, False), (TIROL, False)):
        sent = day(model, seed, vector=vector)
        rate = within_a_day(model, sent, moments)
        _, held = harsh(model, sent, 0)
        print(
            f"{model.name}: {rate:.2f} of 100,000 pairs, {100 * held / len(sent):.2f} % held back,"
            f" details wait in {100 * waiting(model, sent):.1f} %",
            flush=True,
        )


if __name__ == "__main__":
    main()
