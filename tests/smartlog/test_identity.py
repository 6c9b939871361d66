"""Keys are given once and stay, whatever the next report looks like."""

import json
import random
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.hausstrom.smartlog.protocol.gateway import Changes, Gateway, load_gateway
from custom_components.hausstrom.smartlog.protocol.historic import is_historic, parse_obis
from custom_components.hausstrom.smartlog.protocol.mbus import DeviceType
from custom_components.hausstrom.smartlog.protocol.meter import Meter
from custom_components.hausstrom.smartlog.protocol.model import Signature
from custom_components.hausstrom.smartlog.protocol.point import KnownPoint
from custom_components.hausstrom.smartlog.protocol.report import parse_report

from .build import NOW, Node, data, house, meter, muc, samples, take


def only(gateway: Gateway) -> Meter:
    (one,) = gateway.meters.values()
    return one


def point(gateway: Gateway, key: str) -> KnownPoint:
    return only(gateway).points[key]


def learnt(*points: Node) -> Gateway:
    gateway = Gateway()
    take(gateway, muc(meter("1", *points)))
    return gateway


def again(gateway: Gateway, *points: Node, minutes: int = 10) -> Changes:
    """Give the next report of the same meter."""
    for node in points:
        for entry in node["entry"]:
            entry["T_MUC"] = NOW + 60 * minutes - 30
    return take(gateway, muc(meter("1", *points)), NOW + 60 * minutes)


def keys(changes: Changes) -> list[str]:
    return [known.key for _, known in changes.points]


def test_keys_are_obis_codes_or_descriptions() -> None:
    gateway = learnt(
        data("Energy", 1, obis="1-0:1.8.0*255"),
        data("Energy (vendor specific)", 2, label="E_L1"),
        data("Flow temperature", 3, "Degree C"),
        data("Relative humidity", 4, "%"),
        data("Volume", 5, "m^3"),
        data("Volume", 6, "m^3", label="Küche"),
        data("???", 7, ""),
        data("Zählerstand", 8, "Wh"),
        data("x", 9, "W", INDEX="17"),
        data("Volume", 10, "m^3", "0.1"),
    )
    assert list(only(gateway).points) == [
        "1_0_1_8_0_255",
        "energy_vendor_specific_e_l1_kwh",
        "flow_temperature_c",
        "relative_humidity_percent",
        "volume_m3",
        "volume_kuche_m3",
        "value",
        "zahlerstand_wh",
        "x_w",
        "volume_m3_2",
    ]
    assert not any(known.ambiguous for known in only(gateway).points.values())


def test_a_key_is_not_taken_by_what_the_meter_itself_is_called() -> None:
    gateway = learnt(data("Last reading", 1, ""))
    assert list(only(gateway).points) == ["last_reading_2"]


def test_a_new_scale_is_the_same_point() -> None:
    gateway = learnt(data("Energy", 1000, scale="1"), data("Power", 5, "W"))
    changes = again(gateway, data("Energy", 10101, scale="0.1"), data("Power", 5, "W"))
    assert keys(changes) == []
    assert changes.readings["1_energy_kwh"] == 1010.1
    assert keys(again(gateway, data("Energy", 1020, scale="1"), minutes=20)) == []
    assert point(gateway, "energy_kwh").value == 1020


def test_the_same_digits_in_another_scale_are_another_value() -> None:
    gateway = learnt(data("Energy", 1000, scale="1"))
    changes = again(gateway, data("Energy", 1000, scale="1.01"))
    assert changes.readings["1_energy_kwh"] == 1_010


def test_a_new_label_is_the_same_point() -> None:
    gateway = learnt(data("Energy", 1, label="old"), data("Power", 5, "W"))
    assert keys(again(gateway, data("Energy", 2, label="new"), data("Power", 5, "W"))) == []
    assert point(gateway, "energy_old_kwh").value == 2
    assert point(gateway, "energy_old_kwh").signature.label == "new"


def test_a_newcomer_is_not_the_new_label_of_what_went_long_ago() -> None:
    gateway = learnt(data("Current", 1, "A", label="L1"), data("Power", 5, "W"))
    again(gateway, data("Power", 6, "W"))
    changes = again(gateway, data("Current", 7, "A", label="N"), data("Power", 5, "W"), minutes=20)
    assert keys(changes) == ["current_n_a"]
    assert point(gateway, "current_l1_a").value == 1


def test_two_new_labels_at_once_are_two_new_points() -> None:
    gateway = learnt(data("Energy", 1, label="a"), data("Energy", 2, label="b"))
    changes = again(gateway, data("Energy", 3, label="c"), data("Energy", 4, label="d"))
    assert keys(changes) == ["energy_c_kwh", "energy_d_kwh"]
    assert point(gateway, "energy_a_kwh").value == 1


def test_obis_and_unit_are_enough() -> None:
    gateway = learnt(data("Energy", 1, obis="1-0:1.8.0*255", label="x"))
    changes = again(gateway, data("Wirkenergie", 2, obis="1-0:1.8.0*255", label="y", scale="0.6"))
    assert keys(changes) == []
    assert point(gateway, "1_0_1_8_0_255").value == 1.2


def test_a_group_does_not_take_the_place_of_a_single_point() -> None:
    gateway = learnt(data("Energy", 1, scale="1"))
    changes = again(gateway, data("Energy", 2, scale="0.1"), data("Energy", 3, scale="0.1"))
    assert keys(changes) == ["energy_kwh_2", "energy_kwh_3"]
    assert point(gateway, "energy_kwh").value == 1


def test_another_unit_is_another_point() -> None:
    gateway = learnt(data("Energy", 1, obis="1-0:1.8.0*255"))
    changes = again(gateway, data("Energy", 2, "m^3", obis="1-0:1.8.0*255"))
    assert keys(changes) == ["1_0_1_8_0_255_2"]
    assert keys(again(learnt(data("P", 1, "Baud")), data("P", 1, "Turns"))) == ["p_turns"]


@pytest.mark.parametrize("obis", ["6-0:1.0.0*255", ""])
def test_another_prefix_of_the_unit_is_the_same_point(obis: str) -> None:
    gateway = learnt(data("Energy", 99_990, obis=obis))
    (key,) = only(gateway).points
    assert keys(again(gateway, data("Energy", 100, "MWh", obis=obis))) == []
    assert point(gateway, key).value == 100_000
    assert keys(again(gateway, data("Energy", "360.36", "GJ", None, obis=obis), minutes=20)) == []
    assert point(gateway, key).value == pytest.approx(100_100)
    assert point(gateway, key).traits.unit == "kWh"
    assert keys(again(learnt(data("P", 3600, "J/h")), data("P", 3.6, "kJ/h", None))) == []


def test_a_code_that_is_given_later_is_a_new_name() -> None:
    gateway = learnt(data("Energy", 5000), data("Energy", 3000), data("Energy", 2000))
    changes = again(
        gateway,
        data("Energy", 5001, obis="1-0:1.8.0*255", label="total"),
        data("Energy", 3001),
        data("Energy", 2001),
    )
    # The order of a nameless group is all there is: what has a name now is found by it.
    assert keys(changes) == []
    assert [known.value for known in only(gateway).points.values()] == [5001, 3001, 2001]
    gateway = learnt(data("Energy", 5000), data("Volume", 3, "m^3"))
    changes = again(gateway, data("Energy", 5001, obis="6-0:1.0.0*255"), data("Volume", 3, "m^3"))
    assert keys(changes) == []
    assert point(gateway, "energy_kwh").value == 5001


def test_an_id_of_the_point_outweighs_label_and_scale() -> None:
    gateway = learnt(
        *(data("Energy", number, INDEX=str(number), label="same") for number in (1, 2))
    )
    again(
        gateway,
        data("Energy", 22, INDEX="2", label="other", scale="0.1"),
        data("Energy", 11, INDEX="1", label="same"),
    )
    assert [known.value for known in only(gateway).points.values()] == [11, 2.2]
    assert not point(gateway, "energy_same_kwh").ambiguous


def test_repetitions_of_one_obis_code_count_once() -> None:
    gateway = learnt(
        data("Fabrication", "42", "None", obis="6-0:0.0.0*255"),
        data("Fabrication", "42", "None", obis="6-0:0.0.0*255", device_time=NOW - 90),
        data("Energy", 1000, scale="0.1", obis="6-0:1.0.0*255"),
        data("Energy", 100, obis="6-0:1.0.0*255"),
    )
    assert list(only(gateway).points) == ["6_0_0_0_0_255", "6_0_1_0_0_255"]
    assert not any(known.ambiguous for known in only(gateway).points.values())


def test_different_values_of_one_obis_code_are_two() -> None:
    gateway = learnt(
        data("Energy", 1, obis="6-0:1.0.0*255"),
        data("Energy", 2, obis="6-0:1.0.0*255"),
        data("Volume", 1, obis="6-0:2.0.0*255", device_time=NOW - 60),
        data("Volume", 1, obis="6-0:2.0.0*255", device_time=NOW - 61),
    )
    assert len(only(gateway).points) == 4
    assert [known.ambiguous for known in only(gateway).points.values()] == [False, True] * 2


def test_equal_points_without_obis_are_never_collapsed() -> None:
    gateway = learnt(data("Energy", 0, label="E_L2"), data("Energy", 0, label="E_L2"))
    known = list(only(gateway).points.values())
    assert [one.key for one in known] == ["energy_e_l2_kwh", "energy_e_l2_kwh_2"]
    assert [(one.ambiguous, one.enabled) for one in known] == [(False, True), (True, False)]


def test_groups_go_by_order_and_the_first_always() -> None:
    gateway = learnt(data("Energy", 1), data("Energy", 2))
    assert again(gateway, data("Energy", 3), data("Energy", 4)).skipped == 0
    values = [known.value for known in only(gateway).points.values()]
    assert values == [3, 4]
    # With fewer than before only the first is told; which of the others is left nobody knows.
    assert keys(again(gateway, data("Energy", 5), minutes=20)) == []
    assert [known.value for known in only(gateway).points.values()] == [5, 4]
    more = again(gateway, *(data("Energy", number) for number in (7, 8, 9)), minutes=30)
    assert keys(more) == ["energy_kwh_3"]
    assert [known.value for known in only(gateway).points.values()] == [7, 8, 9]
    assert [known.enabled for known in only(gateway).points.values()] == [True, False, False]
    scaled = [data("Energy", number, scale="0.1") for number in (80, 90, 100)]
    assert keys(again(gateway, *scaled, minutes=40)) == []
    assert [known.value for known in only(gateway).points.values()] == [8, 9, 10]


def test_a_point_that_is_suddenly_double_has_a_sibling() -> None:
    gateway = learnt(data("Energy", 1))
    changes = again(gateway, data("Energy", 2), data("Energy", 3))
    assert keys(changes) == ["energy_kwh_2"]
    assert point(gateway, "energy_kwh").value == 2
    assert not point(gateway, "energy_kwh_2").enabled


def test_what_is_missing_keeps_its_value() -> None:
    gateway = learnt(data("Energy", 1), data("Power", 2, "W"))
    changes = again(gateway, data("Power", 3, "W"))
    assert gateway.readings()["1_energy_kwh"] == 1
    assert set(changes.readings) == {"1_power_w"}


def test_an_empty_meter_is_known_but_not_heard() -> None:
    gateway = Gateway()
    changes = take(gateway, muc(meter("1")))
    assert [one.uid for one in changes.meters] == ["1"]
    assert changes.heard == []
    assert only(gateway).last_reading is None


def test_backlog_is_not_news() -> None:
    gateway = learnt(data("Energy", 5), data("Power", 1, "W"))
    late = [data("Energy", 4, time=NOW - 600), data("Power", 9, "W", time=NOW - 600)]
    changes = take(gateway, muc(meter("1", *late)), NOW + 60)
    assert (changes.readings, changes.backlog, changes.heard) == ({}, 2, [])
    same = take(gateway, muc(meter("1", data("Energy", 5), data("Power", 1, "W"))), NOW + 120)
    assert (same.readings, same.backlog) == ({}, 0)


def test_a_clock_that_was_ahead_does_not_block_readings() -> None:
    gateway = learnt(data("Energy", 5, time=NOW + 3600))
    changes = take(gateway, muc(meter("1", data("Energy", 6, time=NOW + 60))), NOW + 60)
    assert changes.readings["1_energy_kwh"] == 6
    assert changes.heard


def test_an_unreadable_value_keeps_the_state() -> None:
    gateway = learnt(data("Energy", 5))
    changes = again(gateway, data("Energy", "error 3"), data("Power", "?", "W"))
    assert changes.unreadable == 2
    assert gateway.readings()["1_energy_kwh"] == 5
    assert list(only(gateway).points) == ["energy_kwh"]
    assert again(gateway, data("Energy", 6, scale="0"), minutes=20).unreadable == 1


def test_without_learning_only_known_points_are_read() -> None:
    gateway = learnt(data("Energy", 5))
    tree = muc(
        meter("1", data("Energy", 6, time=NOW), data("Power", 1, "W", time=NOW)),
        meter("2", data("Energy", 1)),
    )
    changes = take(gateway, tree, NOW + 60, learn=False)
    assert changes.unknown_meters == 1
    assert set(changes.readings) == {"1_energy_kwh"}
    assert set(take(gateway, tree, NOW + 120).readings) == {
        "1_power_w",
        "2_energy_kwh",
        "2_last_reading",
    }


def test_meters_of_one_id() -> None:
    gateway = Gateway()
    tree = muc(
        meter("7", data("Energy", 1), MANUFACTURER="AAA"),
        meter("7", data("Energy", 2), MANUFACTURER="BBB"),
        meter("7", data("Energy", 3), MANUFACTURER="BBB", interface="05"),
        meter(
            "7", data("Volume", 4, "m^3"), MANUFACTURER="BBB", interface="05", MEDIUM="Cold water"
        ),
        meter(
            "7", data("Volume", 5, "m^3"), MANUFACTURER="BBB", interface="05", MEDIUM="Hot water"
        ),
    )
    take(gateway, tree)
    uids = ["7", "7_bbb", "7_05", "7_hot_water"]
    assert [uid for uid in gateway.meters if uid != "7_cold_water"] == uids
    tree["muc"]["meter"].reverse()
    changes = take(gateway, tree, NOW + 60)
    assert changes.meters == []
    assert changes.readings == {}


def test_the_manufacturer_may_come_late() -> None:
    gateway = Gateway()
    take(gateway, muc(meter("7", data("Energy", 1), interface="")))
    changes = take(gateway, muc(meter("7", data("Energy", 1), MANUFACTURER="KAM")), NOW + 60)
    assert changes.meters == []
    assert (only(gateway).manufacturer, only(gateway).interface) == ("KAM", "02")
    changes = take(gateway, muc(meter("7", data("Energy", 1), MANUFACTURER="SON")), NOW + 120)
    assert [one.uid for one in changes.meters] == ["7_son"]


def test_a_third_meter_without_anything_of_its_own_gets_a_number() -> None:
    gateway = Gateway()
    for interface in ("02", "05", "01"):
        take(gateway, muc(meter("7", data("Energy", 1), interface=interface)))
    assert list(gateway.meters) == ["7", "7_05", "7_01"]
    gateway.meters["7_03"] = gateway.meters["7"]
    gateway.meters["7_electricity"] = gateway.meters["7"]
    take(gateway, muc(meter("7", data("Energy", 1), interface="03")))
    assert list(gateway.meters)[-1] == "7_2"


def test_type_and_label_may_come_late() -> None:
    gateway = Gateway()
    take(gateway, muc(meter("7", data("Volume", 1, "m^3", medium=""))))
    assert only(gateway).type is DeviceType.UNKNOWN
    assert point(gateway, "volume_m3").traits.device_class == "volume"
    changes = take(
        gateway, muc(meter("7", data("Volume", 1, "m^3", medium="Water"), USER="Bath")), NOW + 60
    )
    assert changes.renamed
    assert only(gateway).label == "Bath"
    assert point(gateway, "volume_m3").traits.device_class == "water"


def test_removed_meters_stay_away_until_asked_for() -> None:
    gateway = Gateway()
    take(gateway, house())
    gateway.remove("00000024")
    changes = take(gateway, house(), NOW + 60)
    assert "00000024" not in {one.uid for one in changes.meters}
    assert not any(key.startswith("00000024") for key in (*changes.readings, *gateway.readings()))
    gateway, _ = load_gateway(json.loads(json.dumps(gateway.dump())))
    assert gateway.removed == {"00000024"}
    take(gateway, house(), NOW + 120)
    assert "00000024" not in {one.uid for one in gateway.wanted}
    gateway.bring_back(["00000024", "unknown"])
    changes = take(gateway, house(), NOW + 180)
    assert [one.uid for one in changes.meters] == ["00000024"]
    assert changes.readings["00000024_relative_humidity_percent"] == 61.1
    gateway.remove("never heard")
    gateway.removed.add("9")
    assert take(gateway, muc(meter("9", data("Energy", 1))), NOW + 240).meters == []


def test_everything_survives_a_restart() -> None:
    gateway = Gateway()
    take(gateway, house())
    take(
        gateway,
        muc(meter("2", data("Energy", 0), data("Energy", -5), data("Text", "on", "None"))),
        NOW + 60,
    )
    stored = json.loads(json.dumps(gateway.dump()))
    restored, lost = load_gateway(stored)
    assert lost == 0
    assert restored.readings() == gateway.readings()
    assert restored.dump() == gateway.dump()
    for uid, one in gateway.meters.items():
        for key, known in one.points.items():
            other = restored.meters[uid].points[key]
            assert (other.traits, other.ambiguous, other.state_class) == (
                known.traits,
                known.ambiguous,
                known.state_class,
            )
    changes = take(restored, house(), NOW + 60)
    assert (changes.points, changes.meters, changes.readings) == ([], [], {})


@pytest.mark.parametrize(
    "stored", [None, {}, [], {"version": 1}, {"version": "", "removed": [], "meters": 3}]
)
def test_a_foreign_store_is_an_empty_one(stored: object) -> None:
    gateway, lost = load_gateway(stored)
    assert (gateway.meters, lost) == ({}, 0)


def test_a_damaged_meter_is_lost_alone() -> None:
    gateway = Gateway()
    take(gateway, house())
    stored = json.loads(json.dumps(gateway.dump()))
    stored["meters"][0]["points"][0][1] = ["too", "short"]
    del stored["meters"][1]["uid"]
    restored, lost = load_gateway(stored)
    assert (lost, list(restored.meters)) == (2, ["00351800"])


def test_the_number_of_meters_and_points_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.hausstrom.smartlog.protocol.gateway.MAX_METERS", 2)
    monkeypatch.setattr("custom_components.hausstrom.smartlog.protocol.meter.MAX_POINTS", 2)
    gateway = Gateway()
    nodes = [
        meter(str(number), *(data(f"E {index}", 1) for index in range(3))) for number in range(3)
    ]
    changes = take(gateway, muc(*nodes))
    assert changes.unknown_meters == 1
    assert changes.skipped == 2
    assert [len(one.points) for one in gateway.meters.values()] == [2, 2]


@pytest.mark.parametrize(
    ("text", "historic"),
    [
        ("1-0:1.8.0*0", True),
        ("1-0:1.8.0*3", True),
        ("8-1:1.2.0*1", True),
        ("8-1:1.2.0*255", False),
        ("1-0:1.8.0*255", False),
        ("1-0:1.8.0", False),
        ("6-0:5.8.0*0", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_historic_by_obis(text: str, historic: bool) -> None:
    siblings = [
        Signature(obis="1-0:1.8.0*255", unit="kWh"),
        Signature(obis="6-0:5.7.0*255", unit="W"),
    ]
    assert is_historic(Signature(obis=text, unit="kWh"), siblings) is historic


@pytest.mark.parametrize(
    ("signature", "historic"),
    [
        (Signature(storage="0"), False),
        (Signature(storage="1"), False),
        (Signature(function="minimum value"), True),
        (Signature(function="1"), True),
        (Signature(function="0"), False),
        (Signature(function="Value during error state"), True),
        (Signature(function="instantaneous"), False),
    ],
)
def test_historic_by_storage_and_function(signature: Signature, historic: bool) -> None:
    assert is_historic(signature, []) is historic
    if signature.storage == "1":
        # A storage is the past only where there is a present beside it.
        assert is_historic(signature, [Signature(storage="0")])


def test_obis_codes() -> None:
    assert parse_obis("1-0:1.8.0*255") == (1, 0, 1, 8, 0, 255)
    assert parse_obis("8-1:1.0.0.7") == (8, 1, 1, 0, 0, 7)
    assert parse_obis("1-0:1.8") is None


def test_a_billing_date_makes_a_value_historic_but_only_at_first() -> None:
    gateway = learnt(
        data("Volume", 1, "m^3", device_time=NOW - 40 * 86_400),
        data("Energy", 1, device_time=NOW - 3600),
    )
    assert point(gateway, "volume_m3").historic
    assert point(gateway, "volume_m3").state_class is None
    assert not point(gateway, "volume_m3").enabled
    again(gateway, data("Volume", 2, "m^3"), data("Energy", 2, device_time=NOW - 40 * 86_400))
    assert not point(gateway, "energy_kwh").historic


def test_a_sibling_that_comes_later_makes_a_value_historic() -> None:
    gateway = learnt(data("Energy", 1, obis="1-0:1.8.0*0"))
    assert point(gateway, "1_0_1_8_0_0").state_class == "total_increasing"
    changes = take(
        gateway,
        muc(
            meter(
                "1",
                data("Energy", 1, obis="1-0:1.8.0*0"),
                data("Energy", 5, obis="1-0:1.8.0*255"),
            )
        ),
    )
    assert changes.reclassified
    assert point(gateway, "1_0_1_8_0_0").state_class is None
    assert point(gateway, "1_0_1_8_0_255").state_class == "total_increasing"


QUANTITIES = st.tuples(
    st.sampled_from(["Energy", "Power", "Volume", "Voltage"]),
    st.sampled_from(["kWh", "W", "m^3"]),
    st.sampled_from(["1", "0.1"]),
    st.sampled_from(["", "1-0:1.8.0*255", "1-0:2.8.0*255", "1-0:1.8.0*0"]),
    st.sampled_from([None, "a", "b"]),
)


@given(
    st.lists(QUANTITIES, min_size=1, max_size=10, unique=True), st.randoms(use_true_random=False)
)
@settings(max_examples=150, deadline=None)
def test_no_order_and_no_gap_changes_a_key(
    quantities: list[tuple[str, str, str, str, str | None]], chance: random.Random
) -> None:
    """Points that differ keep key and value in any order; what is missing keeps its value."""

    def report(numbers: list[int], minutes: int) -> Node:
        nodes = []
        for number in numbers:
            description, unit, scale, obis, label = quantities[number]
            nodes.append(
                data(
                    description,
                    7 * number + 1,
                    unit,
                    scale,
                    obis=obis,
                    label=label,
                    time=NOW + 60 * minutes,
                )
            )
        return muc(meter("1", *nodes))

    gateway = Gateway()
    numbers = list(range(len(quantities)))
    take(gateway, report(numbers, 0))
    before = gateway.readings()
    keys_before = list(only(gateway).points)
    for minutes in range(1, 4):
        chance.shuffle(numbers)
        changes = take(gateway, report(numbers, minutes), NOW + 60 * minutes)
        assert changes.points == []
        changes.readings.pop("1_last_reading", None)
        assert changes.readings == {}
    some = chance.sample(numbers, chance.randint(1, len(numbers)))
    take(gateway, report(some, 9), NOW + 540)
    take(gateway, report(numbers, 10), NOW + 600)
    assert list(only(gateway).points) == keys_before
    after = gateway.readings()
    assert {key: value for key, value in after.items() if "last" not in key} == {
        key: value for key, value in before.items() if "last" not in key
    }


SAMPLES = samples()


@pytest.mark.skipif(SAMPLES is None, reason="the reference reports are not here")
@pytest.mark.parametrize("shuffled", [False, True])
def test_the_real_reports_in_a_row(shuffled: bool) -> None:
    assert SAMPLES is not None
    gateway = Gateway()
    received = 1_524_180_000
    first = parse_report((SAMPLES / "solvimus_MHC_20180420_000826_data.xml").read_bytes(), received)
    second = parse_report(
        (SAMPLES / "solvimus_MHC_20180420_001830_data.xml").read_bytes(), received
    )
    gateway.take(first.gateways[0], received)
    one = gateway.meters["00008739"]
    labels = defaultdict(set)
    for known in one.points.values():
        labels[known.signature.label].add(known.key)
    obis = {
        known.signature.obis: known.key for known in one.points.values() if known.signature.obis
    }
    if shuffled:
        for meter_report in second.gateways[0].meters:
            random.Random(7).shuffle(meter_report.points)
    changes = gateway.take(second.gateways[0], received)
    new = [known.key for owner, known in changes.points if owner is one]
    assert sorted(new) == [
        "ampere_vendor_specific_a",
        "special_supplier_information_42",
        "special_supplier_information_43",
    ]
    assert changes.skipped == 0
    for known in one.points.values():
        if known.signature.label:
            assert known.key in labels[known.signature.label]
        if known.signature.obis:
            assert obis[known.signature.obis] == known.key
    groups = Counter(
        known.signature.description for known in one.points.values() if known.ambiguous
    )
    # All but the first of each group, which is followed; three came, of which one has no group.
    assert groups == {"Energy (vendor specific)": 1, "Special supplier information": 42}
    assert one.points["ampere_vendor_specific_i_e_a"].signature.label == "I_E"
    assert one.points["1_0_1_8_0_7"].historic
    assert not one.points["1_0_1_8_0_255"].historic
    assert gateway.meters["62270075"].points["8_1_1_0_0_255"].value == 111.626
