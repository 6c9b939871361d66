"""One meter of each operator, played: set up from nothing, read to its values."""

from datetime import timedelta
from random import Random

import pytest

from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.reader import MeterReader
from simulators.evn_household import Household
from simulators.evn_meters import METERS, Body, Meter, expected, play

from .telegrams import NOON


@pytest.mark.parametrize("meter", METERS, ids=lambda meter: meter.name)
@pytest.mark.parametrize("tags", [True, False])
def test_a_stream_is_read_to_its_values(meter: Meter, tags: bool) -> None:
    key, second = meter.keys
    reader = MeterReader(key, authentication_key=second if tags else None)
    house = Household(5, NOON, phases=meter.model.phases)
    random = Random(meter.name)
    read = 0
    for number in range(40):
        when = NOON + timedelta(seconds=round(number * meter.period))
        state = house.advance(when)
        raw = play(meter, state, when, 5000 + number) + random.randbytes(meter.signature)
        at = 0
        while at < len(raw):
            size = random.randint(1, 120)
            heard = reader.feed_bytes(
                raw[at : at + size], received=when + timedelta(seconds=0.1 + at / 10_000)
            )
            at += size
            for reading in heard.readings:
                values = expected(meter, state)
                assert reading.values == {k: v for k, v in values.items() if k not in reading.late}
                assert not reading.late or meter.body in {None, Body.OBJECTS}
                assert reading.meter_number == meter.number
                assert reading.meter_time == when
                read += 1
    assert read >= 36
    assert set(reader.rejected) <= {Reason.UNCONFIRMED}


@pytest.mark.parametrize("meter", METERS, ids=lambda meter: meter.name)
def test_the_fast_path_reads_the_same(meter: Meter) -> None:
    reader = MeterReader(meter.model.key)
    house = Household(5, NOON, phases=meter.model.phases)
    for number in range(8):
        when = NOON + timedelta(seconds=round(number * meter.period))
        raw = play(meter, house.advance(when), when, 5000 + number)
        alone = MeterReader(meter.model.key)
        alone.feed_bytes(raw, received=when)
        again = alone.feed_bytes(raw, received=when + timedelta(seconds=5)).readings
        heard = reader.feed_bytes(raw, received=when).readings
        for one, other in zip(heard, again, strict=False):
            shown = {k: v for k, v in other.values.items() if k not in one.late}
            assert one.values == shown
            assert one.meter_time == other.meter_time
    assert all(layout.form is not None for layout in reader._layouts)
