"""The SENEC behind the simulated lala.cgi: its values, a day's life, what writes do, its faults."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from simulators.household import Shaving
from simulators.senec_local_day import Flow, House
from simulators.senec_local_values import AT_REST, Raw
from simulators.zone import at_home

_FORMATS: Final = {
    "u8": ">B",
    "u1": ">H",
    "u3": ">I",
    "u6": ">Q",
    "i8": ">b",
    "i1": ">h",
    "i3": ">i",
    "fl": ">f",
}

type Table = dict[str, dict[str, Raw]]


class Model(StrEnum):
    """The devices that can be had."""

    V3 = "v3"
    V3_LFP = "v3_lfp"
    V2_1 = "v2.1"


@dataclass(slots=True)
class Faults:
    """What goes wrong, until it is set back."""

    delay: float = 0  # seconds before an answer
    status: int | None = None  # 504 and the like
    truncated: bool = False
    garbage: bytes | None = None
    dropped: bool = False  # the connection is closed without an answer
    forbidden: set[tuple[str, str]] = field(default_factory=set)
    stubborn: set[tuple[str, str]] = field(default_factory=set)  # writes that are not taken
    double_escaped: bool = False
    strict_session: bool = False  # nothing without the session cookie
    most_sections: int | None = None  # 504 for a request that names more
    refused_section: str | None = None  # 504 for a request that names it


def typed(prefix: str, value: float | str) -> str:
    """Return a value as lala.cgi writes it."""
    if prefix not in _FORMATS:
        return f"{prefix}_{value}"
    number = float(value) if prefix == "fl" else int(value)
    return f"{prefix}_{struct.pack(_FORMATS[prefix], number).hex().upper()}"


def untyped(text: str) -> Raw | None:
    """Return what a typed string of a request holds; None where its width is not the type's."""
    prefix, _, digits = text.partition("_")
    form = _FORMATS.get(prefix)
    if form is None:
        return (prefix, digits) if prefix in {"st", "ch"} else None
    try:
        number: float = struct.unpack(form, bytes.fromhex(digits))[0]
    except ValueError, struct.error:
        return None
    return prefix, number


class SenecDevice:
    """The device behind the server: values, a day's life, what writes do. `clock` gives UTC."""

    def __init__(
        self,
        model: Model = Model.V3,
        *,
        application: str = "0826",
        device_id: str = "2000000000000000000000001",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        wallboxes: int | None = None,
        shaving: Shaving | None = None,
    ) -> None:
        """Make a device of this model and firmware; by default a V3 has one wallbox.

        `shaving`: what its cloud tells its battery.
        """
        self.model = model
        self.application = application
        self.clock = clock
        self.begun = clock()
        self.table: Table = {name: dict(rows) for name, rows in AT_REST.items()}
        boxes = wallboxes if wallboxes is not None else 0 if model is Model.V2_1 else 1
        self.house = House(has_wallbox=boxes > 0)
        self.shaving = shaving or Shaving()
        self.forced_since: datetime | None = None
        self.storage_mode = False
        self.state_override: int | None = None
        self.rebooting_until: datetime | None = None
        self.table["WIZARD"]["MAC_ADDRESS_BYTES"] = ("u8", [2, 0, 0, 0, 0, int(device_id[-2:])])
        self.table["FACTORY"]["DEVICE_ID"] = ("st", device_id)
        self.table["WIZARD"]["APPLICATION_VERSION"] = ("st", application)
        self.table["WIZARD"]["SETUP_NUMBER_WALLBOXES"] = ("u8", boxes)
        self._shape(boxes)

    @property
    def is_old(self) -> bool:
        """Whether the firmware still has the statistics, and speaks http."""
        return int(self.application) < 825

    def _shape(self, boxes: int) -> None:
        table = self.table
        table["STATISTIC"] = {}
        if self.is_old:
            for name in ("POWER_RATIO", "POWER_RATIO_L1", "POWER_RATIO_L2", "POWER_RATIO_L3"):
                table["PV1"][name] = ("u3", 100)
        box = [1.0 if index < boxes else 0.0 for index in range(4)]
        for name, amperes in (
            ("MAX_CHARGING_CURRENT_RATED", 32.0),
            ("MAX_CHARGING_CURRENT_ICMAX", 16.0),
            ("MAX_CHARGING_CURRENT_IC", 16.0),
            ("MIN_CHARGING_CURRENT", 6.0),
            ("SET_ICMAX", 16.0),
            ("SET_IDEFAULT", 8.0),
        ):
            table["WALLBOX"][name] = ("fl", [amperes * one for one in box])
        table["WALLBOX"]["SMART_CHARGE_ACTIVE"] = ("u8", [4 * one for one in box])
        table["WALLBOX"]["UTMP"] = ("u8", [31 * one for one in box])
        for name in ("L1_USED", "L2_USED", "L3_USED", "PHASES_USED"):
            table["WALLBOX"][name] = ("u8", box)
        if self.model is Model.V3_LFP:
            self._shape_lfp()
        elif self.model is Model.V2_1:
            self._shape_v2_1()
        else:
            table["FEATURES"]["SOCKETS"] = ("u8", 1)
            table["SOCKETS"]["LOWER_LIMIT"] = ("u1", [500, 500])
            table["SOCKETS"]["UPPER_LIMIT"] = ("u1", [1500, 2000])
            table["SOCKETS"]["POWER_ON_TIME"] = ("u1", [15, 30])
            table["SOCKETS"]["TIME_LIMIT"] = ("u1", [5, 10])

    def _shape_lfp(self) -> None:
        table = self.table
        table["FACTORY"]["SYS_TYPE"] = ("u8", 20)
        table["FACTORY"]["CELL_TYPE"] = ("u1", 7)
        table["BMS"]["MANUFACTURER"] = ("u8", 4)
        table["BMS"]["SYSTEM_SOH"] = ("u1", 998)
        for letter in "ABC":
            table["BMS"][f"CELL_VOLTAGES_MODULE_{letter}"] = ("u1", [3300 + n for n in range(16)])
        table["BMS"]["CELL_VOLTAGES_MODULE_D"] = ("u1", [0] * 16)
        table["BMS"]["CELL_TEMPERATURES_MODULE_A"] = ("u1", [65533, 65534, 0, 1, 2, 3])
        table["AMPACE"] = {
            "MODULE_MAX_TEMP": ("u1", [215, 218, 221, 0]),
            "MODULE_MIN_TEMP": ("u1", [201, 203, 65526, 0]),
            "RACK_ALARM_STATE": ("u1", 0),
        }

    def _shape_v2_1(self) -> None:
        table = self.table
        for name in ("STECA", "V_STECA", "IPU", "FAN_TEST", "FAN_SPEED", "SELFTEST_RESULTS"):
            del table[name]
        table["FACTORY"]["SYS_TYPE"] = ("u8", 15)
        table["FACTORY"]["BAT_TYPE"] = ("u8", 3)
        table["BAT1"]["TYPE"] = ("u8", 3)
        table["PV1"]["MPP_AVAIL"] = ("u8", 0)
        table["PV1"]["INTERNAL_MD_AVAIL"] = ("u8", [0, 0])
        table["TEMPMEASURE"]["MCU_TEMP"] = ("fl", -158.2)
        table["FEATURES"].update(CAR=("u8", 0), SOCKETS=("u8", 0), ISLAND=("u8", 0))

    @property
    def is_rebooting(self) -> bool:
        """Whether nothing answers for now."""
        return self.rebooting_until is not None and self.clock() < self.rebooting_until

    @property
    def flow(self) -> Flow:
        """The powers of this moment."""
        now = at_home(self.clock())
        second = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
        house = self.shaving.house(self.house)
        return house.flow(now.toordinal(), second, forced=self.is_force_charging)

    @property
    def is_force_charging(self) -> bool:
        """Whether the forced charge runs: two seconds after it was asked for."""
        return (
            self.forced_since is not None
            and (self.clock() - self.forced_since).total_seconds() >= 2
        )

    def live(self) -> Table:
        """Return the values of this moment."""
        now, flow = self.clock(), self.flow
        volts = 48 + flow.charge_level / 12
        charging, discharging = flow.battery > 0, flow.battery < 0
        state = 8 if self.is_force_charging else 14 if charging else 16 if discharging else 19
        if state == 19:
            state = 13 if flow.charge_level >= 100 else 15
        table: Table = {
            "ENERGY": {
                "STAT_STATE": ("u8", state if self.state_override is None else self.state_override),
                "GUI_GRID_POW": ("fl", flow.grid),
                "GUI_HOUSE_POW": ("fl", flow.house),
                "GUI_INVERTER_POWER": ("fl", flow.pv or -0.0),
                "GUI_BAT_DATA_POWER": ("fl", flow.battery),
                "GUI_BAT_DATA_VOLTAGE": ("fl", volts),
                "GUI_BAT_DATA_CURRENT": ("fl", flow.battery / volts),
                "GUI_BAT_DATA_FUEL_CHARGE": ("fl", flow.charge_level),
                "GUI_CHARGING_INFO": ("u8", charging),
                "GUI_BOOSTING_INFO": ("u8", discharging),
                "SAFE_CHARGE_RUNNING": ("u8", self.is_force_charging),
                "LI_STORAGE_MODE_RUNNING": ("u8", self.storage_mode),
            },
            "PM1OBJ1": {
                "FREQ": ("fl", 50.0 + 0.02 * (flow.grid > 0)),
                "P_TOTAL": ("fl", flow.grid),
                "P_AC": ("fl", [flow.grid / 3] * 3),
                "I_AC": ("fl", [abs(flow.grid) / 690] * 3),
            },
            "WALLBOX": {
                "APPARENT_CHARGING_POWER": ("fl", [flow.wallbox, 0.0, 0.0, 0.0]),
                "EV_CONNECTED": ("u8", [flow.wallbox > 0, 0, 0, 0]),
                "STATE": ("u8", [0xC2 if flow.wallbox else 0xA1, 0, 0, 0]),
            },
            "RTC": {
                "WEB_TIME": ("u3", int(now.timestamp()) + 3600),
                "UTC_OFFSET": ("i3", 60),
            },
        }
        if self.model is not Model.V2_1:
            table["PV1"] = {
                "MPP_POWER": ("fl", [flow.pv * 0.6, flow.pv * 0.4, 0.0]),
                "MPP_CUR": ("fl", [flow.pv * 0.6 / 400, flow.pv * 0.4 / 380, 0.0]),
                "MPP_VOL": ("fl", [400.0, 380.0, 0.0]),
            }
        if self.is_old:
            table["STATISTIC"] = self._statistic()
        return table

    def _statistic(self) -> dict[str, Raw]:
        hours = (self.clock() - self.begun).total_seconds() / 3600
        return {
            "CURRENT_STATE": ("u1", 14),
            "LIVE_BAT_CHARGE": ("fl", 940.5 + hours),
            "LIVE_BAT_DISCHARGE": ("fl", 870.25 + hours),
            "LIVE_GRID_EXPORT": ("fl", 4210.75 + hours),
            "LIVE_GRID_IMPORT": ("fl", 1588.5 + hours),
            "LIVE_HOUSE_CONS": ("fl", 5100.0 + hours),
            "LIVE_PV_GEN": ("fl", 7800.0 + hours),
            "LIVE_WB_ENERGY": ("u6", [123_456, 0, 0, 0]),
        }

    def answer(self, asked: dict[str, dict[str, object]], faults: Faults) -> dict[str, object]:
        """Carry out a request: write, then answer everything that it names."""
        for section, names in asked.items():
            for name, wanted in names.items():
                if wanted != "":
                    self._write(section, name, wanted, faults)
        table: Table = {name: dict(rows) for name, rows in self.table.items()}
        for name, rows in self.live().items():
            table.setdefault(name, {}).update(rows)
        replies: dict[str, object] = {}
        for section, names in asked.items():
            found = table.get(section)
            if section == "FILE":
                replies[section] = dict.fromkeys(names, "FILE_VARIABLE_NOT_READABLE")
            elif found is None:
                replies[section] = {"OBJECT_NOT_FOUND": ""}
            else:
                replies[section] = {
                    name: "FORBIDDEN"
                    if (section, name) in faults.forbidden
                    else _reply(found.get(name))
                    for name in (names or found)
                }
        return replies

    def _write(self, section: str, name: str, wanted: object, faults: Faults) -> None:
        if (section, name) in faults.stubborn or name not in self.table.get(section, {}):
            return
        prefix, now = self.table[section][name]
        if isinstance(wanted, str):
            new = untyped(wanted)
            if new is not None and new[0] == prefix and not isinstance(now, list):
                self.table[section][name] = new
                self._act(section, name, new[1])
        elif isinstance(wanted, list) and isinstance(now, list):
            values: list[float] = [float(value) for value in now]
            for index, item in enumerate(wanted[: len(values)]):
                new = untyped(item) if item else None
                if new is not None and new[0] == prefix and isinstance(new[1], int | float):
                    values[index] = new[1]
            self.table[section][name] = (prefix, values)

    def _act(self, section: str, name: str, value: object) -> None:
        if not value:
            return
        match section, name:
            case "ENERGY", "SAFE_CHARGE_FORCE":
                self.forced_since = self.clock()
            case "ENERGY", "SAFE_CHARGE_PROHIBIT":
                self.forced_since = None
            case "ENERGY", "LI_STORAGE_MODE_START":
                self.storage_mode = True
            case "ENERGY", "LI_STORAGE_MODE_STOP":
                self.storage_mode = False
            case "SYS_UPDATE", "USER_REBOOT_DEVICE":
                self.rebooting_until = datetime.fromtimestamp(self.clock().timestamp() + 90, UTC)
            case _:
                return
        self.table[section][name] = ("u8", 0)  # a command is over once it is carried out


def _reply(raw: Raw | None) -> str | list[str]:
    if raw is None:
        return "VARIABLE_NOT_FOUND"
    prefix, value = raw
    if isinstance(value, str | int | float):
        return typed(prefix, value)
    return [typed(prefix, item) for item in value]
