"""Topics of a GX."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.common.slug import slug
from custom_components.hausstrom.victron.protocol.topics import (
    LONGEST_PART,
    LONGEST_PATH,
    ServiceId,
    Topics,
    portal_id_of,
    serial_filter,
)

PORTAL = "c0619ab1f00d"
segment = st.text(
    st.characters(blacklist_characters="/#+\0", codec="utf-8"), min_size=1, max_size=LONGEST_PART
)


@given(
    prefix=st.sampled_from(["", "gx", "home/gx/"]), path=st.lists(segment, min_size=3, max_size=10)
)
def test_a_value_topic_is_read_as_it_was_written(prefix: str, path: list[str]) -> None:
    topics = Topics(PORTAL, prefix)
    service = ServiceId(path[0], path[1])
    address = topics.parse(topics.value(service, "/".join(path[2:])))
    if len("/".join(path[2:])) > LONGEST_PATH:
        assert address is None  # no GX says so
        return
    assert address is not None
    assert (address.service, address.path) == (service, "/".join(path[2:]))


@pytest.mark.parametrize(
    "topic",
    [
        f"N/{PORTAL}/heartbeat",
        f"N/{PORTAL}/full_publish_completed",
        f"N/{PORTAL}/battery/512",
        f"N/{PORTAL}/battery/512/",
        f"N/{PORTAL}//512/Soc",
        "N/aaaaaaaaaaaa/battery/512/Soc",
        f"W/{PORTAL}/battery/512/Soc",
        f"gx/N/{PORTAL}/battery/512/Soc",
        "",
    ],
)
def test_other_topics_are_no_values(topic: str) -> None:
    assert Topics(PORTAL).parse(topic) is None


@pytest.mark.parametrize(
    ("topic", "key"),
    [
        ("battery/512/Soc", "battery_512_soc"),
        ("pvinverter/20/Ac/Power", "pvinverter_20_ac_power"),
        ("vebus/276/Ac/ActiveIn/L1/P", "vebus_276_ac_activein_l1_p"),
        ("system/0/Dc/Battery/Power", "system_0_dc_battery_power"),
        ("heatpump/shelly-AB12/Ac/Power", "heatpump_shelly_ab12_ac_power"),
        (
            "settings/0/Settings/CGwacs/BatteryLife/Schedule/Charge/0/Start",
            "settings_0_settings_cgwacs_batterylife_schedule_charge_0_start",
        ),
    ],
)
def test_keys(topic: str, key: str) -> None:
    address = Topics(PORTAL).parse(f"N/{PORTAL}/{topic}")
    assert address is not None
    assert address.key == key


def test_topics_of_a_bridge_have_its_prefix() -> None:
    topics = Topics(PORTAL, "/van/")
    assert topics.keepalive == f"van/R/{PORTAL}/keepalive"
    assert topics.everything == f"van/N/{PORTAL}/#"
    assert topics.write(ServiceId("vebus", "276"), "Mode") == f"van/W/{PORTAL}/vebus/276/Mode"


@pytest.mark.parametrize(
    ("topic", "prefix", "portal"),
    [
        (f"N/{PORTAL}/system/0/Serial", "", PORTAL),
        (f"van/N/{PORTAL}/system/0/Serial", "van", PORTAL),
        (f"van/N/{PORTAL}/system/0/Serial", "", None),
        ("N/zigbee/system/0/Serial", "", None),
        (f"N/{PORTAL.upper()}/system/0/Serial", "", None),
    ],
)
def test_portal_ids(topic: str, prefix: str, portal: str | None) -> None:
    assert portal_id_of(topic, prefix) == portal


def test_the_filter_for_any_gx() -> None:
    assert serial_filter() == "N/+/system/0/Serial"
    assert serial_filter("van") == "van/N/+/system/0/Serial"


def test_slug() -> None:
    assert slug("SwitchableOutput/output_1/State") == "switchableoutput_output_1_state"
