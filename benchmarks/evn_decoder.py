"""Hex in, checked reading out: the reader of smart meters beside its peers and the floor.

The peers get less to do: gurux-dlms ends at XML, smartmeter-austria-energy checks neither
checksums nor structure, and neither judges: so the part of our time that ends at values is
given as well. Every decoder gets a fresh telegram each time.
At the end: which share of a core a serial port takes whose bytes come in pieces, with the
telegrams that a meter sends, and with as many as the line can carry.
"""

import contextlib
import gc
import io
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Final

from Crypto.Cipher import AES

from custom_components.hausstrom.evn.protocol.reader import MeterReader
from simulators.evn import EvnMeter
from simulators.evn_meters import BY_NAME, Meter
from simulators.evn_telegram import KAIFA, TIROL, MeterModel

COUNT: Final = 1_500
REPEATS: Final = 12
START: Final = datetime(2026, 5, 12, 8, tzinfo=UTC)

type Message = tuple[bytes, datetime]
type Work = Callable[[bytes, datetime], object]


def messages(model: MeterModel | Meter, count: int = COUNT) -> list[Message]:
    """Return hex telegrams as they come, and when."""
    meter = EvnMeter(model, seed=4, start=START)
    period = model.period if isinstance(model, Meter) else 5
    moments = [START + timedelta(seconds=period * number) for number in range(1, count + 1)]
    return [
        (meter.telegram(when).hex().upper().encode(), when + timedelta(seconds=0.6))
        for when in moments
    ]


def best(candidates: Sequence[tuple[Callable[[], Work], Sequence[Message]]]) -> list[float]:
    """Return for each candidate the least microseconds that one telegram took.

    They take turns and are timed in short runs. It is the time of the processor that counts:
    what else the machine does takes it away from none of them.
    """
    least = [float("inf")] * len(candidates)
    gc.disable()
    for _ in range(REPEATS):
        for index, (prepare, sent) in enumerate(candidates):
            work = prepare()
            for part in batched(sent, max(len(sent) // 15, 4), strict=True):
                begin = time.thread_time()
                for payload, received in part:
                    work(payload, received)
                least[index] = min(least[index], (time.thread_time() - begin) / len(part))
        gc.collect()
    gc.enable()
    return [seconds * 1e6 for seconds in least]


def ours(model: MeterModel | Meter, seen: list[int]) -> Callable[[], Work]:
    """Prepare our reader; `seen` collects how many telegrams it believed."""

    def prepare() -> Work:
        key = model.model.key if isinstance(model, Meter) else model.key
        reader = MeterReader(key)

        def work(payload: bytes, received: datetime) -> None:
            heard = reader.feed(payload, received=received)
            seen.append(len(heard.readings))

        return work

    return prepare


def decoding(model: MeterModel) -> Callable[[], Work]:
    """Prepare what is comparable with peers: hex in, values out, and nothing judged."""

    def prepare() -> Work:
        reader = MeterReader(model.key)
        primed = False

        def work(payload: bytes, received: datetime) -> object:
            nonlocal primed
            if not primed:
                primed = bool(reader.feed(payload, received=received).readings)
                return None
            # The steps of MeterReader._read_usual, up to what is judged.
            data = reader._spelling.read(payload)  # noqa: SLF001
            unit, usual = reader._stream.usual(data, received), reader._usual  # noqa: SLF001
            sealed = None if unit is None or usual is None else usual.header.sealed(unit)
            if sealed is None or usual is None:
                raise ValueError("no usual telegram")
            layout = reader._layouts.get(usual.shape)  # noqa: SLF001
            nonce = usual.title + sealed[:4]
            said = None
            if layout is not None:
                said = layout.read(reader._decipherer.number(nonce, sealed[4:]))  # noqa: SLF001
            if said is None:
                raise ValueError("not the layout of the telegram before")
            return said

        return work

    return prepare


def floor(model: MeterModel) -> Callable[[], Work]:
    """Prepare what nobody can do without: hex, checksums, AES."""

    def prepare() -> Work:
        cipher = AES.new(model.key, AES.MODE_ECB)
        first = model.frame_length + 6

        def work(payload: bytes, _received: datetime) -> bytes:
            data = bytes.fromhex(payload.decode())
            for frame in (data[:first], data[first:]):
                if sum(frame[4:-2]) & 0xFF != frame[-2]:
                    raise ValueError("checksum")
            return cipher.encrypt(data[: (len(data) - 26) & ~15])

        return work

    return prepare


def gurux(model: MeterModel | Meter) -> Callable[[], Work]:
    """Prepare gurux-dlms: M-Bus frames or one HDLC frame in, XML out."""
    from gurux_dlms import GXByteBuffer, GXDLMSTranslator  # noqa: PLC0415 (a development peer)
    from gurux_dlms.enums import Security  # noqa: PLC0415
    from gurux_dlms.GXDLMSTranslatorMessage import GXDLMSTranslatorMessage  # noqa: PLC0415

    of_bus = not isinstance(model, Meter) or model.body is None
    model = model.model if isinstance(model, Meter) else model

    def prepare() -> Work:
        translator = GXDLMSTranslator()
        translator.security = (
            Security.AUTHENTICATION_ENCRYPTION if model.security & 0x10 else Security.ENCRYPTION
        )
        translator.blockCipherKey = bytearray(model.key)
        translator.authenticationKey = bytearray(model.authentication_key)
        translator.systemTitle = bytearray(model.system_title)
        translator.completePdu = True
        translator.comments = True  # without them it does not decipher

        def work(payload: bytes, _received: datetime) -> str:
            data = bytes.fromhex(payload.decode())
            translator.multipleFrames = False
            translator.pduFrames.clear()
            message = GXDLMSTranslatorMessage()
            for frame in (data[:256], data[256:]) if of_bus else (data,):
                message.message = GXByteBuffer(frame)
                translator.messageToXml(message)
            xml = str(message.xml)
            if "DataNotification" not in xml:
                raise ValueError("gurux-dlms did not read the telegram")
            return xml

        return work

    return prepare


def austria_energy(model: MeterModel) -> Callable[[], Work]:
    """Prepare smartmeter-austria-energy: two frames in, values out."""
    from smartmeter_austria_energy.decrypt import Decrypt  # noqa: PLC0415 (a development peer)
    from smartmeter_austria_energy.supplier import SupplierTINETZ  # noqa: PLC0415

    def prepare() -> Work:
        supplier, key = SupplierTINETZ(), model.key.hex()

        def work(payload: bytes, _received: datetime) -> None:
            data = bytes.fromhex(payload.decode())
            decrypt = Decrypt(supplier, data[:256], data[256:], key)
            decrypt.parse_all()
            if decrypt.get_obis_value("RealEnergyIn") is None:
                raise ValueError("smartmeter-austria-energy did not read the telegram")

        return work

    return prepare


FRAMINGS: Final = (
    ("tirol", "M-Bus, nested", True),
    ("wien", "HDLC, eight by place, signature", True),
    ("kaernten", "HDLC, list", True),
    ("burgenland", "HDLC, short", True),
    ("graz", "HDLC, three blocks", False),
    ("klagenfurt", "HDLC, blocks, object list", False),
    ("steiermark", "ciphered DSMR text", False),
    ("ooe", "M-Bus records (AMIS)", False),
)
"""Meters, and whether gurux-dlms reads them."""


def framings() -> None:
    """Print the time of each framing."""
    print(f"\n{'framing':44}{'µs':>9}{'gurux-dlms':>12}{'ours is':>17}")
    for name, title, known in FRAMINGS:
        meter = BY_NAME[name]
        sent = messages(meter)
        bare = [(payload[: len(payload) - 2 * meter.signature], at) for payload, at in sent]
        seen: list[int] = []
        with contextlib.redirect_stdout(io.StringIO()):
            least = best(
                [(ours(meter, seen), sent), *([(gurux(meter), bare[:60])] if known else [])]
            )
        beside = f"{least[1]:12.0f}{least[1] / least[0]:10.0f} x faster" if known else ""
        print(f"{f'{meter.operator}: {title}':44}{least[0]:9.1f}{beside}")


def port(name: str, piece: int = 64) -> tuple[float, float]:
    """Return the share of a core: of a meter's own rhythm, and of a line at 115200 that is full."""
    meter = BY_NAME[name]
    sent = [(bytes.fromhex(payload.decode()), at) for payload, at in messages(meter)]
    least = float("inf")
    for _ in range(REPEATS):
        reader = MeterReader(meter.model.key)
        for part in batched(sent, 100, strict=True):
            begin = time.thread_time()
            for raw, received in part:
                for at in range(0, len(raw), piece):
                    reader.feed_bytes(raw[at : at + piece], received=received)
            least = min(least, (time.thread_time() - begin) / len(part))
    return least / meter.period, least * 11_520 / len(sent[0][0])


def ports() -> None:
    """Print what serial ports cost."""
    print(f"\n{'serial port, pieces of 64 bytes':44}{'as sent':>12}{'115200 full':>14}")
    for name in ("noe", "wien", "kaernten", "steiermark"):
        usual, full = port(name)
        print(f"{BY_NAME[name].operator:44}{usual:11.4%}{full:14.2%} of a core")


def main() -> None:
    """Print the tables."""
    print(f"{'decoder':44}{'µs':>9}{'ours is':>12}")
    for model, title, peer, count in (
        (KAIFA, "gurux-dlms (to XML)", gurux, 60),
        (TIROL, "smartmeter-austria-energy (unchecked)", austria_energy, COUNT),
    ):
        sent = messages(model)
        seen: list[int] = []
        with contextlib.redirect_stdout(io.StringIO()):  # gurux-dlms prints
            own, bare, other, least = best(
                [
                    (ours(model, seen), sent),
                    (decoding(model), sent),
                    (peer(model), sent[:count]),
                    (floor(model), sent),
                ]
            )
        layout = f"{model.layout} telegram of {len(sent[0][0]) // 2} bytes"
        print(f"{f'hausstrom, {layout}':44}{own:9.1f}")
        print(f"{'  of that, hex to values, not judged':44}{bare:9.1f}")
        print(
            f"{title:44}{other:9.1f}{other / own:10.1f} x faster, "
            f"{other / bare:.0f} x where neither judges"
        )
        print(f"{'floor: hex, checksums, AES alone':44}{least:9.1f}{own / least:10.1f} x the floor")
        print(f"  believed at once: {sum(seen)} of {len(seen)}", file=sys.stderr)
    framings()
    ports()


if __name__ == "__main__":
    main()
