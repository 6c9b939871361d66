"""What Home Assistant's own library offers is here too."""

import pytest

from benchmarks.victron_coverage import (
    Ours,
    library_rows,
    recorded_topics,
    recording_coverage,
    table_coverage,
)
from tests.victron.gx import samples

LEAST = 0.98


def test_topics_of_the_library() -> None:
    if not library_rows():
        pytest.skip("the library is not installed")
    table = table_coverage()
    assert sum(counts[0] for counts in table.values()) > 500
    for service, (offered, shown, said) in table.items():
        assert shown + said >= LEAST * offered, service
    assert sum(counts[1] for counts in table.values()) >= 0.95 * sum(
        counts[0] for counts in table.values()
    )


def test_topics_of_recordings() -> None:
    if not library_rows():
        pytest.skip("the library is not installed")
    for file in samples().glob("*/*.jsonl"):
        offered, shown, said = recording_coverage(recorded_topics(file))
        assert shown + said >= LEAST * offered, file.stem


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("gps", "Position/Latitude"),
        ("settings", "Settings/Generator1/AcLoad/QuietHoursStopValue"),
        ("multi", "Ess/DisableFeedIn"),
        ("switch", "SwitchableOutput/out_3/LightControls"),
        ("hub4", "Overrides/Setpoint"),
        ("vebus", "Devices/2/Ac/Out/L1/P"),
        ("platform", "Firmware/Installed/Version"),
        ("battery", "Battery/1/Cell/3/Voltage"),
        ("bms", "Soc"),
        ("pump", "State"),
        ("modem", "SignalStrength"),
        ("switch", "GenericInput/in_1/Value"),
    ],
)
def test_values_that_people_missed(service: str, path: str) -> None:
    assert Ours().shows(service, path)
    assert not Ours().shows(service, "Flux/Capacitor")
