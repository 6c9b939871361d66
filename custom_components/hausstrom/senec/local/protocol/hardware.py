"""What is installed, in a few words per section: when they change, everything is looked at anew.

A wallbox, a module, another firmware come without a word from the device, so these few variables are
read at every start and with the slow values.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from ....common.value import Value
from .catalogue import Cadence, Format, VariableType
from .codec import Answer, Refusal
from .points import Readout, Ref, number_at

_TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "FACTORY": ("DEVICE_ID", "SYS_TYPE"),
    "WIZARD": (
        "APPLICATION_VERSION",
        "SETUP_NUMBER_WALLBOXES",
        "MASTER_SLAVE_MODE",
        "MASTER_SLAVE_ADDRESSES",
    ),
    "BMS": ("MODULES_CONFIGURED", "MODULE_COUNT", "NR_INSTALLED", "MANUFACTURER"),
    "PV1": ("MPP_AVAIL", "INTERNAL_MD_AVAIL"),
    "SOCKETS": ("NUMBER_OF_SOCKETS",),
    "PWR_UNIT": ("TYPE",),
    "PM1OBJ2": ("ENABLED",),
}
_AFFECTED: Final[Mapping[str, tuple[str, ...]]] = {
    "WIZARD": ("WIZARD", "WALLBOX", "CASC", "STATISTIC"),
    "BMS": ("BMS", "AMPACE", "ENERGY"),
    "SOCKETS": ("SOCKETS", "FEATURES"),
}
_PREFIX: Final = "hardware_"
_FORM: Final = Format(kind=VariableType.TEXT)

HARDWARE: Final = tuple(Ref(section, name) for section, names in _TOLD.items() for name in names)
"""What has to be asked for."""


def hardware_of(answer: Answer) -> dict[str, str]:
    """Return what an answer tells, by section; a section that tells nothing now is left out."""
    return {section: words for section in _TOLD if (words := _words(answer, section)) is not None}


def _words(answer: Answer, section: str) -> str | None:
    if section not in answer.sections:
        return None
    if section == "BMS" and not any(
        number_at(answer, Ref("BMS", name)) for name in _TOLD["BMS"][:3]
    ):
        return None  # its modules have not reported
    words = [_word(answer, section, name) for name in _TOLD[section]]
    return None if None in words else "/".join(word for word in words if word is not None)


def _word(answer: Answer, section: str, name: str) -> str | None:
    cell = answer.cell(section, name)
    values = cell if isinstance(cell, list) else [cell]
    if any(isinstance(value, Refusal) and not value.is_permanent for value in values):
        return None
    return ",".join("" if one is None or isinstance(one, Refusal) else str(one) for one in values)


def sections_to_look_at(before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """Return the sections whose points may have changed, by what was and what is installed."""
    changed = [section for section, words in now.items() if before.get(section) != words]
    return frozenset(name for section in changed for name in _AFFECTED.get(section, (section,)))


@cache
def hardware_points() -> tuple[Readout, ...]:
    """Return what is read with the slow values: one inner point per section."""

    def reader(section: str) -> Readout:
        def read(answer: Answer) -> Value:
            return _words(answer, section)

        return Readout(
            key=_PREFIX + section,
            needs=tuple(Ref(section, name) for name in _TOLD[section]),
            read=read,
            cadence=Cadence.SLOW,
            form=_FORM,
            enabled=False,
        )

    return tuple(reader(section) for section in _TOLD)


def taken_out(readings: dict[str, Value]) -> dict[str, str]:
    """Take the inner points out of readings; return what they tell, by section."""
    found = {key: readings.pop(key) for key in list(readings) if key.startswith(_PREFIX)}
    return {
        key.removeprefix(_PREFIX): words for key, words in found.items() if isinstance(words, str)
    }


def device_id_of(words: Mapping[str, str]) -> str | None:
    """Return the device id that is told, if it is."""
    return words["FACTORY"].split("/")[0] or None if "FACTORY" in words else None


def version_of(words: Mapping[str, str]) -> str | None:
    """Return the firmware that is told, if it is."""
    return words["WIZARD"].split("/")[0] or None if "WIZARD" in words else None
