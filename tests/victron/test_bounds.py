"""What is beyond all sizes of a real system, and prefixes that look like topics of a GX."""

from custom_components.hausstrom.victron.protocol.roster import MAX_SERVICES
from custom_components.hausstrom.victron.protocol.slot import IGNORED
from tests.victron.gx import PORTAL, Gx


def test_of_thousands_of_services_only_the_first_are_looked_at() -> None:
    gx = Gx()
    for instance in range(4000):
        gx.say(f"battery/{instance}/Soc", 50)
    gx.say("system/0/Dc/Battery/Soc", 50)
    assert len(gx.system.roster.places) == MAX_SERVICES + 1
    assert len(gx.system.roster.refused) == MAX_SERVICES


def test_a_prefix_that_holds_the_letter_of_a_topic() -> None:
    gx = Gx(prefix="HAN")
    changes = gx.tell("battery/512", {"Soc": 50, "ProductName": "Pylontech battery"})
    assert changes["battery_512_soc"] == 50
    assert gx.sent
    assert all(topic.startswith(f"HAN/R/{PORTAL}/") for topic, _ in gx.sent)


def test_topics_that_nobody_wants_cost_no_memory_of_their_own() -> None:
    gx = Gx()
    gx.say("flux/1/Capacitor", 1)
    gx.say("flux/2/Capacitor", 2)
    gx.say("battery/1/Flux", 3)
    kept = set(map(id, gx.system._slots.values()))
    assert len(gx.system._slots) == 3
    assert len(kept) == 1
    assert IGNORED.payload is None
    assert not IGNORED.alive
