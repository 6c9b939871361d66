"""Whole recordings, replayed."""

from dataclasses import dataclass

import pytest

from custom_components.hausstrom.victron.protocol.offer import Offer
from custom_components.hausstrom.victron.protocol.system import GxSystem
from custom_components.hausstrom.victron.protocol.topics import Topics
from simulators.victron_gx import Recorded, read_recording
from tests.victron.gx import samples

PORTAL = "c0619ab0aaaa"
NEVER_AWAY = {"grid_30", "battery_256", "vebus_257"}


@dataclass
class Replayed:
    system: GxSystem
    offers: list[Offer]
    moves: list[tuple[float, str, bool]]


def replay(messages: list[Recorded]) -> Replayed:
    """Play a recording as it was, with everything that is done in between."""
    system = GxSystem(Topics(PORTAL), "ha")
    system.opened(0)
    replayed = Replayed(system, [], [])
    second = 0.0

    def pass_second() -> None:
        system.tick(second)
        system.collect(second)
        news = system.news()
        replayed.offers.extend(news.offers)
        replayed.moves.extend((second, one, system.present(one)) for one in news.services)

    for message in messages:
        while message.at >= second + 1:
            second += 1
            pass_second()
        system.receive(message.topic, message.payload, message.at)
    for _ in range(4):
        second += 1
        pass_second()
    return replayed


@pytest.mark.parametrize(
    ("files", "offers", "enabled"),
    [
        # Of its 341 three are the acceleration that its temperature sensor says on three axes.
        (["synthetic/ess_session"], (250, 343), (100, 135)),
        (["synthetic/ess_system_full"], (250, 340), (100, 135)),
        (["recordings/demo1_ess_full", "recordings/demo1_ess_updates"], (170, 240), (85, 115)),
        # Its three tanks say their alarm settings (24), and three devices have errors in words;
        # its Multi, as that of the next one, says 8 LEDs and 4 alarms of each phase.
        (["recordings/demo2_full", "recordings/demo2_updates"], (192, 252), (70, 95)),
        (["recordings/sim_a_full", "recordings/sim_a_updates"], (72, 97), (22, 35)),
        (["recordings/sim_c_full", "recordings/sim_c_updates"], (20, 35), (8, 15)),
    ],
)
def test_recordings(files: list[str], offers: tuple[int, int], enabled: tuple[int, int]) -> None:
    replayed = replay(read_recording(*(samples() / f"{file}.jsonl" for file in files)))
    assert not replayed.system.faults
    assert not replayed.system.unknown_codes
    assert offers[0] <= len(replayed.offers) <= offers[1]
    assert enabled[0] <= sum(offer.enabled for offer in replayed.offers) <= enabled[1]
    keys = [offer.key for offer in replayed.offers]
    assert len(keys) == len(set(keys))
    assert not [
        service for _, service, there in replayed.moves if not there and service in NEVER_AWAY
    ]


def test_the_pv_inverter_leaves_and_returns() -> None:
    replayed = replay(read_recording(samples() / "synthetic" / "ess_session.jsonl"))
    inverter = "pvinverter_32"
    moves = [(round(at), there) for at, service, there in replayed.moves if service == inverter]
    assert [there for _, there in moves] == [True, False, True]
    assert 62 <= moves[1][0] <= 64
    assert 92 <= moves[2][0] <= 95


def test_the_write_of_the_session_arrived() -> None:
    replayed = replay(read_recording(samples() / "synthetic" / "ess_session.jsonl"))
    key = "settings_0_settings_cgwacs_batterylife_minimumsoclimit"
    assert replayed.system.readings[key] == 20
