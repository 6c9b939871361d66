"""An ESS home as its GX sees it: some 1,000 values, as they are at noon.

Three phases, one Multi per phase behind one VE.Bus system, a battery with BMS, two solar
chargers, a PV inverter, a grid meter, a wallbox, a tank and two temperature sensors.
"""

import random
from typing import Final

type Scalar = int | float | str | None
type Json = Scalar | list[dict[str, Scalar]]
type Address = tuple[str, str, str]
"""Service, instance, path."""

_ALARMS_OF_BATTERY: Final = [
    "LowVoltage",
    "HighVoltage",
    "LowSoc",
    "HighChargeCurrent",
    "HighDischargeCurrent",
    "CellImbalance",
    "InternalFailure",
    "HighChargeTemperature",
    "LowChargeTemperature",
    "LowTemperature",
    "HighTemperature",
    "LowCellVoltage",
    "HighCellVoltage",
    "BmsCable",
    "Contactor",
]
_ALARMS_OF_VEBUS: Final = [
    "HighTemperature",
    "LowBattery",
    "Overload",
    "Ripple",
    "TemperatureSensor",
    "VoltageSensor",
    "HighDcVoltage",
    "HighDcCurrent",
    "PhaseRotation",
    "GridLost",
    "BmsConnectionLost",
]
_ENERGIES_OF_VEBUS: Final = [
    "AcIn1ToAcOut",
    "AcIn1ToInverter",
    "AcIn2ToAcOut",
    "AcIn2ToInverter",
    "AcOutToAcIn1",
    "AcOutToAcIn2",
    "InverterToAcIn1",
    "InverterToAcIn2",
    "InverterToAcOut",
    "OutToInverter",
]
_FLAGS_OF_A_MULTI: Final = [
    "AcIn1Available",
    "BolTimeoutOccured",
    "ChargeDisabledDueToLowTemp",
    "ChargeIsDisabled",
    "GridRelayReport",
    "HighDcCurrent",
    "HighDcVoltage",
    "IgnoreAcIn1",
    "MainsPllLocked",
    "NPFGeneratorSelected",
    "PowerPackPreOverload",
    "PreferRenewableEnergy",
    "SocTooLowToInvert",
    "SustainMode",
    "WaitingForRelayTest",
]
CAPACITY: Final = 14.3
"""kWh of the battery."""


def identity(name: str, product: str, serial: str, firmware: int) -> dict[str, Scalar]:
    """Return what every service says about itself."""
    return {
        "CustomName": name,
        "ProductName": product,
        "ProductId": 41_000 + len(product),
        "Serial": serial,
        "FirmwareVersion": firmware,
        "HardwareVersion": None,
        "Connected": 1,
        "Mgmt/Connection": "VE.Direct",
        "Mgmt/ProcessName": "simulated",
        "Mgmt/ProcessVersion": "1.0",
    }


def _meter(*, reverse: bool, power: bool = True) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {"NrOfPhases": 3, "Ac/Frequency": 50.0, "ErrorCode": 0}
    for group in ("", "L1/", "L2/", "L3/"):
        if power:
            values[f"Ac/{group}Power"] = 0.0
        values[f"Ac/{group}Energy/Forward"] = 0.0
        if reverse:
            values[f"Ac/{group}Energy/Reverse"] = 0.0
        if group:
            values[f"Ac/{group}Voltage"] = 230.0
            values[f"Ac/{group}Current"] = 0.0
    return values


def _solar_charger(name: str, serial: str) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {
        **identity(name, "SmartSolar Charger MPPT 250/60", serial, 0x010D3F),
        "State": 252,
        "Mode": 1,
        "MppOperationMode": 2,
        "NrOfTrackers": 1,
        "Pv/V": 0.0,
        "Pv/I": 0.0,
        "Yield/Power": 0.0,
        "Yield/System": 4_812.31,
        "Yield/User": 4_812.31,
        "Dc/0/Voltage": 52.4,
        "Dc/0/Current": 0.0,
        "Dc/0/Temperature": None,
        "Load/State": None,
        "Load/I": None,
        "ErrorCode": 0,
        "DeviceOffReason": 0,
        "Settings/ChargeCurrentLimit": 60.0,
        "Settings/BmsPresent": 1,
        "Link/ChargeVoltage": 55.2,
        "Link/ChargeCurrent": 60.0,
        "Link/NetworkMode": 13,
        "Link/NetworkStatus": 4,
        "Alarms/HighTemperature": 0,
        "Relay/0/State": 0,
        "History/Overall/DaysAvailable": 31,
        "History/Overall/MaxPvVoltage": 178.4,
    }
    for day in range(31):
        generator = random.Random(f"{serial}{day}")
        folder = f"History/Daily/{day}"
        values |= {
            f"{folder}/Yield": 0.0 if day == 0 else round(generator.uniform(2, 14), 2),
            f"{folder}/Consumption": 0.0,
            f"{folder}/MaxPower": generator.randrange(800, 3200),
            f"{folder}/MaxPvVoltage": round(generator.uniform(150, 178), 2),
            f"{folder}/MinBatteryVoltage": round(generator.uniform(49, 51), 2),
            f"{folder}/MaxBatteryVoltage": round(generator.uniform(54, 55.4), 2),
            f"{folder}/TimeInBulk": generator.randrange(200, 500),
            f"{folder}/TimeInAbsorption": generator.randrange(0, 90),
            f"{folder}/TimeInFloat": generator.randrange(0, 120),
            f"{folder}/LastError1": 0,
        }
    return values


def _vebus() -> dict[str, Scalar]:
    values: dict[str, Scalar] = {
        **identity("", "MultiPlus-II 48/3000/35-32", "", 0x0556),
        "Devices/0/SerialNumber": "HQ2233AAAAA",
        "State": 252,
        "Mode": 3,
        "ModeIsAdjustable": 1,
        "VebusError": 0,
        "VebusChargeState": 3,
        "VebusMainState": 9,
        "Soc": 60.0,
        "Ac/NumberOfPhases": 3,
        "Ac/NumberOfAcInputs": 1,
        "Ac/ActiveIn/ActiveInput": 0,
        "Ac/ActiveIn/Connected": 1,
        "Ac/ActiveIn/CurrentLimit": 32.0,
        "Ac/ActiveIn/CurrentLimitIsAdjustable": 1,
        "Ac/In/1/CurrentLimit": 32.0,
        "Ac/In/1/CurrentLimitIsAdjustable": 1,
        "Ac/ActiveIn/P": 0,
        "Ac/ActiveIn/S": 0,
        "Ac/Out/P": 0,
        "Ac/Out/S": 0,
        "Ac/Control/IgnoreAcIn1": 0,
        "Ac/State/IgnoreAcIn1": 0,
        "Dc/0/Voltage": 52.4,
        "Dc/0/Current": 0.0,
        "Dc/0/Power": 0,
        "Dc/0/Temperature": None,
        "Dc/0/PreferRenewableEnergy": 0,
        "Bms/AllowToCharge": 1,
        "Bms/AllowToDischarge": 1,
        "BatteryOperationalLimits/MaxChargeCurrent": 150.0,
        "BatteryOperationalLimits/MaxDischargeCurrent": 200.0,
        "BatteryOperationalLimits/MaxChargeVoltage": 55.2,
        "BatteryOperationalLimits/BatteryLowVoltage": 44.0,
        "Hub4/AssistantId": 5,
        "Hub4/Sustain": 0,
    }
    for phase in ("L1", "L2", "L3"):
        for side in ("ActiveIn", "Out"):
            values |= {
                f"Ac/{side}/{phase}/P": 0,
                f"Ac/{side}/{phase}/S": 0,
                f"Ac/{side}/{phase}/V": 230.0,
                f"Ac/{side}/{phase}/I": 0.0,
                f"Ac/{side}/{phase}/F": 50.0,
            }
        values[f"Hub4/{phase}/AcPowerSetpoint"] = 0
        values |= {
            f"Alarms/{phase}/{name}": 0
            for name in ("HighTemperature", "LowBattery", "Overload", "Ripple")
        }
    values |= {f"Alarms/{name}": 0 for name in _ALARMS_OF_VEBUS}
    values |= {f"Energy/{name}": 0.0 for name in _ENERGIES_OF_VEBUS}
    values |= {
        f"Leds/{name}": 0
        for name in ("Mains", "Bulk", "Float", "Inverter", "Overload", "LowBattery")
    }
    for device in range(3):
        folder = f"Devices/{device}"
        values |= {f"{folder}/ExtendStatus/{name}": 0 for name in _FLAGS_OF_A_MULTI}
        values |= {f"{folder}/FirmwareVersion": 0x0556, f"{folder}/ProductId": 9763}
        values |= {f"{folder}/Diagnostics/UBatRipple": 0.05, f"{folder}/Ac/Out/P": 0}
    return values


def _battery() -> dict[str, Scalar]:
    values: dict[str, Scalar] = {
        **identity("Cellar battery", "Pylontech battery", "", 0x0206),
        "Manufacturer": "PYLON",
        "Soc": 60.0,
        "Soh": 98.0,
        "State": 9,
        "ErrorCode": 0,
        "Dc/0/Voltage": 52.4,
        "Dc/0/Current": 0.0,
        "Dc/0/Power": 0.0,
        "Dc/0/Temperature": 21.5,
        "Dc/0/MidVoltage": None,
        "Dc/1/Voltage": None,
        "TimeToGo": None,
        "ConsumedAmphours": None,
        "Capacity": 168.0,
        "InstalledCapacity": 280.0,
        "Info/MaxChargeCurrent": 150.0,
        "Info/MaxDischargeCurrent": 200.0,
        "Info/MaxChargeVoltage": 53.2,
        "Info/BatteryLowVoltage": 46.0,
        "Io/AllowToCharge": 1,
        "Io/AllowToDischarge": 1,
        "System/NrOfModulesOnline": 4,
        "System/NrOfModulesOffline": 0,
        "System/NrOfModulesBlockingCharge": 0,
        "System/NrOfModulesBlockingDischarge": 0,
        "System/MinCellVoltage": 3.27,
        "System/MaxCellVoltage": 3.29,
        "System/MinCellTemperature": 20.9,
        "System/MaxCellTemperature": 22.3,
        "System/MinVoltageCellId": "M1C03",
        "System/MaxVoltageCellId": "M3C11",
        "Settings/HasTemperature": 1,
        "Settings/HasMidVoltage": 0,
        "Settings/HasStarterVoltage": 0,
    }
    return values | {f"Alarms/{name}": 0 for name in _ALARMS_OF_BATTERY}


def _system() -> dict[str, Scalar]:
    values: dict[str, Scalar] = {
        "Serial": None,
        "CustomName": "",
        "ProductName": "Cerbo GX",
        "SystemType": "ESS",
        "SystemState/State": 252,
        "Hub": 4,
        "ActiveBatteryService": "com.victronenergy.battery/512",
        "AvailableBatteryServices": '{"default":"Automatic"}',
        "Ac/ActiveIn/Source": 1,
        "Dc/Battery/Voltage": 52.4,
        "Dc/Battery/Current": 0.0,
        "Dc/Battery/Power": 0.0,
        "Dc/Battery/Soc": 60.0,
        "Dc/Battery/State": 0,
        "Dc/Battery/Temperature": 21.5,
        "Dc/Battery/TimeToGo": 0,
        "Dc/Battery/ConsumedAmphours": None,
        "Dc/Battery/ProductId": 45_056,
        "Dc/Pv/Power": 0.0,
        "Dc/Pv/Current": 0.0,
        "Dc/System/Power": None,
        "Dc/Vebus/Power": 0.0,
        "Dc/Vebus/Current": 0.0,
        "Dc/InverterCharger/Power": 0.0,
        "Dc/Charger/Power": None,
        "Dc/Alternator/Power": None,
        "Control/Dvcc": 1,
        "Control/ActiveSocLimit": 10,
        "Control/EffectiveChargeVoltage": 53.2,
        "Control/ScheduledCharge": 0,
        "DynamicEss/Available": 0,
        "DynamicEss/Active": 0,
        "DynamicEss/TargetSoc": None,
        "DynamicEss/ErrorCode": 0,
        "Relay/0/State": 0,
        "Relay/1/State": 0,
        "Timers/TimeOnGrid": 3_214_002,
        "Timers/TimeOnGenerator": 0,
        "Timers/TimeOnInverter": 1_210,
        "Timers/TimeOff": 0,
        "Buzzer/State": 0,
        "SwitchableOutput/0/State": 0,
        "SwitchableOutput/0/Name": "GX internal relay 1",
        "SwitchableOutput/0/Settings/CustomName": "Pool pump",
        "SwitchableOutput/0/Settings/Type": 1,
    }
    for folder in ("Consumption", "ConsumptionOnInput", "ConsumptionOnOutput", "Grid", "PvOnGrid"):
        values[f"Ac/{folder}/NumberOfPhases"] = 3
        for phase in ("L1", "L2", "L3"):
            values |= {f"Ac/{folder}/{phase}/Power": 0.0, f"Ac/{folder}/{phase}/Current": 0.0}
    for folder in ("Genset", "PvOnOutput", "PvOnGenset"):
        values[f"Ac/{folder}/NumberOfPhases"] = None
        for phase in ("L1", "L2", "L3"):
            values |= {f"Ac/{folder}/{phase}/Power": None, f"Ac/{folder}/{phase}/Current": None}
    return values | {
        f"SystemState/{name}": 0
        for name in [
            "LowSoc",
            "BatteryLife",
            "ChargeDisabled",
            "DischargeDisabled",
            "SlowCharge",
            "UserChargeLimited",
            "UserDischargeLimited",
        ]
    }


def _settings() -> dict[str, Scalar]:
    ess = "Settings/CGwacs"
    values: dict[str, Scalar] = {
        f"{ess}/AcPowerSetPoint": 30.0,
        f"{ess}/MaxFeedInPower": -1.0,
        f"{ess}/MaxChargePower": -1.0,
        f"{ess}/MaxDischargePower": -1.0,
        f"{ess}/AcInputLimit": -1.0,
        f"{ess}/AcExportLimit": -1.0,
        f"{ess}/AlwaysPeakShave": 0,
        f"{ess}/OvervoltageFeedIn": 1,
        f"{ess}/PreventFeedback": 0,
        f"{ess}/Hub4Mode": 1,
        f"{ess}/BatteryLife/State": 10,
        f"{ess}/BatteryLife/MinimumSocLimit": 10.0,
        "Settings/SystemSetup/AcInput1": 1,
        "Settings/SystemSetup/AcInput2": 0,
        "Settings/SystemSetup/MaxChargeCurrent": -1.0,
        "Settings/SystemSetup/MaxChargeVoltage": 0.0,
        "Settings/SystemSetup/SystemName": "Simulated home",
        "Settings/DynamicEss/Mode": 0,
        "Settings/Services/MqttLocal": 1,
        "Settings/Vrmlogger/Logmode": 1,
    }
    for number in range(5):
        folder = f"{ess}/BatteryLife/Schedule/Charge/{number}"
        values |= {
            f"{folder}/Day": -7,
            f"{folder}/Start": 7_200,
            f"{folder}/Duration": 10_800,
            f"{folder}/Soc": 80,
            f"{folder}/AllowDischarge": 0,
        }
    return values


LIMITS: Final[dict[str, tuple[float, float]]] = {
    "Settings/CGwacs/AcPowerSetPoint": (-100_000, 100_000),
    "Settings/CGwacs/MaxFeedInPower": (-1, 300_000),
    "Settings/CGwacs/BatteryLife/MinimumSocLimit": (0, 100),
    "Settings/SystemSetup/MaxChargeCurrent": (-1, 9_999),
}
"""Between what some settings may be set."""


def home_values(portal_id: str) -> dict[Address, Json]:
    """Return all values of the home as they are at midnight."""
    services: dict[tuple[str, str], dict[str, Scalar]] = {
        ("system", "0"): {**_system(), "Serial": portal_id},
        ("platform", "0"): {
            "Device/Model": "Cerbo GX",
            "Device/HQSerialNumber": "HQ2144BBBBB",
            "Device/UniqueId": portal_id,
            "Device/Reboot": 0,
            "Firmware/Installed/Version": "v3.70",
            "Firmware/Online/AvailableVersion": None,
            "Notifications/NumberOfActiveAlarms": 0,
            "Notifications/NumberOfActiveWarnings": 0,
            "Network/Wifi/SignalStrength": 71,
        },
        ("settings", "0"): _settings(),
        ("hub4", "0"): {"PvPowerLimiterActive": 0, "Overrides/Setpoint": None},
        ("battery", "512"): _battery(),
        ("vebus", "276"): _vebus(),
        ("solarcharger", "278"): _solar_charger("Roof south", "HQ2144CCCCC"),
        ("solarcharger", "279"): _solar_charger("Roof west", "HQ2144DDDDD"),
        ("pvinverter", "20"): {
            **identity("", "Fronius Symo 5.0-3-M", "29301000", 0x0112FF),
            **_meter(reverse=False),
            "StatusCode": 7,
            "Position": 0,
            "Ac/MaxPower": 5_000.0,
            "Ac/PowerLimit": 5_000.0,
        },
        ("grid", "30"): {
            **identity("", "Energy Meter EM24", "BX0000001", 0x0102FF),
            **_meter(reverse=True),
        },
        ("evcharger", "40"): {
            **identity("Carport", "EV Charging Station", "HQ2144EEEEE", 0x012FFF),
            **_meter(reverse=False),
            "Status": 0,
            "Mode": 1,
            "StartStop": 1,
            "AutoStart": 1,
            "Current": 0.0,
            "SetCurrent": 16,
            "MaxCurrent": 16,
            "Position": 0,
            "ChargingTime": 0,
            "Session/Energy": 0.0,
            "Session/Time": 0,
        },
        ("temperature", "26"): {
            **identity("Cellar", "RuuviTag", "", 0),
            "Temperature": 14.2,
            "Humidity": 61.5,
            "Pressure": 1_004.3,
            "BatteryVoltage": 2.93,
            "TemperatureType": 2,
            "Status": 0,
        },
        ("temperature", "27"): {
            **identity("Water tank", "Cerbo GX temperature input", "", 0),
            "Temperature": 51.0,
            "TemperatureType": 5,
            "Status": 0,
        },
        ("tank", "22"): {
            **identity("Rain water", "Cerbo GX tank input", "", 0),
            "Level": 62.0,
            "Remaining": 3.1,
            "Capacity": 5.0,
            "FluidType": 1,
            "Status": 0,
        },
    }
    values: dict[Address, Json] = {
        (service, instance, path): value
        for (service, instance), paths in services.items()
        for path, value in paths.items()
    }
    values["system", "0", "Batteries"] = [{"id": "com.victronenergy.battery.can", "soc": 60.0}]
    return values
