"""Decode a full dump of lala.cgi, beside the floor (its JSON alone) and a straightforward decoder.

python -m benchmarks.senec_codec
"""

import json
import struct
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Final

import orjson

from custom_components.hausstrom.senec.local.protocol.catalogue import SECTIONS
from custom_components.hausstrom.senec.local.protocol.codec import Decoder
from simulators.senec_local import Faults, Model, SenecDevice

REPEATS: Final = 150
ROUNDS: Final = 10


def dump(model: Model = Model.V3) -> bytes:
    """Return what a simulated device answers when everything is asked for at once."""
    device = SenecDevice(model)
    answer = device.answer({section: {} for section in SECTIONS}, Faults())
    return json.dumps(answer, separators=(",", ":")).encode()


def straightforward(body: bytes) -> object:
    """Decode as the clients in the field do: one value after the other, by what it begins with."""
    return {
        section: {name: _simple(value) for name, value in variables.items()}
        for section, variables in json.loads(body).items()
    }


def _simple(value: object) -> object:
    if isinstance(value, list):
        return [_simple(item) for item in value]
    if not isinstance(value, str):
        return None
    if value.startswith("fl_"):
        return struct.unpack("!f", bytes.fromhex(value[3:]))[0]
    if value.startswith(("u8_", "u1_", "u3_", "u6_", "i8_", "i1_", "i3_")):
        return int(value[3:], 16)
    if value.startswith("st_"):
        return value[3:]
    return value


def cold(body: bytes) -> object:
    """Decode with a decoder that has seen nothing yet."""
    return Decoder().decode(body)


def best(calls: Sequence[Callable[[], object]]) -> list[float]:
    """Return the seconds each call takes, at its best.

    The machine is shared: many short runs in turn, so that each meets a quiet moment.
    """
    times = [float("inf")] * len(calls)
    for _ in range(REPEATS):
        for index, call in enumerate(calls):
            begun = perf_counter()
            for _ in range(ROUNDS):
                call()
            times[index] = min(times[index], (perf_counter() - begun) / ROUNDS)
    return times


def main() -> None:
    """Print the table."""
    body = dump()
    decoder = Decoder()
    answer = decoder.decode(body)
    values = sum(
        len(cell) if isinstance(cell, list) else 1
        for section in answer.sections.values()
        for cell in section.values()
    )
    print(f"A full dump: {len(answer.sections)} sections, {values} values, {len(body)} bytes")
    calls: dict[str, Callable[[], object]] = {
        "floor: orjson.loads alone": partial(orjson.loads, body),
        "this decoder, as it runs (memory warm)": partial(decoder.decode, body),
        "this decoder, first answer (memory cold)": partial(cold, body),
        "json.loads alone": partial(json.loads, body),
        "straightforward, value by value": partial(straightforward, body),
    }
    times = best(list(calls.values()))
    for name, seconds in zip(calls, times, strict=True):
        print(f"  {name:<42} {seconds * 1e6:8.1f} µs  {seconds / times[0]:6.2f} x floor")


if __name__ == "__main__":
    main()
