"""Who answers."""

import pytest

from custom_components.hausstrom.senec.local.protocol.codec import Answer, Refusal, Section
from custom_components.hausstrom.senec.local.protocol.identity import SenecIdentity
from simulators.senec_local import Model

from .support import device, everything


@pytest.mark.parametrize(
    ("model", "application", "name"),
    [
        (Model.V3, "0826", "SENEC.Home V3 hybrid"),
        (Model.V3, "0825", "SENEC.Home V3 hybrid"),
        (Model.V3, "0811", "SENEC.Home V3 hybrid"),
        (Model.V3_LFP, "0827", "SENEC.Home V3 hybrid LFP"),
        (Model.V2_1, "0824", "SENEC.Home V2.1"),
    ],
)
def test_models(model: Model, application: str, name: str) -> None:
    identity = SenecIdentity.of(everything(device(model, application)))
    assert identity is not None
    assert identity.model == name
    assert identity.application_version == application
    assert identity.device_id == "2000000000000000000000001"
    assert identity.capacity_kwh == 10
    assert identity.country == "germany"
    assert identity.mac == "02:00:00:00:00:01"


def _identity(**sections: Section) -> SenecIdentity | None:
    sections.setdefault("FACTORY", {}).setdefault("DEVICE_ID", "7")
    return SenecIdentity.of(Answer(dict(sections)))


def test_without_a_device_id_it_is_no_senec() -> None:
    assert SenecIdentity.of(Answer({})) is None
    assert SenecIdentity.of(Answer({"FACTORY": {"DEVICE_ID": ""}})) is None
    assert SenecIdentity.of(Answer({"FACTORY": {"DEVICE_ID": Refusal.NOT_FOUND}})) is None


@pytest.mark.parametrize(
    "mac", [[1, 2, 3], [0, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, Refusal.BAD_HEX], [1, 2, 3, 4, 5, 256]]
)
def test_what_is_unknown_is_none(mac: list[int | Refusal]) -> None:
    identity = _identity(FACTORY={"SYS_TYPE": 99}, WIZARD={"MAC_ADDRESS_BYTES": [*mac]})
    assert identity is not None
    assert identity.model == "SENEC (99)"
    assert identity.mac is None
    assert identity.application_version is None
    assert identity.capacity_kwh is None


def test_without_a_type_it_is_a_senec() -> None:
    identity = _identity(WIZARD={"APPLICATION_VERSION": "beta"})
    assert identity is not None
    assert identity.model == "SENEC"
    assert identity.application_version == "beta"
