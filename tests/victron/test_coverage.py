"""What Home Assistant's own library offers is here too."""

import csv
import re
from pathlib import Path

import pytest

from benchmarks.victron_coverage import (
    Ours,
    by_service,
    library_rows,
    offered_of,
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
        ("temperature", "AccelX"),
        ("temperature", "AccelZ"),
        ("gps", "UtcTimestamp"),
        ("vebus", "Ac/State/SplitPhaseL2Passthru"),
        ("vebus", "Ac/State/SplitPhaseL2L1OutSummed"),
    ],
)
def test_values_that_people_missed(service: str, path: str) -> None:
    assert Ours().shows(service, path)
    assert not Ours().shows(service, "Flux/Capacitor")


def test_topics_of_recordings_by_type_of_service() -> None:
    if not library_rows():
        pytest.skip("the library is not installed")
    looked_at = 0
    for file in samples().glob("*/*.jsonl"):
        for service, (offered, shown, said) in by_service(recorded_topics(file)).items():
            looked_at += offered
            assert shown + said >= LEAST * offered, f"{file.stem}: {service}"
    assert looked_at > 1000


def test_recordings_become_entities() -> None:
    if not library_rows():
        pytest.skip("the library is not installed")
    seen = 0
    for file in samples().glob("*/*.jsonl"):
        offered, missing = offered_of(file)
        seen += offered
        assert len(missing) <= (1 - LEAST) * offered, f"{file.stem}: {missing}"
    assert seen > 1000


def _paths(template: str) -> list[str]:
    """Return paths for a template of the list: `L{n}`, `{0,1}`, `A + B`, `X (Type 2)`."""
    paths: list[str] = []
    for part in re.sub(r" \(.*\)", "", template).split(" + "):
        path = re.sub(r"\{(\d)[^}]*\}", r"\1", part)
        for name, value in (
            ("n", "1"),
            ("d", "0"),
            ("output", "output_1"),
            ("tracker", "1"),
            ("relay", "0"),
        ):
            path = path.replace(f"{{{name}}}", value)
        path = re.sub(r"\{[^}]+\}", "1", path)
        # The second of two may be named by its last part.
        paths.append(path if "/" in path or not paths else f"{paths[0].rpartition('/')[0]}/{path}")
    return paths


def test_what_was_missing_is_there() -> None:
    listed = next(
        (
            file
            for parent in Path(__file__).resolve().parents
            if (file := parent / "shared" / "cases" / "victron" / "uncovered.csv").is_file()
        ),
        None,
    )
    if listed is None:
        pytest.skip("no cases beside the project")
    ours, missing, seen = Ours(), [], 0
    with listed.open(newline="") as rows:
        for row in csv.DictReader(rows):
            for path in _paths(row["path"]):
                seen += 1
                service = row["service"].split(" (")[0]
                if not (ours.shows(service, path) or ours.says(path)):
                    missing.append(f"{row['rank']} {service}/{path}")
    assert seen > 100
    assert missing == []
