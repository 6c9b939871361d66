"""One data point of a meter, known for good under its key."""

import re
from datetime import datetime
from typing import NamedTuple

from ...common.slug import slug
from .historic import is_dated_back
from .mbus import DeviceType
from .model import Point, Raw, Signature
from .quantities import MEASUREMENT, Kind, Traits, traits_of
from .units import normalise
from .values import decimal, decimal_places, moment, scale_of, scaled, text

type Value = int | float | str | bool | datetime

_UNIT_SLUGS = str.maketrans({"³": "3", "%": "percent", "°": ""})
_WHOLE_DECIMAL = re.compile(r"(-?\d+)\.0+")


class Identity(NamedTuple):
    """The part of a signature that tells points apart, in comparable form."""

    obis: str
    description: str
    unit: str
    function: str
    storage: str
    tariff: str
    subunit: str
    point_id: str
    label: str
    scale: str


def identity_of(signature: Signature) -> Identity:
    """Return what must be equal for two points to be the same one."""
    unit = normalise(signature.unit)
    scale = scale_of(signature.scale)
    return Identity(
        signature.obis,
        slug(signature.description) or signature.description,
        # Units that are converted keep their own name: J/h and kJ/h both become W.
        unit.symbol or unit.group if unit.factor is None else signature.unit.casefold(),
        signature.function.casefold(),
        signature.storage,
        signature.tariff,
        signature.subunit,
        signature.point_id,
        # An explicit id tells points apart without labels and scales.
        "" if signature.point_id else signature.label,
        "" if signature.point_id or scale is None else str(scale.normalize()),
    )


def key_of(signature: Signature) -> str:
    """Return the text of a new key: the OBIS code, else description, label and unit."""
    if signature.obis and (obis := slug(signature.obis)):
        return obis
    unit = slug((normalise(signature.unit).symbol or "").translate(_UNIT_SLUGS))
    parts = (slug(signature.description), slug(signature.label), unit)
    return "_".join(part for part in parts if part) or slug(signature.point_id) or "value"


class KnownPoint:
    """A data point under its key, with its last accepted reading."""

    __slots__ = (
        "_scale", "ambiguous", "historic", "identity", "key", "negative", "raw", "seen",
        "signature", "time", "traits", "value",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        signature: Signature,
        *,
        ambiguous: bool = False,
        historic: bool = False,
        negative: bool = False,
    ) -> None:
        """Make a point that has no reading yet."""
        self.key = key
        self.ambiguous = ambiguous
        self.historic = historic
        self.negative = negative
        self.raw: Raw | None = None
        self.time = 0
        self.value: Value | None = None
        self.seen = 0
        self.traits = Traits()
        self.take_signature(signature)

    def take_signature(self, signature: Signature) -> None:
        """Go by a new signature: the logger relabelled the point, or its range changed."""
        self.signature = signature
        self.identity = identity_of(signature)
        self._scale = scale_of(signature.scale)
        self.raw = None

    def classify(self, device: DeviceType, raw: Raw) -> None:
        """Settle how the point appears, from its signature and a first value."""
        self.traits = traits_of(
            self.signature, device, historic=self.historic, numeric=decimal(raw) is not None
        )

    @property
    def enabled(self) -> bool:
        """Return whether an entity is of use to most people."""
        return self.traits.enabled and not self.ambiguous

    @property
    def state_class(self) -> str | None:
        """Return the state class; a register that runs backwards is a total without more."""
        state_class = self.traits.state_class
        return "total" if self.negative and state_class == "total_increasing" else state_class

    @property
    def fades(self) -> bool:
        """Return whether the value says nothing any more once the meter is silent."""
        return self.traits.state_class == MEASUREMENT or self.traits.kind is Kind.FLAGS

    @property
    def precision(self) -> int | None:
        """Return how many decimal places the logger gives, None where it does not say."""
        if self.traits.kind is not Kind.NUMBER or self.traits.factor is not None:
            return None
        return decimal_places(self._scale) if self.signature.scale and self._scale else None

    @property
    def problem_key(self) -> str | None:
        """Return the key of the on/off value behind flags: a fault, or a smoke alarm."""
        if self.traits.kind is not Kind.FLAGS or self.historic or self.ambiguous:
            return None
        return f"{self.key}_{'alarm' if self.traits.alarm else 'problem'}"

    def read(self, raw: Raw) -> Value | None:
        """Return the value that a raw reading has, None if it has none for this point."""
        scale = self._scale
        match self.traits.kind:
            case Kind.NUMBER:
                value = None if scale is None else scaled(raw, scale, self.traits.factor)
                if value is not None and value < 0:
                    self.negative = True
                return value
            case Kind.FLAGS:
                number = decimal(raw)
                return int(number) if number is not None and number == int(number) else None
            case Kind.TIME:
                return moment(raw)
            case Kind.TEXT:
                return _text(raw)
            case Kind.OPAQUE:
                amount = None if scale is None else scaled(raw, scale)
                return _text(raw) if amount is None else amount

    def readings(self) -> dict[str, Value]:
        """Return the values of this point by key: its own, and the fault behind flags."""
        if self.value is None:
            return {}
        problem = self.problem_key
        if problem is None:
            return {self.key: self.value}
        return {self.key: self.value, problem: bool(self.value)}

    def accept(self, raw: Raw, time: int, value: Value) -> None:
        """Take a reading."""
        self.raw = raw
        self.time = time
        self.value = value

    def dump(self) -> list[str | int | float | bool | list[str] | None]:
        """Return all that must survive a restart, for JSON."""
        return [
            self.key, list(self.signature), self.raw, self.time, self.ambiguous, self.historic,
            self.negative,
        ]  # fmt: skip


def load_point(stored: object, device: DeviceType) -> KnownPoint:
    """Return the point that `dump` wrote; raises ValueError for anything else."""
    match stored:
        case [
            str(key), list(texts), str() | int() | float() | None as raw, int(time),
            bool(ambiguous), bool(historic), bool(negative),
        ] if len(texts) == len(Signature._fields) and all(isinstance(text, str) for text in texts):  # fmt: skip
            signature = Signature(*texts)
            known = KnownPoint(
                key, signature, ambiguous=ambiguous, historic=historic, negative=negative
            )
            known.classify(device, "" if raw is None else raw)
            known.time = time
            if raw is not None:
                known.raw = raw
                known.value = known.read(raw)
            return known
    raise ValueError("not a stored data point")


def starts_historic(point: Point) -> bool:
    """Return whether a new point is of an earlier date by the meter's own time."""
    return is_dated_back(point.time, point.device_time)


def _text(raw: Raw) -> str | None:
    """Return a raw value as text; decoders write whole numbers as `32629.000000`."""
    whole = _WHOLE_DECIMAL.fullmatch(raw) if isinstance(raw, str) else None
    return whole[1] if whole else text(raw)
