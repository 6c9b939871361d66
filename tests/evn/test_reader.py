from copy import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.hausstrom.evn.protocol.errors import Reason, TelegramError
from custom_components.hausstrom.evn.protocol.notification import Notification
from custom_components.hausstrom.evn.protocol.reader import MeterReader, Reading, envelopes
from simulators import evn_telegram as simulator
from simulators.evn import frame_counter
from simulators.evn_telegram import (
    KAIFA,
    MODELS,
    SAGEMCOM,
    TEST_AUTHENTICATION_KEY,
    TIROL,
    MeterModel,
    encipher,
    long_frames,
    notification,
    telegram,
)

from .telegrams import NOON, Sent, listen, shown, stream

DETAILS = {f"{what}_l{n}" for what in ("voltage", "current") for n in (1, 2, 3)} | {"power_factor"}


def reasons(reader: MeterReader, payload: bytes, **kwargs: bool) -> list[Reason]:
    heard = reader.feed(payload, received=NOON, **kwargs)
    assert not heard.readings
    return [error.reason for error in heard.rejections]


def primed(model: MeterModel, count: int = 80) -> tuple[MeterReader, list[Sent]]:
    reader = MeterReader(model.key)
    sent = stream(model, count + 40)
    for one in sent[:count]:
        listen(reader, one)
    assert reader.accepted == count - 1, "the first waits for the second"
    return reader, sent[count:]


def begun(model: MeterModel) -> tuple[MeterReader, list[Sent]]:
    """A reader that has heard one telegram, and the following ones."""
    first, *following = stream(model, 40)
    reader = MeterReader(model.key)
    heard = listen(reader, first)
    assert [error.reason for error in heard.rejections] == [Reason.UNCONFIRMED]
    return reader, following


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("security", [0x20, 0x21, 0x30, 0x31])
def test_a_stream_is_read_to_its_values(model: MeterModel, security: int) -> None:
    model = replace(model, security=security)
    reader = MeterReader(model.key, authentication_key=TEST_AUTHENTICATION_KEY)
    first, *following = stream(model, 31)
    assert len(listen(reader, first).readings) == (security >= 0x30), "a tag proves at once"
    late = 0
    for sent in following:
        heard = listen(reader, sent)
        assert not heard.rejections
        (reading,) = heard.readings
        assert shown(reading, model, sent.state)
        assert set(reading.late) <= DETAILS
        late += bool(reading.late)
        assert reading.system_title == model.system_title
        assert reading.frame_counter == frame_counter(sent.when)
        assert reading.meter_number == model.meter_number
        assert reading.meter_time == sent.when
        assert reading.clock_skew == pytest.approx(-0.6)
    assert late <= (0 if security >= 0x30 else 15)
    assert reader.accepted == 30 + (security >= 0x30)
    assert reader.system_title == model.system_title
    assert reader.rejected == ({} if security >= 0x30 else {Reason.UNCONFIRMED: 1})


@pytest.mark.parametrize(
    "spell",
    [
        lambda raw: raw,
        lambda raw: raw.hex().encode(),
        lambda raw: raw.hex(" ").upper().encode(),
        lambda raw: raw.hex(":").encode() + b"\r\n\x00",
        lambda raw: b"\x00\xff" * 9 + raw + b"\x16h",
        lambda raw: (raw[-30:] + raw + raw[:20]).hex().encode(),
    ],
)
def test_spellings_and_garbage(spell) -> None:  # type: ignore[no-untyped-def]  # a lambda each
    reader, following = begun(SAGEMCOM)
    sent = following[0]
    heard = reader.feed(spell(sent.raw), received=sent.received)
    assert shown(heard.readings[0], SAGEMCOM, sent.state)


def test_two_telegrams_in_one_message() -> None:
    # The reader knows the meter: the second of a start has to be more alike than any other.
    reader, (before, one, two, *_) = begun(KAIFA)
    listen(reader, before)
    heard = reader.feed(one.hex + two.hex, received=two.received)
    for reading, sent in zip(heard.readings, (one, two), strict=True):
        assert shown(reading, KAIFA, sent.state)


@pytest.mark.parametrize("model", [KAIFA, SAGEMCOM, TIROL], ids=lambda model: model.name)
def test_half_telegrams_in_two_messages(model: MeterModel) -> None:
    reader, (sent, *_) = begun(model)
    first = model.frame_length + 6
    assert not any(reader.feed(sent.hex[: 2 * first], received=sent.when).readings)
    heard = reader.feed(sent.hex[2 * first :], received=sent.when + timedelta(seconds=1))
    assert shown(heard.readings[0], model, sent.state)
    assert reader.rejected == {Reason.UNCONFIRMED: 1}


EMPTY = b"\x0f" + bytes(5) + b"\x02\x01\x06" + bytes(4)
OTHER = b"\x0f" + bytes(5) + b"\x02\x02\x09\x06\x07\x00\x03\x00\x00\xff\x06" + bytes(4)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"0" * 36_000, Reason.OVERSIZED),
        (b"zz", Reason.NOT_HEX),
        (b"7EA0000000", Reason.CHECKSUM),
        (b"00112233", Reason.NO_FRAME),
        (long_frames(b"\x0f" + bytes(40))[0], Reason.NOT_CIPHERED),
        (long_frames(encipher(replace(KAIFA, security=0x22), 1, b"x" * 40))[0], Reason.SECURITY),
        (long_frames(encipher(KAIFA, 1, b"x" * 40))[0], Reason.WRONG_KEY),
        (long_frames(encipher(KAIFA, 1, b"/SAG5T210\r\n" * 9))[0], Reason.STRUCTURE),
        (
            long_frames(
                encipher(
                    KAIFA, 1, b"\x0f" + bytes(4) + b"\x0c\x07\xea" + bytes(10) + b"\x02\x01\x09"
                )
            )[0],
            Reason.STRUCTURE,
        ),
        (long_frames(encipher(KAIFA, 1, EMPTY))[0], Reason.LAYOUT),
        (long_frames(encipher(KAIFA, 1, OTHER))[0], Reason.NO_REGISTER),
    ],
)
def test_what_is_refused_is_counted_by_reason(payload: bytes, reason: Reason) -> None:
    reader = MeterReader(KAIFA.key)
    assert reasons(reader, payload) == [reason]
    assert reader.rejected == {reason: 1}
    assert reader.accepted == 0


@given(st.binary(max_size=600))
def test_nothing_raises(payload: bytes) -> None:
    reader = MeterReader(KAIFA.key)
    sent = stream(KAIFA, 1)[0]
    for message in (payload, payload.hex().encode(), sent.raw[: len(payload)] + payload):
        assert not reader.feed(message, received=NOON).readings


def test_errors_tell_no_secret() -> None:
    reader = MeterReader(KAIFA.key)
    heard = reader.feed(stream(SAGEMCOM, 1)[0].raw[:-1], received=NOON)
    heard2 = MeterReader(bytes(16)).feed(stream(KAIFA, 1)[0].raw, received=NOON)
    for error in heard.rejections + heard2.rejections:
        assert str(error) == f"{error.reason}: {error.detail}"
        assert KAIFA.key.hex() not in str(error).lower()


def test_a_wrong_key_is_named_at_once_at_first_and_later_after_three() -> None:
    wrong = replace(KAIFA, key=bytes(16))
    assert reasons(MeterReader(KAIFA.key), stream(wrong, 1)[0].hex) == [Reason.WRONG_KEY]
    reader, following = primed(KAIFA)
    bad = [telegram(wrong, sent.state, sent.when, frame_counter(sent.when)) for sent in following]
    for raw, reason in zip(
        bad, [Reason.STRUCTURE, Reason.STRUCTURE, Reason.WRONG_KEY, Reason.WRONG_KEY], strict=False
    ):
        assert reasons(reader, raw) == [reason]
    assert sum(len(listen(reader, sent).readings) for sent in following[4:7])
    assert reasons(reader, bad[7]) == [Reason.STRUCTURE]


def test_an_authentication_key_is_needed_only_to_check_the_tag() -> None:
    model = replace(KAIFA, security=0x30)
    reader, (sent, *_) = begun(model)
    assert listen(reader, sent).readings
    refusing = MeterReader(model.key, authentication_key=bytes(16))
    assert reasons(refusing, sent.hex) == [Reason.TAG]
    both = MeterReader(bytes(16), authentication_key=bytes(16))
    assert reasons(both, sent.hex) == [Reason.WRONG_KEY]


def test_damage_is_no_wrong_authentication_key() -> None:
    model = replace(KAIFA, security=0x30)
    first, sent = stream(model, 2)
    reader = MeterReader(model.key, authentication_key=model.authentication_key)
    assert listen(reader, first).readings
    unit = bytearray(encipher(model, 1, notification(model, sent.state, sent.when, 1)))
    unit[40] ^= 0xFF
    assert reasons(reader, b"".join(long_frames(bytes(unit)))) == [Reason.STRUCTURE]


def test_a_replay_is_ignored() -> None:
    reader, following = primed(KAIFA)
    assert listen(reader, following[0]).readings
    assert reasons(reader, following[0].hex) == [Reason.REPLAY]
    old = stream(KAIFA, 120)[10]
    assert reasons(reader, old.hex) == [Reason.REPLAY]
    assert reasons(reader, old.hex) == [Reason.REPLAY]
    assert listen(reader, following[1]).readings


def test_old_telegrams_played_in_order_stay_replays() -> None:
    reader, following = primed(KAIFA)
    at_once = following[0].received
    for old in stream(KAIFA, 120)[10:40]:
        assert not reader.feed(old.hex, received=at_once).readings
    assert listen(reader, following[0]).readings


def test_a_meter_that_lost_clock_and_counter_is_believed_after_a_while() -> None:
    reader, following = primed(KAIFA)
    shown = []
    for n, sent in enumerate(following[:20]):
        raw = telegram(KAIFA, sent.state, datetime(2000, 1, 1, 0, 0, 5 * (n % 12), tzinfo=UTC), n)
        shown.append(bool(reader.feed(raw, received=sent.received).readings))
    assert any(shown[:10])
    assert sum(shown[10:]) >= 8


def test_a_counter_that_starts_anew_is_believed_after_three() -> None:
    reader, following = primed(KAIFA)
    heard = [
        reader.feed(telegram(KAIFA, sent.state, sent.when, 7 + n), received=sent.received)
        for n, sent in enumerate(following[:6])
    ]
    assert [bool(one.readings) for one in heard[:2]] == [False, False]
    assert all(one.readings for one in heard[4:])
    assert reader.rejected[Reason.REPLAY] == 2


def test_the_counter_runs_over() -> None:
    reader = MeterReader(KAIFA.key)
    for n, sent in enumerate(stream(KAIFA, 12)):
        raw = telegram(KAIFA, sent.state, sent.when, (0xFFFFFFFA + n) & 0xFFFFFFFF)
        reader.feed(raw, received=sent.received)
    assert reader.accepted >= 8


def test_a_retained_message_counts_only_when_it_is_fresh() -> None:
    reader, (sent, *_) = begun(KAIFA)
    late = sent.when + timedelta(minutes=5)
    heard = reader.feed(sent.hex, received=late, retained=True)
    assert [error.reason for error in heard.rejections] == [Reason.RETAINED]
    assert reader.feed(sent.hex, received=sent.received, retained=True).readings


def test_a_retained_message_without_a_clock_is_believed_of_no_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing in it says when it was said: the broker may have kept it for a year."""
    with_clock = simulator.date_time
    monkeypatch.setattr(
        simulator,
        "date_time",
        lambda when, *more: with_clock(when, *more)[:-12] + 12 * b"\xff",
    )
    sent = stream.__wrapped__(KAIFA, 12)  # what others keep has a clock
    reader = MeterReader(KAIFA.key)
    heard = [reader.feed(one.hex, received=one.received) for one in sent[:8]]
    assert heard[-1].readings
    assert heard[-1].readings[0].meter_time is None
    kept = sent[8]
    for late in (timedelta(seconds=0.6), timedelta(days=200)):
        heard_late = reader.feed(kept.hex, received=kept.when + late, retained=True)
        assert not heard_late.readings
        assert [error.reason for error in heard_late.rejections] == [Reason.RETAINED]
    # As a message of now it is what it says.
    assert reader.feed(kept.hex, received=kept.received).readings


def test_another_meter_on_the_topic() -> None:
    ours, other = stream(KAIFA, 2), stream(SAGEMCOM, 2)
    reader = MeterReader(KAIFA.key, system_title=KAIFA.system_title)
    listen(reader, ours[0])
    assert reasons(reader, other[0].hex) == [Reason.FOREIGN_METER]
    assert listen(reader, ours[1]).readings
    learned, following = begun(KAIFA)
    assert listen(learned, following[0]).readings
    assert reasons(learned, other[1].hex) == [Reason.FOREIGN_METER]


def test_a_new_meter_number_is_believed_after_three() -> None:
    reader, following = primed(KAIFA)
    exchanged = replace(KAIFA, meter_number="118000009999")
    heard = [
        reader.feed(
            telegram(exchanged, sent.state, sent.when, frame_counter(sent.when)),
            received=sent.received,
        )
        for sent in following[:4]
    ]
    assert [[error.reason for error in one.rejections] for one in heard[:2]] == [
        [Reason.UNCONFIRMED]
    ] * 2
    assert heard[3].readings[0].meter_number == "118000009999"


def test_a_register_that_starts_anew_is_left_out_after_three() -> None:
    reader, following = primed(KAIFA)
    heard = [
        reader.feed(
            telegram(
                KAIFA,
                replace(sent.state, energy_import=sent.state.energy_import - 1_000_000),
                sent.when,
                frame_counter(sent.when),
            ),
            received=sent.received,
        )
        for sent in following[:4]
    ]
    assert [bool(one.readings) for one in heard] == [False, False, True, True]
    assert reader.rejected == {Reason.UNCONFIRMED: 1, Reason.REGISTER_FELL: 2}
    for one in heard[2:]:
        assert "energy_import" not in one.readings[0].values
        assert "energy_export" in one.readings[0].values
        assert "power" in one.readings[0].values
    assert reader.fallen_since is not None


def test_a_register_that_falls_once_is_not_believed() -> None:
    reader, following = primed(KAIFA)
    state = replace(following[0].state, energy_import=5)
    raw = telegram(KAIFA, state, following[0].when, frame_counter(following[0].when))
    assert reasons(reader, raw) == [Reason.REGISTER_FELL]
    assert sum(len(listen(reader, sent).readings) for sent in following[1:20]) >= 17


def test_link_and_security_belong_to_the_shape() -> None:
    reader, following = primed(KAIFA)
    sent = following[0]
    other = replace(KAIFA, security=0x21)
    raw = telegram(other, sent.state, sent.when, frame_counter(sent.when))
    assert reasons(reader, raw) == [Reason.UNCONFIRMED]


class Hasty(MeterReader):
    """A reader that counts what it read in the short way."""

    taken = 0

    def _read_usual(self, unit: bytes, received: datetime) -> Reading | None:
        reading = super()._read_usual(unit, received)
        self.taken += reading is not None
        return reading


class Thorough(MeterReader):
    """A reader to which no telegram is as usual: each is read completely."""

    def _read_usual(self, unit: bytes, received: datetime) -> Reading | None:
        return None


def mended(raw: bytes) -> bytes:
    """Return two frames whose sums are right again, as compensating damage leaves them."""
    first = raw[1] + 6
    frames = [bytearray(raw[:first]), bytearray(raw[first:])]
    for frame in frames:
        frame[-2] = sum(frame[4:-2]) & 0xFF
    return b"".join(frames)


def test_who_speaks_to_whom_is_part_of_what_is_usual() -> None:
    usual, thorough = Hasty(KAIFA.key), Thorough(KAIFA.key)
    for place, one in enumerate(stream(KAIFA, 40)):
        raw = bytearray(one.raw)
        if place % 12 > 6:  # another service access point, in both frames
            raw[7] = raw[raw[1] + 6 + 7] = 0x02
        heard, complete = (
            reader.feed_bytes(mended(bytes(raw)), received=one.received)
            for reader in (usual, thorough)
        )
        assert heard.readings == complete.readings
        assert [str(error) for error in heard.rejections] == [str(e) for e in complete.rejections]
    assert usual.rejected[Reason.UNCONFIRMED] > 1
    assert usual.taken > 20


@settings(max_examples=60, deadline=None)
@given(
    model=st.sampled_from([KAIFA, TIROL]),
    security=st.sampled_from([0x20, 0x21, 0x30]),
    tags=st.booleans(),
    changes=st.lists(
        st.tuples(
            st.integers(0, 40),
            st.sampled_from(["flip", "mended", "header", "again", "before", "other", "kept"]),
            st.integers(0, 10**6),
        ),
        max_size=12,
    ),
)
def test_the_usual_and_the_complete_reading_say_the_same(
    model: MeterModel, security: int, tags: bool, changes: list[tuple[int, str, int]]
) -> None:
    """Same readings, same errors, telegram by telegram, whatever became of them on the way."""
    model = replace(model, security=security)
    second = model.authentication_key if tags else None
    usual = Hasty(model.key, authentication_key=second)
    thorough = Thorough(model.key, authentication_key=second)
    what = {place: (kind, number) for place, kind, number in changes}
    sent = stream(model, 41)
    for place, one in enumerate(sent):
        kind, number = what.get(place, ("", 0))
        raw = bytearray(one.raw)
        if kind == "again":
            raw = bytearray(sent[max(place - 1, 0)].raw)
        elif kind == "before":
            raw = bytearray(sent[number % (place + 1)].raw)
        elif kind == "other":
            other = replace(model, system_title=b"KFM00000", security=0x21)
            raw = bytearray(telegram(other, one.state, one.when, frame_counter(one.when)))
        elif kind == "header":
            raw[9 + number % 20] ^= 1 << (number // 20) % 8
        elif kind in {"flip", "mended"}:
            raw[number // 8 % len(raw)] ^= 1 << number % 8
        data = mended(bytes(raw)) if kind in {"mended", "header"} else bytes(raw)
        heard, complete = (
            reader.feed_bytes(data, received=one.received, retained=kind == "kept")
            for reader in (usual, thorough)
        )
        assert heard.readings == complete.readings
        assert [str(error) for error in heard.rejections] == [str(e) for e in complete.rejections]
        assert usual.found == thorough.found
        assert (usual.accepted, usual.rejected) == (thorough.accepted, thorough.rejected)
        assert usual.system_title == thorough.system_title
    # What a tag proves is read completely.
    assert (usual.taken > 10) == (not tags or security < 0x30)


def test_many_shapes_do_not_pile_up() -> None:
    reader, following = primed(KAIFA)
    sent = following[0]
    for n in range(30):
        model = replace(KAIFA, meter_number="1" * (n + 1))
        unit = encipher(
            model, frame_counter(sent.when), notification(model, sent.state, sent.when, 1)
        )
        reader.feed(b"".join(long_frames(unit)), received=sent.received)
    assert len(reader._layouts._unconfirmed) <= 8
    assert listen(reader, following[1]).readings


def test_shapes_that_alternate_are_all_believed() -> None:
    reader, following = primed(KAIFA)
    short = replace(KAIFA, power_factor=False)
    believed = 0
    for n, sent in enumerate(following):
        model = short if n % 3 == 0 else KAIFA
        raw = telegram(model, sent.state, sent.when, frame_counter(sent.when))
        believed += len(reader.feed(raw, received=sent.received).readings)
    assert believed >= 30


def test_power_of_meters_with_decimals_has_no_noise() -> None:
    def power(**values: float) -> float | None:
        said = Notification(0, None, True, dict(values))
        return Reading.of(b"", 1, said, None, "flat", NOON).values.get("power")

    assert power(power_import=0.3, power_export=0.1) == 0.2
    assert power(power_import=5) is None


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.EMPTY),
        (stream(KAIFA, 1)[0].raw[:256], Reason.INCOMPLETE),
        (stream(KAIFA, 1)[0].raw[256:], Reason.SEGMENT),
        (stream(KAIFA, 1)[0].raw[:100], Reason.INCOMPLETE),
        (long_frames(b"\x0f" + bytes(40))[0], Reason.NOT_CIPHERED),
    ],
)
def test_what_cannot_be_known_without_the_key(payload: bytes, reason: Reason) -> None:
    with pytest.raises(TelegramError) as caught:
        envelopes(payload)
    assert caught.value.reason is reason


def test_what_is_known_without_the_key() -> None:
    one, two = stream(KAIFA, 1)[0], stream(SAGEMCOM, 1)[0]
    found = envelopes(one.hex + two.hex)
    assert [envelope.manufacturer for envelope in found] == ["Kaifa", "Sagemcom"]
    assert found[0].frame_counter == frame_counter(one.when)
    assert not found[0].authenticated


def test_silence_of_an_hour_is_no_reason_to_doubt() -> None:
    reader, _ = primed(KAIFA)
    house = stream(KAIFA, 900)
    heard = [listen(reader, sent) for sent in house[860:880]]
    assert sum(len(one.readings) for one in heard) >= 16
