"""One data point of a meter, known for good under its key."""

import re
from copy import replace
from fractions import Fraction
from typing import NamedTuple, TypeGuard

from ...common.slug import slug
from ...common.value import Value
from .gate import RegisterGate, Verdict, is_sentinel
from .historic import parse_obis
from .mbus import OPPOSITES, DeviceType, device_type
from .model import Raw, Signature
from .quantities import MEASUREMENT, PointTraits, ValueType, traits_of
from .units import Group, conversion, normalise
from .values import decimal, decimal_places, moment, scale_of, scaled, text

_UNIT_SLUGS = str.maketrans({"³": "3", "%": "percent", "°": ""})
_WHOLE_DECIMAL = re.compile(r"(-?\d+)\.0+")
_SHOWN_AS = {"Wh": "kWh", "J": "kWh"}
"""Units too small to be shown: what new points appear in instead."""
_MOST_PLACES = 4
_NOW = 255
_LONGEST_SILENCE = 26 * 3600


class PointIdentity(NamedTuple):
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
    dated: bool = False
    """It is the value of a due date. Which one is no part of it: due dates move on."""
    medium: str = ""
    """What it measures, where that is another thing than the meter it belongs to (cooling)."""


def identity_of(
    signature: Signature, *, dated: bool = False, device: DeviceType = DeviceType.UNKNOWN
) -> PointIdentity:
    """Return what must be equal for two points to be the same one."""
    unit = normalise(signature.unit)
    own = device_type(signature.medium) if signature.medium else device
    scale = scale_of(signature.scale)
    return PointIdentity(
        signature.obis,
        slug(signature.description) or signature.description,
        # Units that are converted keep their own name: J/h and kJ/h both become W.
        unit.symbol or unit.group if unit.factor is None else signature.unit.casefold(),
        # An explicit id tells points apart by itself, whatever is said or found out of them.
        "" if signature.point_id else signature.function.casefold(),
        "" if signature.point_id else signature.storage,
        "" if signature.point_id else signature.tariff,
        signature.subunit,
        signature.point_id,
        "" if signature.point_id else signature.label,
        "" if signature.point_id or scale is None else str(scale.normalize()),
        dated,
        own.value if {own, device} in OPPOSITES else "",
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
        "_factor", "_scale", "ambiguous", "date", "dated", "device", "gap", "gate", "group",
        "guessed", "historic", "identity", "key", "main", "negative", "past", "raw", "refused",
        "seen", "signature", "time", "traits", "unit", "value",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        signature: Signature,
        *,
        ambiguous: bool = False,
        dated: bool = False,
        negative: bool = False,
        device: DeviceType = DeviceType.UNKNOWN,
    ) -> None:
        """Make a point that has no reading yet."""
        self.key = key
        self.ambiguous = ambiguous
        self.dated = dated
        self.past = False
        self.historic = dated
        self.negative = negative
        self.device = device
        self.main = False
        self.guessed = False
        self.raw: Raw | None = None
        self.time = 0
        self.date: int | None = None
        self.gap = 0
        self.value: Value = None
        self.seen = 0
        self.refused = 0
        self.gate: RegisterGate | None = None
        self.traits = PointTraits()
        self.unit: str | None = None
        self.take_signature(signature)

    def take_signature(self, signature: Signature) -> None:
        """Go by a new signature: the logger relabelled the point, or its range changed."""
        self.signature = signature
        self.identity = identity_of(signature, dated=self.dated, device=self.device)
        self.group = normalise(signature.unit).group
        if self.group is Group.NONE and self.traits.unit == "HCA":
            self.group = Group.HCA
        self._scale = scale_of(signature.scale)
        self._factor = self._to_own_unit()
        self.raw = None

    def _to_own_unit(self) -> Fraction | None:
        """Return what leads from the unit that is sent to the one that is shown."""
        unit = normalise(self.signature.unit)
        if self.unit is None or unit.symbol is None:
            return unit.factor
        factor = conversion(unit.symbol, self.unit)
        if unit.factor is None or factor is None:
            return unit.factor or factor
        return unit.factor * factor

    def classify(self, device: DeviceType, raw: Raw) -> None:
        """Settle how the point appears, from its signature and a first value."""
        self.device = device
        traits = traits_of(
            self.signature, device, historic=self.historic, numeric=decimal(raw) is not None
        )
        if self.unit is None:
            self.unit = _SHOWN_AS.get(traits.unit or "", traits.unit) or None
        elif traits.unit is None:
            self.unit = None
        if traits.unit != self.unit:
            # Once settled the unit stays: the meter's prefix grows with its register.
            traits = replace(traits, unit=self.unit)
        self.traits = traits
        if traits.unit == "HCA":
            self.group = Group.HCA
        self._factor = self._to_own_unit()
        self.identity = identity_of(self.signature, dated=self.dated, device=device)

    @property
    def name(self) -> str:
        """Return what tells the point from its siblings, and what it shows."""
        own = self.signature.label or self.signature.obis or self.key
        shown = "" if self.value is None else f" = {self.value} {self.traits.unit or ''}".rstrip()
        return f"{self.signature.description} {own}{shown}".strip()

    @property
    def counts(self) -> bool:
        """Return whether this is a number that only ever grows."""
        return self.traits.kind is ValueType.NUMBER and self.traits.is_total

    @property
    def enabled(self) -> bool:
        """Return whether an entity is of use to most people: of registers the totals alone."""
        if not self.traits.enabled or self.ambiguous:
            return False
        return self.main or not self.counts

    @property
    def state_class(self) -> str | None:
        """Return the state class; a register that runs backwards is a total without more."""
        state_class = self.traits.state_class
        return "total" if self.negative and state_class == "total_increasing" else state_class

    @property
    def fades(self) -> bool:
        """Return whether the value says nothing any more once the meter is silent."""
        return self.traits.state_class == MEASUREMENT or self.traits.kind is ValueType.FLAGS

    @property
    def precision(self) -> int | None:
        """Return how many decimal places the logger gives, None where it does not say."""
        if self.traits.kind is not ValueType.NUMBER or self.traits.factor is not None:
            return None
        if not self.signature.scale or not self._scale:
            return None
        if self._factor is None:
            return decimal_places(self._scale)
        places, step = 0, Fraction(self._scale) * self._factor
        while places < _MOST_PLACES and (step * 10**places).denominator != 1:
            places += 1
        return places

    @property
    def step(self) -> Fraction:
        """Return the smallest change that the register can show, in its own unit."""
        return Fraction(self._scale or 1) * (self._factor or 1)

    @property
    def problem_key(self) -> str | None:
        """Return the key of the on/off value behind flags: a fault, or a smoke alarm."""
        if self.traits.kind is not ValueType.FLAGS or self.historic or self.ambiguous:
            return None
        return f"{self.key}_{'alarm' if self.traits.alarm else 'problem'}"

    def read(self, raw: Raw) -> Value:
        """Return the value that a raw reading has, None if it has none for this point."""
        scale = self._scale
        match self.traits.kind:
            case ValueType.NUMBER:
                if scale is None or is_sentinel(raw, self.group):
                    return self._sentinel_or_none(raw)
                if scale != 1 and not _is_whole(raw):
                    # A raw value has no decimals; whether it was multiplied already, or is
                    # still to be, nobody can say.
                    return None
                value = scaled(raw, scale, self._factor)
                if value is not None and value < 0:
                    self.negative = True
                return value
            case ValueType.FLAGS:
                number = decimal(raw)
                return int(number) if number is not None and number == int(number) else None
            case ValueType.TIME:
                return moment(raw)
            case ValueType.TEXT:
                return _text(raw)
            case ValueType.OPAQUE:
                amount = None if scale is None else scaled(raw, scale)
                return _text(raw) if amount is None else amount

    def _sentinel_or_none(self, raw: Raw) -> Value:
        """Return what looks like "no value" where the register has come to that very number."""
        if self._scale is None or not self.counts or not isinstance(self.value, int | float):
            return None
        value = scaled(raw, self._scale, self._factor)
        near = value is not None and 0 <= value - self.value <= 20 * float(self.step)
        return value if near else None

    def judge(self, time: int, value: Value) -> Verdict:
        """Say whether a register can have this value at this time; anything else may."""
        if not self.counts or self.historic or not _is_number(value):
            return Verdict.TAKEN
        if not _is_number(self.value) or not self.time:
            return Verdict.TAKEN
        if self.gate is None:
            if self.value <= value <= self.value + 1.5 * float(self.step):
                return Verdict.TAKEN
            self.gate = RegisterGate()
        return self.gate.judge(
            (self.time, self.value), (time, value), self.group, self.unit, self.step
        )

    def sighted(self, time: int) -> None:
        """Note that the point was in a report, and how far apart its readings are."""
        if self.time and time > self.time:
            gap = min(time - self.time, _LONGEST_SILENCE)
            self.gap = max(gap, int(self.gap * 0.7))
        self.time = max(self.time, time)

    def stale(self, now: int, limit: int) -> bool:
        """Return whether the value is too old to be shown; `limit` is the meter's, 0: never."""
        return limit > 0 and now - self.time > max(limit, 3 * self.gap)

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
        self.sighted(time)
        self.value = value

    def dump(self) -> list[object]:
        """Return all that must survive a restart, for JSON."""
        return [
            self.key, list(self.signature), self.raw, self.time, self.ambiguous, self.historic,
            self.negative, self.value if self._keeps_value else None, self.unit, self.date,
            self.dated, self.main, self.gap,
        ]  # fmt: skip

    @property
    def _keeps_value(self) -> bool:
        # With the raw value gone (its scale was no scale), only the value itself is left.
        return self.raw is None and isinstance(self.value, int | float)


def load_point(stored: object, device: DeviceType) -> KnownPoint:
    """Return the point that `dump` wrote, now or in an earlier version.

    Raises ValueError for anything else.
    """
    match stored:
        case [
            str(key), list(texts), str() | int() | float() | None as raw, int(time),
            bool(ambiguous), bool(historic), bool(negative), *more,
        ] if len(texts) == len(Signature._fields) and all(isinstance(text, str) for text in texts):  # fmt: skip
            signature = Signature(*texts)
            known = KnownPoint(
                key, signature, ambiguous=ambiguous, negative=negative, device=device
            )
            known.historic = historic
            value = _load_more(known, more, signature)
            known.identity = identity_of(signature, dated=known.dated, device=device)
            known.classify(device, "" if raw is None and value is None else raw or 0)
            known.time = time
            known.value = value
            if raw is not None:
                known.value = known.read(raw)
                known.raw = raw
            return known
    raise ValueError("not a stored data point")


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _load_more(known: KnownPoint, more: list[object], signature: Signature) -> Value:
    """Take up what later versions store beside; return the value where there is no raw one."""
    match more:
        case [
            int() | float() | None as value, str() | None as unit, int() | None as date,
            bool(dated), bool(main), int(gap), *_,
        ]:  # fmt: skip
            known.unit, known.date, known.dated, known.main, known.gap = (
                unit, date, dated, main, gap
            )  # fmt: skip
            return value
    # The version before knew no dates: what it called past for no reason of its signature had
    # a date of its own. Its entities keep the unit that they were made with.
    known.unit = (
        normalise(signature.unit).symbol if normalise(signature.unit).factor is None else None
    )
    known.dated = known.historic and not says_past(signature)
    return None


def _text(raw: Raw) -> str | None:
    """Return a raw value as text; decoders write whole numbers as `32629.000000`."""
    whole = _WHOLE_DECIMAL.fullmatch(raw) if isinstance(raw, str) else None
    return whole[1] if whole else text(raw)


def says_past(signature: Signature) -> bool:
    """Return whether the signature alone may be that of a value of the past."""
    obis = parse_obis(signature.obis)
    return bool(
        signature.storage.strip("0") or signature.function or (obis is not None and obis.f != _NOW)
    )


def _is_whole(raw: Raw) -> bool:
    number = decimal(raw)
    return number is None or number == number.to_integral_value()
