"""SmartLog: a report of 500 meters with 20 points each, through the pure path."""

import gc
import json
from collections.abc import Callable
from time import perf_counter

from custom_components.hausstrom.smartlog.protocol.gateway import Gateway
from custom_components.hausstrom.smartlog.protocol.report import SignatureTable, parse_report

METERS = 500
NOW = 1_790_000_000
REPEATS = 7

_QUANTITIES = (
    ("Energy", "kWh", "0.001", "6-0:1.0.0*255"),
    ("Volume", "m^3", "0.001", "6-0:2.0.0*255"),
    ("Power", "W", "1", "6-0:8.0.0*255"),
    ("Volume flow", "m^3/h", "0.001", "6-0:9.0.0*255"),
    ("Flow temperature", "Degree C", "0.01", "6-0:10.0.0*255"),
    ("Return temperature", "Degree C", "0.01", "6-0:11.0.0*255"),
    ("Temperature difference", "K", "0.01", "6-0:12.0.0*255"),
    ("Error flags (Device type specific)", "Bin", "1", "0-0:97.97.0*255"),
    *((f"Energy tariff {number}", "kWh", "0.1", "") for number in range(1, 5)),
    *(("Energy", "kWh", "1", f"6-0:1.2.0*{month}") for month in range(8)),
)


def report(turn: int, changing: int = 20, meters: int = METERS) -> bytes:
    """Return a report; in each turn the first `changing` points of each meter differ."""
    time = NOW + 60 * turn
    return json.dumps(
        {
            "muc": {
                "MUC_ID": "6891d00000aa",
                "TIMESTAMP": str(time),
                "meter": [
                    {
                        "METER_ID": f"{70_000_000 + number}",
                        "INTERFACE": "02",
                        "MANUFACTURER": "KAM",
                        "MEDIUM": "Heat (outlet)",
                        "data": [
                            {
                                "DESCRIPTION": description,
                                "UNIT": unit,
                                "SCALE": scale,
                                "MEDIUM": "Heat (outlet)",
                                "OBIS_ID": obis,
                                "entry": [
                                    {
                                        "T_MUC": str(time - 5),
                                        "VAL": str(
                                            1000 + number + (turn if index < changing else 0)
                                        ),
                                    }
                                ],
                            }
                            for index, (description, unit, scale, obis) in enumerate(_QUANTITIES)
                        ],
                    }
                    for number in range(meters)
                ],
            }
        }
    ).encode()


def best_ms(work: Callable[[], object]) -> float:
    """Return the shortest of several runs in milliseconds; the machine is shared."""
    best = float("inf")
    for _ in range(REPEATS):
        gc.collect()
        start = perf_counter()
        work()
        best = min(best, perf_counter() - start)
    return best * 1000


def longest_step_ms(gateway: Gateway, body: bytes, turn: int) -> float:
    """Return how long the longest single meter of a report takes."""
    parsed = parse_report(body, NOW + 60 * turn)
    steps = gateway.take_stepwise(parsed.gateways[0], NOW + 60 * turn)
    longest = 0.0
    start = perf_counter()
    for _ in steps:
        now = perf_counter()
        longest = max(longest, now - start)
        start = now
    return longest * 1000


def main() -> None:
    """Print the times of each stage, and their ratio to bare JSON decoding."""
    signatures = SignatureTable()
    bodies = [report(turn) for turn in range(REPEATS + 2)]
    size = len(bodies[0]) / 1024
    floor = best_ms(lambda: json.loads(bodies[0]))
    parse = best_ms(lambda: parse_report(bodies[0], NOW, signatures))
    parsed = [parse_report(body, NOW + 60 * turn, signatures) for turn, body in enumerate(bodies)]

    def first() -> None:
        Gateway().take(parsed[0].gateways[0], NOW)

    fresh = best_ms(first)
    gateway = Gateway()
    gateway.take(parsed[0].gateways[0], NOW)
    turns = iter(range(1, len(parsed)))
    changed = 0

    def next_report() -> None:
        nonlocal changed
        turn = next(turns)
        changed = len(gateway.take(parsed[turn].gateways[0], NOW + 60 * turn).readings)

    changes = best_ms(next_report)
    last = parsed[len(parsed) - 2].gateways[0]
    unchanged = best_ms(lambda: gateway.take(last, NOW + 60 * len(parsed)))
    longest = longest_step_ms(Gateway(), bodies[0], 0)
    dumped = best_ms(gateway.dump)
    points = METERS * len(_QUANTITIES)
    print(
        f"SmartLog report: {METERS} meters x {len(_QUANTITIES)} points = {points}, {size:.0f} KiB"
    )
    print(f"  {'stage':34} {'ms':>8} {'µs/point':>9} {'x json':>7}")
    for name, value in (
        ("json.loads alone (floor)", floor),
        ("parse (in the executor)", parse),
        ("identity, all new", fresh),
        (f"identity and changes, {changed} changed", changes),
        ("the same again, none changed", unchanged),
        ("longest single step, all new", longest),
        ("state for the store", dumped),
    ):
        print(f"  {name:34} {value:8.2f} {value * 1000 / points:9.2f} {value / floor:7.2f}")


if __name__ == "__main__":
    main()
