"""A smart meter: telegrams over MQTT, a serial port or TCP, and everything that goes wrong.

`python -m simulators.evn --meter wien --wire tcp` plays until it is stopped. Which house it is depends only on
the seed and the date, so that a restarted simulator goes on where the old one would be.
"""

import argparse
import asyncio
import contextlib
from collections.abc import Callable
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

import aiomqtt

from .evn_household import Household
from .evn_meters import BY_NAME, METERS, Meter, play
from .evn_telegram import KAIFA, SAGEMCOM, MeterModel, telegram
from .evn_wire import PtyWire, TcpWire, Wire
from .household import GridOfTheHome

TOPIC: Final = "sensors/smartmeter"
PERIOD: Final = 5
_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)


class Fault(StrEnum):
    """What can be wrong with a meter, a wire or a gateway."""

    NONE = "none"
    DROP_BYTES = "drop_bytes"
    FLIP_BITS = "flip_bits"
    TRUNCATE = "truncate"
    REPEAT = "repeat"
    SILENT = "silent"
    WRONG_KEY = "wrong_key"
    SECOND_METER = "second_meter"
    RETAINED = "retained"
    SPLIT = "split"
    JOINED = "joined"
    GARBAGE = "garbage"
    GIBBERISH = "gibberish"


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message to be published."""

    payload: bytes
    retain: bool = False


def frame_counter(when: datetime, period: int = PERIOD) -> int:
    """Return the counter of the telegram of a moment: one every period (s) since 2024."""
    return int((when - _EPOCH).total_seconds()) // period


class EvnMeter:
    """The meter and its wire, without MQTT: which messages come at which moment."""

    def __init__(
        self,
        model: MeterModel | Meter = KAIFA,
        *,
        seed: int = 1,
        start: datetime | None = None,
        household: Household | GridOfTheHome | None = None,
    ) -> None:
        """`start`: the first moment, now by default; `household`: whose grid it measures."""
        self.meter = model if isinstance(model, Meter) else None
        model = model.model if isinstance(model, Meter) else model
        self.model = model
        self.fault = Fault.NONE
        self._household = household or Household(
            seed, start or datetime.now(UTC), phases=model.phases
        )
        self._random = Random(seed)
        self._last: bytes | None = None

    def telegram(self, when: datetime) -> bytes:
        """Return the bytes of the telegram of a moment; moments must not go back."""
        state = self._household.advance(when)
        if (meter := self.meter) is None:
            return telegram(self.model, state, when, frame_counter(when))
        raw = play(meter, state, when, frame_counter(when, round(meter.period)))
        return raw + self._random.randbytes(meter.signature)

    def messages(self, when: datetime) -> list[Message]:
        """Return what the gateway publishes at a moment, with the fault that is set."""
        raw = self.telegram(when)
        before, self._last = self._last, raw
        mischief = _MISCHIEF.get(self.fault)
        if mischief is not None:
            return [Message(_hex(part)) for part in mischief(raw, self._random)]
        match self.fault:
            case Fault.REPEAT:
                return [Message(_hex(raw if before is None else before))]
            case Fault.JOINED:
                return [Message(_hex((before or b"") + raw))]
            case Fault.RETAINED:
                return [Message(_hex(raw), retain=True)]
            case Fault.WRONG_KEY:
                other = replace(self.model, key=bytes(16))
                return [Message(_hex(self._as(other, when)))]
            case Fault.SECOND_METER:
                other = KAIFA if self.model is SAGEMCOM else SAGEMCOM
                return [Message(_hex(raw)), Message(_hex(self._as(other, when)))]
        return [Message(_hex(raw))]

    def _as(self, model: MeterModel, when: datetime) -> bytes:
        state = self._household.state()
        if len(state.voltages) < model.phases:
            model = replace(model, phases=len(state.voltages))
        return telegram(model, state, when, frame_counter(when))


def _hex(raw: bytes) -> bytes:
    return raw.hex().upper().encode()


type _Mischief = Callable[[bytes, Random], list[bytes]]


def _drop_bytes(raw: bytes, random: Random) -> list[bytes]:
    at = random.randrange(len(raw) - 4)
    return [raw[:at] + raw[at + random.randint(1, 4) :]]


def _flip_bits(raw: bytes, random: Random) -> list[bytes]:
    damaged = bytearray(raw)
    for _ in range(random.randint(1, 3)):
        damaged[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    return [bytes(damaged)]


def _truncate(raw: bytes, random: Random) -> list[bytes]:
    return [raw[: random.randrange(1, len(raw))]]


def _split(raw: bytes, _random: Random) -> list[bytes]:
    """Cut between two frames, as a slow wire does."""
    at = next((n for n in range(256, len(raw) - 3) if raw[n - 1 : n + 1] == b"\x16\x68"), len(raw))
    return [part for part in (raw[:at], raw[at:]) if part]


def _garbage(raw: bytes, random: Random) -> list[bytes]:
    return [random.randbytes(random.randint(1, 40)) + raw + random.randbytes(random.randint(1, 40))]


def _gibberish(_raw: bytes, random: Random) -> list[bytes]:
    return [random.randbytes(100)]


def _silent(_raw: bytes, _random: Random) -> list[bytes]:
    return []


_MISCHIEF: Final[dict[Fault, _Mischief]] = {
    Fault.DROP_BYTES: _drop_bytes,
    Fault.FLIP_BITS: _flip_bits,
    Fault.TRUNCATE: _truncate,
    Fault.SPLIT: _split,
    Fault.GARBAGE: _garbage,
    Fault.GIBBERISH: _gibberish,
    Fault.SILENT: _silent,
}


class EvnMeterSimulator:
    """Publishes a meter's telegrams to a broker until it is cancelled."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 1883,
        *,
        topic: str = TOPIC,
        model: MeterModel | Meter = KAIFA,
        seed: int = 1,
        period: float | None = None,
        username: str | None = None,
        password: str | None = None,
        household: Household | GridOfTheHome | None = None,
    ) -> None:
        """`period`: seconds between telegrams on the wire; the meter's clock keeps to its own."""
        self._host, self._port = host, port
        self._username, self._password = username, password
        self._topic = topic
        self._step = round(model.period) if isinstance(model, Meter) else PERIOD
        self._period = self._step if period is None else period
        self.published = 0
        start = datetime.now(UTC) - timedelta(seconds=60)
        self._meter = EvnMeter(model, seed=seed, start=start, household=household)

    @property
    def model(self) -> MeterModel:
        """The meter that is simulated, with its key."""
        return self._meter.model

    @property
    def fault(self) -> Fault:
        """What goes wrong; set it at any time."""
        return self._meter.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self._meter.fault = fault

    async def run(self) -> None:
        """Publish for ever; connect again after two seconds when the broker is gone."""
        when = self._begin()
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(
                    self._host, self._port, username=self._username, password=self._password
                ) as client:
                    while True:
                        for message in self._meter.messages(when):
                            await client.publish(
                                self._topic, message.payload, retain=message.retain
                            )
                            self.published += 1
                        await asyncio.sleep(self._period)
                        when = self._next(when)
            await asyncio.sleep(2)
            when = self._next(when)

    async def run_on(self, wire: Wire) -> None:
        """Send the bytes of each telegram to a wire for ever."""
        when = self._begin()
        while True:
            wire.write(self._meter.telegram(when))
            await asyncio.sleep(self._period)
            when = self._next(when)

    def _begin(self) -> datetime:
        when = datetime.now(UTC).replace(microsecond=0)
        return when - timedelta(seconds=when.second % self._step)

    def _next(self, when: datetime) -> datetime:
        """Keep to the five-second grid of the meter, and to the wall clock where that is ahead."""
        following = when + timedelta(seconds=self._step)
        now = datetime.now(UTC).replace(microsecond=0)
        if now - following > timedelta(seconds=self._step):
            following = now - timedelta(seconds=now.second % self._step)
        return following


def main() -> None:
    """Play a meter from the command line."""
    parser = argparse.ArgumentParser(prog="python -m simulators.evn", description=__doc__)
    parser.add_argument("--meter", choices=list(BY_NAME), default=METERS[0].name)
    parser.add_argument("--wire", choices=["mqtt", "serial", "tcp"], default="mqtt")
    parser.add_argument("--host", default="127.0.0.1", help="of the broker")
    parser.add_argument("--port", type=int, help="of the broker (1883), or of the TCP server (any)")
    parser.add_argument("--topic", default=TOPIC)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault", choices=list(Fault), type=Fault, default=Fault.NONE)
    options = parser.parse_args()
    meter = BY_NAME[options.meter]
    simulator = EvnMeterSimulator(
        options.host, options.port or 1883, topic=options.topic, model=meter, seed=options.seed
    )
    simulator.fault = options.fault
    key, second = meter.keys
    print(f"{meter.operator}, {meter.model.name}")
    print(f"key {key.hex().upper()}")
    if second is not None:
        print(f"authentication key {second.hex().upper()}")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_play(simulator, options.wire, options.topic, options.port or 0))


async def _play(simulator: EvnMeterSimulator, kind: str, topic: str, port: int) -> None:
    """Play on the wire that was asked for."""
    if kind == "mqtt":
        print(f"topic {topic}", flush=True)
        await simulator.run()
    elif kind == "serial":
        wire = PtyWire()
        print(f"port {wire.url}", flush=True)
        await simulator.run_on(wire)
    else:
        server = TcpWire()
        await server.start(port)
        print(f"port {server.url}", flush=True)
        await simulator.run_on(server)


if __name__ == "__main__":
    main()
