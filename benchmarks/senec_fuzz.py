"""Random and mutated answers of lala.cgi through the codec: no exception but its own, no hang.

python -m benchmarks.senec_fuzz [COUNT] [SEED]
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from time import perf_counter
from typing import Final

from custom_components.hausstrom.senec.local.protocol.catalogue import SECTIONS
from custom_components.hausstrom.senec.local.protocol.codec import (
    Answer,
    CodecError,
    Decoder,
    Refusal,
)
from custom_components.hausstrom.senec.local.protocol.identity import SenecIdentity
from custom_components.hausstrom.senec.local.protocol.roster import all_points, points_of
from simulators.senec_local import Faults, Model, SenecDevice

_PREFIXES: Final = (
    "fl_",
    "u8_",
    "u1_",
    "u3_",
    "u6_",
    "i8_",
    "i1_",
    "i3_",
    "st_",
    "ch_",
    "er_",
    "x",
)
_WORDS: Final = (
    "VARIABLE_NOT_FOUND",
    "FORBIDDEN",
    "MALFORMED_VALUE",
    "st_END_OF_ARRAY",
    "",
    "_",
    "fl",
)
_SLOWEST: Final = 1.0  # seconds that one answer may take on a busy machine
_READ_EVERY: Final = 500


def answers(seed: int) -> Iterator[bytes]:
    """Yield answers without end: real ones mutated, and ones made up."""
    rng = random.Random(seed)
    real = [
        json.dumps(SenecDevice(model).answer({section: {}}, Faults())).encode()
        for model in Model
        for section in SECTIONS
    ]
    while True:
        match rng.randrange(4):
            case 0:
                yield _bytes_changed(rng, rng.choice(real))
            case 1:
                yield rng.choice(real)[: rng.randrange(400)]
            case 2:
                yield json.dumps(_made_up(rng, 0)).encode("utf-8", "surrogatepass")
            case _:
                yield rng.randbytes(rng.randrange(60))


def _bytes_changed(rng: random.Random, body: bytes) -> bytes:
    changed = bytearray(body[: rng.randrange(40, 1500)] if rng.random() < 0.3 else body)
    for _ in range(rng.randrange(1, 6)):
        place = rng.randrange(len(changed))
        match rng.randrange(3):
            case 0:
                changed[place] = rng.randrange(256)
            case 1:
                del changed[place : place + rng.randrange(1, 9)]
                changed = changed or bytearray(b"{")
            case _:
                changed[place:place] = rng.choice((b'"', b"\\", b"{", b"]", b"st_", b"\xff", b"0"))
    return bytes(changed)


def _made_up(rng: random.Random, depth: int) -> object:
    if depth >= 2 or (depth and rng.random() < 0.2):
        return _leaf(rng)
    if depth == 1 and rng.random() < 0.1:
        return [_made_up(rng, 1) for _ in range(rng.randrange(4))]
    return {
        rng.choice(("ENERGY", "BMS", "PV1", "X", "OBJECT_NOT_FOUND", "GUI_GRID_POW")): (
            [_leaf(rng) for _ in range(rng.randrange(5))]
            if depth and rng.random() < 0.3
            else _made_up(rng, depth + 1)
        )
        for _ in range(rng.randrange(5))
    }


def _leaf(rng: random.Random) -> object:
    match rng.randrange(8):
        case 0:
            return rng.choice(_WORDS)
        case 1:
            return rng.choice((None, True, 1, -1.5, 10**30, [], {}, [[]]))
        case 2:
            return rng.choice(_PREFIXES) + "".join(chr(rng.randrange(1, 0x500)) for _ in range(8))
        case _:
            digits = "".join(rng.choice("0123456789ABCDEFabcdef _+-") for _ in range(8))
            return rng.choice(_PREFIXES) + digits[: rng.choice((2, 4, 8, 8))]


def check(answer: Answer) -> None:
    """Read everything there is from an answer; the codec's values fit every reader."""
    for point in all_points().values():
        point.read(answer)
    points_of(answer)
    SenecIdentity.of(answer)


def fuzz(count: int, seed: int = 1, slowest: float | None = None) -> Counter[str]:
    """Decode that many answers; return how they ended.

    Raises whatever must not be raised, and TimeoutError for an answer that takes more than
    `slowest` seconds.
    """
    decoder = Decoder()
    ends: Counter[str] = Counter()
    for number, body in zip(range(count), answers(seed), strict=False):
        begun = perf_counter()
        try:
            answer = decoder.decode(body)
        except CodecError as error:
            ends[error.reason.value] += 1
        else:
            ends["decoded"] += 1
            for section in answer.sections.values():
                for cell in section.values():
                    for value in cell if isinstance(cell, list) else (cell,):
                        if not isinstance(value, int | float | str | Refusal):
                            raise TypeError(body)
            if number % _READ_EVERY == 0:
                check(answer)
        if slowest is not None and perf_counter() - begun > slowest:
            raise TimeoutError(body)
    return ends


def main() -> None:
    """Fuzz as many answers as the first argument says, a million by default."""
    numbers = [int(argument) for argument in sys.argv[1:]]
    count = numbers[0] if numbers else 1_000_000
    begun = perf_counter()
    ends = fuzz(count, numbers[1] if len(numbers) > 1 else 1, _SLOWEST)
    print(f"{count} answers in {perf_counter() - begun:.0f} s, no exception but the codec's own")
    for end, times in ends.most_common():
        print(f"  {end:<16} {times}")


if __name__ == "__main__":
    main()
