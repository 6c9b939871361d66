"""Names, versions, serial numbers."""

import pytest

from custom_components.hausstrom.victron.protocol.identity import identify, identify_gx, version


@pytest.mark.parametrize(
    ("raw", "printed"),
    [
        (0x0422, "v4.22"),
        (0x0113FF, "v1.13"),
        (0x010904, "v1.09.04"),
        (1058.0, "v4.22"),
        ("v3.70~15", "v3.70~15"),
        ("", None),
        (0, None),
        (None, None),
        (-1, None),
        (1.5, None),
        (2**40, None),
        ([], None),
    ],
)
def test_versions(raw: object, printed: str | None) -> None:
    assert version(raw) == printed  # type: ignore[arg-type]  # hostile on purpose


def test_a_name_given_by_the_user_goes_first() -> None:
    values = {"CustomName": "Roof", "DeviceName": "MPPT-1", "ProductName": "SmartSolar"}
    assert identify(values).name == "Roof"
    assert identify({"CustomName": "", "ProductName": "SmartSolar"}).name == "SmartSolar"
    assert identify({"CustomName": " ", "DeviceName": "Ruuvi 41EA"}).name == "Ruuvi 41EA"
    assert identify({"DeviceName": "{}", "ProductName": "Genset"}).name == "Genset"
    assert identify({}).name is None


def test_what_a_service_says_of_itself() -> None:
    identity = identify(
        {
            "ProductName": "MultiPlus-II",
            "Devices/0/SerialNumber": "HQ2233AAAAA",
            "FirmwareVersion": 0x0556,
            "HardwareVersion": 2,
            "Mgmt/Connection": "VE.Bus",
        }
    )
    assert identity.serial_number == "HQ2233AAAAA"
    assert identity.software == "v5.56"
    assert identity.hardware == "v0.02"
    assert identity.connection == "VE.Bus"


def test_the_gx_itself() -> None:
    identity = identify_gx(
        {"ProductName": "Cerbo GX", "Serial": "c0619ab1f00d"},
        {"Device/HQSerialNumber": "HQ1", "Firmware/Installed/Version": "v3.70"},
    )
    assert (identity.name, identity.serial_number, identity.software) == (
        "Cerbo GX",
        "HQ1",
        "v3.70",
    )
