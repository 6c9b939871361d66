"""What of the topics that Home Assistant's own library offers becomes something here too.

The library is victron-mqtt, where it is installed. Two counts: its whole table, topic by topic,
and the topics of each recording that one of its rows is for. What is said otherwise (as the name
of an entity, as the limits of a number, as whether there is a device) is counted apart.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Final

from custom_components.hausstrom.victron.protocol.catalogue import FAMILIES
from custom_components.hausstrom.victron.protocol.catalogue.index import PathIndex
from custom_components.hausstrom.victron.protocol.identity import GX_IDENTITY_PATHS, IDENTITY_PATHS
from custom_components.hausstrom.victron.protocol.service import Service
from custom_components.hausstrom.victron.protocol.system import GxSystem
from custom_components.hausstrom.victron.protocol.topics import ServiceId, Topics
from simulators.victron_gx import Recorded, read_recording

SAMPLES: Final = {
    "phase": "L1",
    "next_phase": "L2",
    "tracker": "1",
    "mpptnumber": "1",
    "mppt_id": "1",
    "slot": "0",
    "relay": "0",
    "device_number": "0",
    "cell_id": "003",
    "index": "0",
}
SAID_OTHERWISE: Final = {
    r".*(Name|CustomName)": "the name of an entity or a device",
    r".*(NrOfPhases|NumberOfPhases|NrOfTrackers|NrOfOutputs|NumberOfAcInputs)": "what is there",
    r"SwitchableOutput/.*/Settings/.*": "the form, limits, unit and choices of an output",
    r"Connected|.*/Connected": "whether there is a device",
    r"ProductId|ModuleId|Manufacturer|.*Serial(Number)?|.*Version|DeviceInstance": "the device page",
    r"Settings/CGwacs/BatteryLife/State": "the ESS mode",
}


def sample(template: str) -> str:
    """Return a topic that fits a template of the library."""

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name == "output":
            return "1" if template.startswith(("Ac/Out", "Dc/")) else "output_1"
        ranged = re.match(r"[a-z_]+\((\d+)", name)
        return ranged[1] if ranged else SAMPLES.get(name, name)

    return re.sub(r"\{([^}]+)\}", fill, template)


class Ours:
    """What the catalogue makes of a topic."""

    def __init__(self) -> None:
        """Read the catalogue."""
        self._indexes = {name: PathIndex.of(family) for name, family in FAMILIES.items()}

    def shows(self, service: str, path: str) -> bool:
        """Whether a topic becomes an entity, by itself or as a part of one."""
        family = FAMILIES.get(service)
        if family is None:
            return False
        if self._indexes[service].match(path) is not None:
            return True
        there = Service(ServiceId(service, "0"), family, self._indexes[service])
        there.bind(path, 0)
        return any(path in one.inputs for one in there.derived)

    @staticmethod
    def says(path: str) -> bool:
        """Whether a topic is said in another way."""
        return (
            path in IDENTITY_PATHS
            or path in GX_IDENTITY_PATHS
            or any(re.fullmatch(pattern, path) for pattern in SAID_OTHERWISE)
        )


def library_rows() -> list[tuple[str, str]]:
    """Return service (or `*`) and path template of each topic of the library; empty without it."""
    try:
        from victron_mqtt import _victron_topics  # noqa: PLC0415  only where it is installed
    except ImportError:
        return []
    rows = []
    for row in _victron_topics.topics:
        parts = row.topic.split("/", 4)
        if row.topic.startswith("N/") and len(parts) == 5:
            rows.append(("*" if parts[2].startswith("{") else parts[2], parts[4]))
    return rows


def table_coverage() -> dict[str, tuple[int, int, int]]:
    """Return, by service type, topics of the library, those shown here, those said otherwise."""
    ours, found = Ours(), Counter[tuple[str, str]]()
    for service, template in library_rows():
        path = sample(template)
        name = "battery" if service == "*" else service
        shown = ours.shows(name, path)
        found[service, "all"] += 1
        found[service, "shown" if shown else "said" if ours.says(path) else "missing"] += 1
    services = sorted({service for service, _ in found})
    return {
        name: (found[name, "all"], found[name, "shown"], found[name, "said"]) for name in services
    }


def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return type of service and pattern of each path that the library offers."""
    return [
        (service, re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template))))
        for service, template in library_rows()
    ]


def by_service(topics: set[tuple[str, str]]) -> dict[str, tuple[int, int, int]]:
    """Return, by service type of a recording, what `recording_coverage` does for all of it."""
    services = sorted({service for service, _ in topics})
    counts = {
        service: recording_coverage({one for one in topics if one[0] == service})
        for service in services
    }
    return {service: count for service, count in counts.items() if count[0]}


def recording_coverage(topics: set[tuple[str, str]]) -> tuple[int, int, int]:
    """Return how many of a recording's (service, path) the library offers, and we show, or say."""
    patterns = _patterns()
    ours = Ours()
    offered = [
        (service, path)
        for service, path in topics
        if any(name in ("*", service) and one.fullmatch(path) for name, one in patterns)
    ]
    shown = [one for one in offered if ours.shows(*one)]
    said = [one for one in offered if one not in shown and ours.says(one[1])]
    return len(offered), len(shown), len(said)


def offered_of(file: Path) -> tuple[int, list[str]]:
    """Play a recording; return how many of its values the library offers, and those not offered.

    Unlike the tables this counts what really becomes an entity, with its gates and its types.
    """
    messages = read_recording(file)
    before = file.with_name(file.name.replace("_updates", "_full"))
    if before != file and before.exists():
        # What begins in the middle goes on from what was said completely.
        messages = [*read_recording(before), *messages]
    portal = next(one.topic.split("/")[1] for one in messages if one.topic.startswith("N/"))
    system = GxSystem(Topics(portal), "coverage")
    system.opened(0)
    for message in messages:
        system.receive(message.topic, message.payload, message.at)
    end, offers = max(message.at for message in messages), set()
    for second in range(1, 80):
        system.tick(end + second)
        system.collect(end + second)
        offers |= {(offer.service, offer.path) for offer in system.news().offers}
    inputs = {
        (str(place.id), path)
        for place in system.roster.places.values()
        for one in place.derived
        if one.revealed
        for path in one.inputs
    }
    patterns, ours = _patterns(), Ours()
    wanted = {
        (service, instance, path)
        for service, instance, path in _valued(messages)
        if any(name in ("*", service) and one.fullmatch(path) for name, one in patterns)
    }
    missing = [
        f"{service}/{instance}/{path}"
        for service, instance, path in sorted(wanted)
        if (service, path) not in offers
        and (str(ServiceId(service, instance)), path) not in inputs
        and not ours.says(path)
    ]
    return len(wanted), missing


def _valued(messages: list[Recorded]) -> set[tuple[str, str, str]]:
    """Return (service, instance, path) of what ever had a value."""
    found = set()
    for message in messages:
        parts = message.topic.split("/", 4)
        null = b'"value":null' in message.payload.replace(b" ", b"")
        if len(parts) == 5 and message.payload and not null:
            found.add((parts[2], parts[3], parts[4]))
    return found


def recorded_topics(file: Path) -> set[tuple[str, str]]:
    """Return the (service, path) of a recording that ever had a value."""
    return {(service, path) for service, _, path in _valued(read_recording(file))}


def main() -> None:
    """Print both tables."""
    print(f"{'service type':16}{'library':>9}{'shown':>7}{'said':>6}{'share':>8}")
    total = [0, 0, 0]
    for service, counts in table_coverage().items():
        total = [known + more for known, more in zip(total, counts, strict=True)]
        print(f"{service:16}{counts[0]:>9}{counts[1]:>7}{counts[2]:>6}{_share(counts):>8.1%}")
    print(f"{'all':16}{total[0]:>9}{total[1]:>7}{total[2]:>6}{_share(total):>8.1%}")
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "samples" / "victron"
        if folder.is_dir():
            print(f"\n{'recording':40}{'offered':>9}{'shown':>7}{'said':>6}{'share':>8}")
            for file in sorted(folder.glob("*/*.jsonl")):
                topics = recorded_topics(file)
                _print_row(file.stem, recording_coverage(topics))
                wanted, missing = offered_of(file)
                print(f"  entities when it is played: {wanted - len(missing)} of {wanted}")
                for service, counts in by_service(topics).items():
                    _print_row(f"  {service}", counts)
            return


def _print_row(name: str, counts: tuple[int, int, int]) -> None:
    print(f"{name:40}{counts[0]:>9}{counts[1]:>7}{counts[2]:>6}{_share(counts):>8.1%}")


def _share(counts: tuple[int, ...] | list[int]) -> float:
    return 1.0 if not counts[0] else (counts[1] + counts[2]) / counts[0]


if __name__ == "__main__":
    main()
