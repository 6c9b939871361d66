"""A year of sun and of a household, from data that come with packages. Development only.

Weather: DWD's test reference years (in `demandlib`) and a typical year of pvlib; a roof of 30°
towards the south by pvlib's own functions; a household by BDEW's profile H25 with the unrest of a
single home.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import demandlib
import numpy as np
import numpy.typing as npt
import pandas as pd
import pvlib
from demandlib.bdew import H25

type Watts = npt.NDArray[np.float64]

YEAR: Final = 2023
INDEX: Final = pd.date_range(
    f"{YEAR}-01-01", f"{YEAR + 1}-01-01", freq="15min", inclusive="left", tz="UTC"
)
CONSUMPTION: Final = 4000.0  # kWh a year


@dataclass(frozen=True)
class Place:
    """Where a home stands, and which file has its weather."""

    name: str
    latitude: float
    longitude: float
    altitude: float
    zone: str
    file: str


PLACES: Final = (
    Place("Mannheim", 49.52, 8.55, 96, "Europe/Berlin", "TRY2010_12_Jahr.dat"),
    Place("Potsdam", 52.38, 13.06, 81, "Europe/Berlin", "TRY2010_04_Jahr.dat"),
    Place("Greensboro (36° N)", 36.10, -79.95, 273, "America/New_York", "723170TYA.CSV"),
)


def _test_reference_year(path: Path) -> pd.DataFrame:
    """Return an hourly year of DWD; an hour's values are means of the hour that ends (CET)."""
    lines = path.read_text("latin-1").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("***")) + 1
    rows = [line.split() for line in lines[first:] if line.strip()]
    middle = pd.date_range(f"{YEAR}-01-01 00:30", periods=len(rows), freq="h", tz="Etc/GMT-1")
    direct = np.array([float(row[13]) for row in rows])
    diffuse = np.array([float(row[14]) for row in rows])
    frame = {"ghi": direct + diffuse, "dhi": diffuse, "air": [float(row[8]) for row in rows]}
    return pd.DataFrame(frame, index=middle)


def _typical_year(path: Path) -> pd.DataFrame:
    """Return an hourly year of pvlib's data; times are the ends of the hours."""
    data, _ = pvlib.iotools.read_tmy3(path, coerce_year=YEAR, map_variables=True)
    frame = data[["ghi", "dhi", "temp_air"]].rename(columns={"temp_air": "air"}).astype(float)
    frame.index = frame.index - pd.Timedelta(minutes=30)
    return frame[~frame.index.duplicated()].sort_index()


@cache
def sun(place: Place) -> Watts:
    """Return W of a roof of 1 kWp by quarter hours of the year (UTC)."""
    folder = Path(demandlib.__file__).parent / "vdi" / "resources_weather"
    if place.file.startswith("TRY"):
        hourly = _test_reference_year(folder / place.file)
    else:
        hourly = _typical_year(Path(pvlib.__file__).parent / "data" / place.file)
    location = pvlib.location.Location(place.latitude, place.longitude, "UTC", place.altitude)
    middles = INDEX + pd.Timedelta(minutes=7.5)
    # Between hours the clearness is drawn as a line, not the radiation: the sun's way is known.
    outside = location.get_clearsky(hourly.index, model="haurwitz")["ghi"].clip(lower=20)
    clear = location.get_clearsky(middles, model="haurwitz")["ghi"]
    ghi = _between(hourly["ghi"] / outside, middles) * clear
    dhi = np.minimum(_between(hourly["dhi"] / outside, middles) * clear, ghi)
    air = _between(hourly["air"], middles)
    position = location.get_solarposition(middles)
    cosine = np.cos(np.radians(position["apparent_zenith"].to_numpy()))
    dni = np.where(cosine > 0.087, (ghi - dhi) / np.maximum(cosine, 0.087), 0.0)
    plane = (
        pvlib.irradiance.get_total_irradiance(
            30,
            180,
            position["apparent_zenith"],
            position["azimuth"],
            np.minimum(dni, 1050),
            ghi,
            dhi,
            dni_extra=pvlib.irradiance.get_extra_radiation(middles),
            model="haydavies",
        )["poa_global"]
        .fillna(0)
        .clip(lower=0)
    )
    cell = pvlib.temperature.faiman(plane, air, 2.0)
    watts = 1000 * plane / 1000 * (1 - 0.0037 * (cell - 25)) * 0.92  # cables, dirt, inverter
    return np.asarray(watts.clip(0, 950), dtype=float)


def _between(series: pd.Series, index: pd.DatetimeIndex) -> Watts:
    known = series.tz_convert("UTC")
    seconds = index.as_unit("s").asi8
    at = known.index.as_unit("s").asi8
    values = np.interp(seconds, at, known.to_numpy(), period=31_536_000)
    return np.asarray(values, dtype=float)


@cache
def household(zone: str) -> Watts:
    """Return W of a household of 4,000 kWh by quarter hours of the year (UTC)."""
    local = INDEX.tz_convert(zone).tz_localize(None)
    profile = np.asarray(H25(pd.DatetimeIndex(local)), dtype=float)
    # A single home is not the mean of thousands: hours are doubled and halved, by chance.
    chance = np.random.default_rng(25)
    unrest = np.repeat(chance.lognormal(-0.125, 0.5, len(INDEX) // 4), 4)
    watts = profile * unrest
    return np.asarray(watts / watts.sum() * CONSUMPTION * 4000, dtype=float)


def hours() -> list[datetime]:
    """Return the beginnings of the year's hours."""
    return [moment.to_pydatetime().replace(tzinfo=None) for moment in INDEX[::4]]


def zone_of(place: Place) -> ZoneInfo:
    """Return the zone of a place."""
    return ZoneInfo(place.zone)
