"""The accounts and systems that the simulated SENEC cloud knows."""

from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from .household import Shaving
from .senec_cloud_day import Home

CONNECT_KEY = "0123456789abcdef0123456789abcdef"


@dataclass(slots=True)
class SimulatedSystem:
    """One system with everything that can be changed on it."""

    id: int
    control_unit: str
    name: str
    generation: str
    platform: str  # V123 or V4
    home: Home
    web_number: int  # anlageNummer, deliberately not the place in the list
    connect_id: str | None = None
    packages: tuple[str, ...] = ()
    wallboxes: list[dict[str, Any]] = field(default_factory=list)
    peak_shaving: dict[str, Any] = field(default_factory=dict)
    sg_ready: dict[str, Any] = field(default_factory=dict)
    sockets: list[dict[str, Any]] = field(default_factory=list)
    reserve: int = 10
    silent_since: Any = None  # a datetime from which on it no longer reports
    state_word: str | None = None  # instead of the word that fits to what the battery does
    zone_text: str | None = None  # what the account's list says instead of the zone's name
    currently: dict[str, Any] = field(default_factory=dict)  # laid over the dashboard
    today: dict[str, Any] = field(default_factory=dict)
    consumption_holds_wallbox: bool = True  # in the dashboard and in series asked with wallboxes
    history_wallbox_kwh: float | None = None  # a day's energy of the wallbox, in its first hour
    forecast_charging: str | None = None
    shaving: Shaving | None = None  # whose battery follows; None: peak shaving is only shown

    def shave(self, settings: dict[str, Any], now: datetime) -> None:
        """Set peak shaving; the battery follows."""
        self.peak_shaving.update(settings)
        if self.shaving is None or self.home.twin is None:
            return
        if settings["peakShavingMode"] == "MANUAL":
            limit = self.peak_shaving["einspeisebegrenzungKwpInPercent"] / 100
            self.shaving.set(
                now,
                settings["peakShavingCapacityLimitInPercent"],
                time(*settings["peakShavingLocalEndTime"]),
                limit * self.home.twin.peak_pv_w,
            )
        else:
            self.shaving.release(now)
        self.home = replace(self.home, twin=self.shaving.house(self.home.twin))


@dataclass(slots=True)
class Account:
    """One customer."""

    username: str
    password: str
    systems: list[SimulatedSystem]
    totp_secret: str | None = None
    must_enrol: bool = False
    wrong_passwords: int = 0
    locked: bool = False


def wallbox(id_: str, name: str, platform: str) -> dict[str, Any]:
    """Return a wallbox object as the app's service gives it."""
    solar: dict[str, Any] = {
        "compatibilityMode": False,
        "minChargingCurrentInA": 6.0,
        "useDynamicTariffs": None,
        "priceLimitInCtPerKwh": None,
    }
    if platform == "V4":
        # A V3 says neither whether interruptions are prevented nor anything of tariffs.
        solar |= {
            "preventInterruptions": True,
            "useDynamicTariffs": False,
            "priceLimitInCtPerKwh": -99,
        }
    return {
        "id": id_,
        "productFamily": "P4" if platform == "V4" else None,
        "controllerId": f"controller-{id_}",
        "name": name,
        "prohibitUsage": False,
        "isInterchargeAvailable": True,
        "isSolarChargingAvailable": True,
        "type": platform,
        "state": {
            "electricVehicleConnected": False,
            "hasError": False,
            "temperatureInCelsius": 18.5,
            "isCharging": False,
            "statusCode": "WAITING_FOR_EV",
        },
        "chargingMode": {
            "type": "SOLAR",
            "allowIntercharge": False,
            "compatibilityMode": True,
            "fastChargingSettings": {"allowIntercharge": False},
            "comfortChargeSettings": {
                "allowIntercharge": True,
                "compatibilityMode": False,
                "configuredChargingCurrent": 10.0,
                "activeWeekDays": ["MON", "TUE", "WED", "THU", "FRI"],
                "useDynamicTariffs": False if platform == "V4" else None,
                "chargingPeriodFromGridInH": 4 if platform == "V4" else None,
                "priceLimitInCtPerKwh": -99 if platform == "V4" else None,
            },
            "solarOptimizeSettings": solar,
        },
        "chargingCurrents": {
            "minPossibleCharging": 6.0,
            "configuredChargingCurrent": 10.0,
            "currentApparentChargingPowerInKw": 0.0,
        },
        "chargingPowerStats": {"numberOfPhasesUsed": 0},
    }


def peak_shaving() -> dict[str, Any]:
    """Return peak-shaving settings as mein-senec.de gives them."""
    return {
        "einspeisebegrenzungKwpInPercent": 70,
        "peakShavingMode": "DEACTIVATED",
        "peakShavingCapacityLimitInPercent": 0,
        "peakShavingLocalEndTime": [0, 0],
        "bearbeitungsdatum": 1750000000000,
        "bearbeiter": {"id": 4711, "userRole": "STUB", "aktiv": False},
        "valid": True,
        "peakShavingEndDate": 1750032000000,
    }


def socket(number: int) -> dict[str, Any]:
    """Return a switched socket as mein-senec.de gives it."""
    return {
        "steckdosennummer": number,
        "name": f"Steckdose {number + 1}",
        "mode": "OFF",
        "einschaltschwelleInWatt": 1500,
        "abschaltschwelleInWatt": 500,
        "dauerLeistungsueberschussInMin": 10,
        "dauerSteckdoseAnInMin": 60,
        "einschaltzeit": [12, 0],
        "steuereinheit": {"id": 1},
        "state": {"an": False},
    }


def accounts() -> list[Account]:
    """Return fresh accounts: one with a V3 alone, one with a P4 and a V2.1 behind a code."""
    v3 = SimulatedSystem(
        id=100301,
        control_unit="S123456789012345678900301",
        name="SENEC.Home V3 hybrid duo",
        generation="V3",
        platform="V123",
        home=Home(peak=8200, base_load=320, capacity=10000, battery_power=2500, wallbox=3700),
        web_number=1,
        packages=("MOBILITY", "PEAK_SHAVING", "SG_READY", "SOCKETS"),
        wallboxes=[wallbox("1", "Wallbox 1", "V123")],
        peak_shaving=peak_shaving(),
        sg_ready={
            "enabled": False,
            "modeChangeDelayInMinutes": 20,
            "powerOnProposalThresholdInWatt": 2000,
            "powerOnCommandThresholdInWatt": 2500,
        },
        sockets=[socket(0), socket(1)],
    )
    p4 = SimulatedSystem(
        id=400204,
        control_unit="S4H0P4X20204",
        name="SENEC.Home P4 hybrid",
        generation="V4",
        platform="V4",
        home=Home(peak=11800, base_load=410, capacity=17750, battery_power=6000, wallbox=7000),
        web_number=0,
        connect_id="P4H1-SIMU00001-0000-01",
        packages=("MOBILITY", "PEAK_SHAVING"),
        forecast_charging="SOLAR_OPTIMIZED",
        wallboxes=[wallbox("8f14e45f-ceea-467f-a8d7-1c2b3d4e5f60", "Carport", "V4")],
        peak_shaving=peak_shaving(),
    )
    v21 = SimulatedSystem(
        id=210107,
        control_unit="S210000000000000000000107",
        name="SENEC.Home V2.1",
        generation="V2",
        platform="V123",
        home=Home(peak=4900, base_load=280, capacity=7500, battery_power=1500),
        web_number=2,
    )
    return [
        Account("anna@example.com", "sonnenschein", [v3]),
        Account(
            "bert@example.com",
            "kein-geheimnis",
            [v21, p4],
            totp_secret="JBSWY3DPEHPK3PXP",
        ),
    ]
