import json
from copy import replace
from datetime import timedelta

from custom_components.hausstrom.evn.protocol.reader import MeterReader, Reading
from custom_components.hausstrom.evn.protocol.values_json import values_json
from simulators.evn_telegram import KAIFA, TIROL_SINGLE, MeterModel, MeterState, telegram

from .telegrams import NOON, stream

STATE = MeterState(10_069_016, 219, 366, 0, (2338, 2346, 2348), (33, 46, 141), 943)


def reading(model: MeterModel, state: MeterState) -> Reading:
    reader = MeterReader(model.key)
    reader.feed(telegram(model, state, NOON, 1), received=NOON)
    return reader.feed(telegram(model, state, NOON, 2), received=NOON).readings[0]


def test_the_message_of_the_evn_reader() -> None:
    text = values_json(reading(KAIFA, STATE), NOON).decode()
    assert text == (
        '{"WIn": {"value": 10069016, "unit": "Wh"}, "WOut": {"value": 219, "unit": "Wh"}, '
        '"PIn": {"value": 366, "unit": "W"}, "POut": {"value": 0, "unit": "W"}, '
        '"U1": {"value": 233.8, "unit": "V"}, "U2": {"value": 234.6, "unit": "V"}, '
        '"U3": {"value": 234.8, "unit": "V"}, "I1": {"value": 0.33, "unit": "A"}, '
        '"I2": {"value": 0.46, "unit": "A"}, "I3": {"value": 1.41, "unit": "A"}, '
        '"PF": {"value": 0.943, "unit": "1"}, '
        f'"timestamp": {{"value": {int(NOON.timestamp())}, "unit": "s"}}}}'
    )


def test_missing_values_are_left_out() -> None:
    sent = stream(TIROL_SINGLE, 1)[0]
    content = json.loads(values_json(reading(TIROL_SINGLE, sent.state), NOON))
    assert list(content) == ["WIn", "WOut", "PIn", "POut", "U1", "I1", "timestamp"]


def test_time_of_receipt_where_the_clock_is_off() -> None:
    good = reading(KAIFA, STATE)
    received = NOON + timedelta(minutes=11, microseconds=7)
    for doubtful in (
        replace(good, clock_skew=-660.0),
        replace(good, clock_skew=660.0),
        replace(good, meter_time=None, clock_skew=None),
    ):
        content = json.loads(values_json(doubtful, received))
        assert content["timestamp"]["value"] == int(received.timestamp())
