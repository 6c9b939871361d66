"""The device's numbers for its states, types and flags, row by row beside a source that is not ours.

The whole tables (the strings of the device's own page) lie beside the repository. Some rows of each
are here, for a clone without them: typed from the Ruby gem `senec` and the wallbox's manual.
"""

import json
import re
from typing import Final

from custom_components.hausstrom.senec.local.protocol.catalogue import CATALOGUE
from custom_components.hausstrom.senec.local.protocol.catalogue.codes import (
    BATTERY_INVERTER,
    SYSTEM_TYPES,
    WALLBOX_STATE,
)
from custom_components.hausstrom.senec.local.protocol.catalogue.forms import VariableType
from tests.senec.samples import listed_variables, samples

TYPES: Final = {
    "0": "Senec Home 8.0 / Blei",
    "6": "Senec Business 25.0 / Lithium",
    "9": "Senec Home V2 5.0/7.5/10.0",
    "15": "Senec Home V2.1 1ph / Lithium",
    "17": "SENEC.Home V3 hybrid",
    "18": "SENEC.Home V3 hybrid duo",
    "20": "SENEC.Home V3 hybrid LFP",
    "21": "SENEC.Home V3 hybrid duo LFP",
}
INVERTERS: Final = {"1": "SenecBatt", "3": "SENEC.Inverter V2.1", "4": "SENEC.Inverter V3 LV"}
WALLBOX: Final = {
    "161": "Non collegato",
    "177": "Connesso",
    "178": "Pronto",
    "194": "Carica",
    "195": "Carica a potenza ridotta (temperatura elevata)",
    "224": "Disabilitato (contatto di abilitazione)",
    "247": "Sovratemperatura del veicolo",
    "250": "Temperatura troppo alta",
}
"""In Italian, in which the page has the shortest words."""

CHEMISTRY_AND_SIZES: Final = {"blei", "lithium", "pb", "5.0", "7.5", "10.0", "1ph"}
"""What the source says of a type besides, and the name of the product leaves out."""
SAID_OF_A_WALLBOX: Final = {
    "invalid": "Stato non valido",
    "not_connected": r"Non collegato( \(locked\))?",
    "connected": "Connesso",
    "ready": "Pronto",
    "vehicle_asks_locked": r"Carica \(locked\)",
    "charging": "Carica",
    "charging_reduced_temperature": r"Carica a potenza ridotta \(temperatura elevata\)",
    "charging_reduced_imbalance": r"Carica a potenza ridotta \(.*squilibrio.*\)",
    "disabled": "Disabilitato .*",
    "production_test": "production test",
    "programmable": "EVCC can be programmed",
    "waiting_for_battery": "Bus idle",
    "contact_error": "Errore di contatto",
    "internal_error": "Errore interno",
    "fault_current": "Corrente di guasto rilevata",
    "communication_error": "Errore di comunicazione Wallbox",
    "lock_error": "Errore di blocco",
    "cable_error": "Errore cavo",
    "vehicle_overtemperature": "Sovratemperatura del veicolo",
    "vehicle_communication_error": "Veicolo di errore di comunicazione",
    "power_supply_error": "Errore di alimentazione",
    "overtemperature": "Temperatura troppo alta",
}

NO_FLAGS: Final = {
    "POWER_ON_TIME",  # a time by its name, whose beginning is that of a flag
    "SMART_CHARGE_ACTIVE",  # 3 and 4 in answers of systems: how it charges
}
"""What the page lists as on or off, and is more."""


def table(name: str) -> dict[str, str]:
    tables = json.loads((samples() / "enum_tables.json").read_text("utf-8"))
    found: dict[str, str] = tables[name].get("it", tables[name])
    return found


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+(?:\d+(?:\.\d+)?)?|\d+\.\d+|\d+[a-z]+", text.lower()))


def check_types(source: dict[str, str]) -> None:
    for number, theirs in source.items():
        ours = SYSTEM_TYPES[int(number)]
        assert words(ours) <= words(theirs), (number, ours, theirs)
        assert words(theirs) - words(ours) <= CHEMISTRY_AND_SIZES, (number, ours, theirs)


def check_inverters(source: dict[str, str]) -> None:
    slugs = {int(number): re.sub(r"\W+", "_", name.lower()) for number, name in source.items()}
    assert {number: BATTERY_INVERTER[number] for number in slugs} == slugs


def check_wallbox(source: dict[str, str]) -> None:
    for number, said in source.items():
        slug = WALLBOX_STATE[int(number)]
        assert re.fullmatch(SAID_OF_A_WALLBOX[slug], said), (number, slug, said)


def test_some_rows_of_each() -> None:
    check_types(TYPES)
    check_inverters(INVERTERS)
    check_wallbox(WALLBOX)


def test_types_of_systems() -> None:
    source = table("factory_sys_type")
    assert {int(number) for number in source} == set(SYSTEM_TYPES)
    check_types(source)


def test_inverters_of_batteries() -> None:
    source = table("bat1_type")
    assert {int(number) for number in source} == set(BATTERY_INVERTER)
    check_inverters(source)


def test_states_of_wallboxes() -> None:
    source = {number: said for number, said in table("wallbox_state").items() if said[:3] != "Res"}
    assert {int(number) for number in source} == set(WALLBOX_STATE)
    check_wallbox(source)


def test_what_is_on_or_off() -> None:
    seen = 0
    for row in listed_variables():
        known = CATALOGUE.get((row["section"], row["var"]))
        if row["section"] not in {"SOCKETS", "WALLBOX"} or row["kind"] != "bool" or not known:
            continue
        seen += 1
        if row["var"] not in NO_FLAGS:
            assert known.form.kind in {VariableType.FLAG, VariableType.COMMAND}, row
    assert seen > 10
