"""Who a SENEC system is: model, device id, versions, capacity."""

from typing import Final, NamedTuple, Self

from .catalogue.codes import SYSTEM_TYPES
from .codec import Answer
from .points import Ref, number_at, reading_at

IDENTITY: Final = (
    Ref("FACTORY", "DEVICE_ID"),
    Ref("FACTORY", "SYS_TYPE"),
    Ref("FACTORY", "COUNTRY"),
)
"""What decides who it is. One section, alone: slow devices answer 504 to more."""
ABOUT: Final = (
    Ref("FACTORY", "DESIGN_CAPACITY"),
    Ref("WIZARD", "APPLICATION_VERSION"),
    Ref("WIZARD", "FIRMWARE_VERSION"),
    Ref("WIZARD", "INTERFACE_VERSION"),
    Ref("WIZARD", "MAC_ADDRESS_BYTES"),
    Ref("SYS_UPDATE", "NPU_VER"),
    Ref("SYS_UPDATE", "NPU_IMAGE_VERSION"),
)
"""What else is worth knowing. It is asked for afterwards and may be missing."""


class SenecIdentity(NamedTuple):
    """A system's identity; `device_id` is what the cloud calls control unit number, less its S."""

    device_id: str
    system_type: int | None
    model: str
    application_version: str | None
    firmware_version: str | None
    interface_version: str | None
    npu_image: int | None
    capacity_kwh: float | None
    country: str | None
    mac: str | None

    @classmethod
    def of(cls, answer: Answer) -> Self | None:
        """Read it from an answer; None where the answer has no device id, so is not a SENEC's."""
        device_id = reading_at(answer, Ref("FACTORY", "DEVICE_ID"))
        if not isinstance(device_id, str):
            return None
        system_type = _whole(number_at(answer, Ref("FACTORY", "SYS_TYPE")))
        country = reading_at(answer, Ref("FACTORY", "COUNTRY"))
        return cls(
            device_id=device_id.strip(),
            system_type=system_type,
            model=_model(system_type),
            application_version=_text(answer, "APPLICATION_VERSION"),
            firmware_version=_text(answer, "FIRMWARE_VERSION"),
            interface_version=_text(answer, "INTERFACE_VERSION"),
            npu_image=_npu(answer),
            capacity_kwh=number_at(answer, Ref("FACTORY", "DESIGN_CAPACITY")),
            country=country if isinstance(country, str) else None,
            mac=_mac(answer),
        )

    def completed(self, answer: Answer) -> Self:
        """Return it with what an answer to ABOUT, or to a part of it, tells beyond what is known."""
        return self._replace(
            application_version=_text(answer, "APPLICATION_VERSION") or self.application_version,
            firmware_version=_text(answer, "FIRMWARE_VERSION") or self.firmware_version,
            interface_version=_text(answer, "INTERFACE_VERSION") or self.interface_version,
            npu_image=_npu(answer) or self.npu_image,
            capacity_kwh=number_at(answer, Ref("FACTORY", "DESIGN_CAPACITY")) or self.capacity_kwh,
            mac=_mac(answer) or self.mac,
        )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _npu(answer: Answer) -> int | None:
    return _whole(number_at(answer, Ref("SYS_UPDATE", "NPU_IMAGE_VERSION")))


def _text(answer: Answer, variable: str) -> str | None:
    reading = reading_at(answer, Ref("WIZARD", variable))
    return reading if isinstance(reading, str) else None


def _model(system_type: int | None) -> str:
    if system_type is None:
        return "SENEC"
    return SYSTEM_TYPES.get(system_type, f"SENEC ({system_type})")


def _mac(answer: Answer) -> str | None:
    cell = answer.cell("WIZARD", "MAC_ADDRESS_BYTES")
    if not isinstance(cell, list) or len(cell) != 6:
        return None
    parts = [value for value in cell if isinstance(value, int) and 0 <= value <= 0xFF]
    if len(parts) != 6 or not any(parts):
        return None
    return ":".join(f"{part:02x}" for part in parts)
