"""Codes of errors as words."""

import re

import orjson
import pytest

from custom_components.hausstrom.victron.protocol import error_codes
from custom_components.hausstrom.victron.protocol.codes import Codes
from custom_components.hausstrom.victron.protocol.error_codes import OTHER
from tests.victron.gx import Gx, samples

TABLES = {
    "vebus_VebusError_2": error_codes.VEBUS_ERROR,
    "battery_ErrorCode": error_codes.BATTERY_ERROR,
    "battery_Diagnostics_LastErrors_n_Error": error_codes.BATTERY_ERROR,
    "alternator_ErrorCode_2": error_codes.ALTERNATOR_ERROR,
    "charger_ErrorCode": error_codes.CHARGER_ERROR,
    "solarcharger_ErrorCode_2": error_codes.CHARGER_ERROR,
    "dcgenset_ErrorCode": error_codes.GENSET_ERROR,
    "genset_ErrorCode": error_codes.GENSET_ERROR,
}


@pytest.mark.parametrize(
    ("path", "code", "word"),
    [
        ("vebus/276/VebusError", 3, "devices_unexpected"),
        ("vebus/276/VebusError", 9, OTHER),
        ("solarcharger/278/ErrorCode", 2, "battery_voltage_high"),
        ("solarcharger/278/ErrorCode", 34.0, "input_current_high"),
        ("charger/5/ErrorCode", 67, "bms_lost"),
        ("multi/0/ErrorCode", 41, "isolation_low"),
        ("battery/512/ErrorCode", 119, OTHER),
        ("battery/512/ErrorCode", 26, "contactor"),
        ("genset/6/ErrorCode", 165, "emergency_stop"),
        ("dcgenset/6/ErrorCode", 7, "oil_pressure_low"),
        ("alternator/2/ErrorCode", 58, "battery_disconnect"),
    ],
)
def test_an_error_in_words_and_its_number_beside_it(
    gx: Gx, path: str, code: float, word: str
) -> None:
    service, instance, name = path.split("/")
    gx.tell(f"{service}/{instance}", {"State": 0, name: 0})
    key = f"{service}_{instance}_{name.lower()}"
    assert gx.system.readings[f"{key}_text"] == "no_error"
    # It waits for nothing.
    gx.say(path, code)
    assert gx.system.urgent
    changes = gx.collect(quick=False, calm=False)
    assert changes[f"{key}_text"] == word
    assert gx.system.code(f"{key}_text") == code
    offer = gx.offers[f"{key}_text"]
    assert (offer.path, offer.enabled) == (name, True)
    assert not gx.offers[key].enabled
    gx.say(path, None)
    assert gx.collect()[f"{key}_text"] is None


def test_what_has_no_words_keeps_its_number(gx: Gx) -> None:
    gx.tell("evcharger/40", {"ErrorCode": 14})
    assert gx.offers["evcharger_40_errorcode"].enabled
    assert "evcharger_40_errorcode_text" not in gx.offers


@pytest.mark.parametrize(("name", "table"), TABLES.items())
def test_every_code_of_the_field_has_words(name: str, table: Codes) -> None:
    known = orjson.loads((samples() / "enums.json").read_bytes())[name]
    missing = []
    for codes, words in known.get("codes", known).items():
        first, _, last = codes.partition("-")
        for code in range(int(first), int(last or first) + 1):
            nameless = re.fullmatch(r"VE\.Bus Error \d+", words)
            if code not in table.slugs and not nameless:
                missing.append((code, words))
    assert missing == []
