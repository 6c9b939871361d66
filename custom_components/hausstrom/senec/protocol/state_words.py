"""SENEC's German words for the states of a V2.1 or V3, by their numbers.

Numbers 0-98 are in the words of the device's own page (firmware 0826), 99 and 100 in those that
other clients took from later firmware. The cloud writes the same words otherwise: upper case, with
`_` for blanks and signs, and `UND` for the page's `+` (NETZ_UND_ENTLADEN for "NETZ + ENTLADEN",
ha-senec-v3#159). So words are compared without what joins their parts. A P4 has words of its own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

from ...common.slug import slug
from .states import STATE_BY_CODE

_WORDS: Final = (
    "initialzustand",
    "keine_kommunikation_ladegeraet",
    "fehler_leistungsmessgeraet",
    "rundsteuerempfaenger",
    "erstladung",
    "wartungsladung",
    "wartungsladung_fertig",
    "wartung_notwendig",
    "man_sicherheitsladung",
    "sicherheitsladung_fertig",
    "vollladung",
    "ausgleichsladung_laden",
    "sulfatladung_laden",
    "akku_voll",
    "laden",
    "akku_leer",
    "entladen",
    "pv_entladen",
    "netz_entladen",
    "passiv",
    "ausgeschaltet",
    "eigenverbrauch",
    "neustart",
    "man_ausgleichsladung_laden",
    "man_sulfatladung_laden",
    "sicherheitsladung",
    "akku_schutzbetrieb",
    "eg_fehler",
    "eg_laden",
    "eg_entladen",
    "eg_passiv",
    "eg_laden_verboten",
    "eg_entladen_verboten",
    "notladung",
    "softwareaktualisierung",
    "fehler_na_schutz",
    "fehler_na_schutz_netz",
    "fehler_na_schutz_hardware",
    "keine_serververbindung",
    "bms_fehler",
    "wartung_filter",
    "abschaltung_lithium",
    "warte_auf_ueberschuss",
    "kapazitaetstest_laden",
    "kapazitaetstest_entladen",
    "man_sulfatladung_warten",
    "man_sulfatladung_fertig",
    "man_sulfatladung_fehler",
    "ausgleichsladung_warten",
    "notladung_fehler",
    "man_ausgleichsladung_warten",
    "man_ausgleichsladung_fehler",
    "man_ausgleichsladung_fertig",
    "auto_sulfatladung_warten",
    "ladeschlussphase",
    "batterietrennschalter_aus",
    "peak_shaving_warten",
    "fehler_ladegeraet",
    "npu_fehler",
    "bms_offline",
    "wartungsladung_fehler",
    "man_sicherheitsladung_fehler",
    "sicherheitsladung_fehler",
    "keine_masterverbindung",
    "lithium_sicherheitsmodus_aktiv",
    "lithium_sicherheitsmodus_beendet",
    "fehler_batteriespannung",
    "bms_dc_ausgeschaltet",
    "netzinitialisierung",
    "netzstabilisierung",
    "fernabschaltung",
    "offpeak_laden",
    "fehler_halbbruecke",
    "bms_fehler_betriebstemperatur",
    "factory_settings_nicht_gefunden",
    "netzersatzbetrieb",
    "netzersatzbetrieb_akku_leer",
    "netzersatzbetrieb_fehler",
    "initialisierung",
    "installationsmodus",
    "netzausfall",
    "bms_update_erforderlich",
    "bms_konfiguration_erforderlich",
    "isolationstest",
    "selbsttest",
    "externe_steuerung",
    "temperatur_sensor_fehler",
    "netzbetreiber_laden_gesperrt",
    "netzbetreiber_entladen_gesperrt",
    "reservekapazitaet",
    "selbsttest_fehler",
    "isolationsfehler",
    "pv_modus",
    "fernabschaltung_netzbetreiber",
    "fehler_drm0",
    "batteriediagnose",
    "balancing",
    "sicherheitsentladung",
    "bms_fehler_modulungleichgewicht",
    "aufwachladung",
    "sox_kalibrierung",
)
P4_STATES: Final = ("run_grid", "turning_on")

_JOINING: Final = frozenset({"und", "plus"})  # what the cloud writes for the page's plus sign


def _bare(word: str) -> str:
    """Return a word without blanks, signs and joining words: what both ways of writing share."""
    parts = slug(normalize("NFC", word), german=True).split("_")
    return "".join(part for part in parts if part not in _JOINING)


CODE_BY_WORD: Final[Mapping[str, int]] = MappingProxyType(
    {word: code for code, word in enumerate(_WORDS)}
)
_SLUGS: Final[Mapping[str, str]] = MappingProxyType(
    {_bare(word): STATE_BY_CODE[code].slug for word, code in CODE_BY_WORD.items()}
    | {_bare(word): word for word in P4_STATES}
)


def slug_of_word(word: str) -> str | None:
    """Return the slug of a state by the cloud's word for it, or None for a word nobody knows."""
    return _SLUGS.get(_bare(word))
