"""Switchable outputs: what their values are depends on a type they name.

Any service may have some, in folders `SwitchableOutput/<name>/`. Type, name, limits and labels may
change while the GX runs (gui-v2 enums.h, switches/delegates).
"""

from typing import Final, override

from ...common import quantities as q
from ...common.value import Value
from .catalogue.model import Category, Control, ControlForm, EntityForm
from .codes import Codes
from .derived import Derived, DerivedSource
from .payload import Json, Limits, number
from .ranged import DIMMABLE, MAX_LABELS, TEMPERATURE, Ranged, labels_of

OUTPUTS: Final = "SwitchableOutput/"

STEPPED: Final = 4
SLAVE: Final = 5
DROP_DOWN: Final = 6
SLIDER: Final = 7
NUMERIC: Final = 8
THREE_STATE: Final = 9
LIGHTS: Final = {11: "hs", 12: "color_temp", 13: "hs_white"}
"""The types that are lights, and what of them can be set."""

_MANUAL: Final = 2
_TRIPPED, _TOO_HOT, _FAULT, _SHORT, _POWERED = 0x02, 0x04, 0x08, 0x10, 0x01
_STATES: Final = Codes({0: "off", 1: "on", 2: "auto"}, writable=(0, 1, 2))
_AUTO: Final = 2
_LEVELS: Final = frozenset({DIMMABLE, TEMPERATURE, STEPPED, DROP_DOWN, SLIDER, NUMERIC})
_SWITCH: Final = Control(form=ControlForm.SWITCH)
_SELECT: Final = Control(form=ControlForm.SELECT)


def outputs_of(service: DerivedSource, output: str) -> tuple[Derived, ...]:
    """Return the values of an output that are what its type makes of them."""
    return (
        OutputState(service, output),
        OutputMode(service, output),
        OutputLevel(service, output),
        OutputLight(service, output),
        OutputProblem(service, output),
    )


class _Output(Ranged):
    """One value of an output."""

    shaped = True
    _uses: tuple[str, ...] = ()

    def __init__(self, service: DerivedSource, output: str, path: str) -> None:
        """Watch the folder of an output."""
        self._output = output
        self._folder = f"{OUTPUTS}{output}"
        common = ("Settings/Type", "Settings/CustomName", "Name", "Settings/Function")
        self._at = {one: f"{self._folder}/{one}" for one in (*common, *self._uses)}
        self._known: tuple[int | None, bool] | None = None
        super().__init__(service, f"{self._folder}/{path}", frozenset(self._at.values()))

    @override
    def reshape(self) -> None:
        super().reshape()
        self._known = None

    def _kind(self) -> tuple[int | None, bool]:
        """Return the type, and whether somebody may set it: not a slave, nor a relay with a task."""
        if self._known is None:
            said = self._said("Settings/Type")
            kind = None if said is None else int(said)
            settable = kind != SLAVE and self._said("Settings/Function") in (None, _MANUAL)
            self._known = (kind, settable)
            self._take(kind, settable=settable)
        return self._known

    def _take(self, kind: int | None, *, settable: bool) -> None:
        """Be what the type makes of this; called when the type may be another one."""

    @property
    def _type(self) -> int | None:
        return self._kind()[0]

    @property
    def _settable(self) -> bool:
        return self._kind()[1]

    @override
    def placeholders(self) -> dict[str, str]:
        return self.placeholders_of("output", self._output)


class OutputState(_Output):
    """Whether an output is on."""

    form = EntityForm.BINARY
    name = "output"
    _uses = ("State",)

    def __init__(self, service: DerivedSource, output: str) -> None:
        """Watch the state."""
        super().__init__(service, output, "State")
        self._state = self._at["State"]

    @override
    def _take(self, kind: int | None, *, settable: bool) -> None:
        self.enabled = kind not in LIGHTS
        self.dormant = kind == THREE_STATE
        self.control = _SWITCH if settable else None

    @override
    def compute(self) -> Value:
        if self._known is None:
            self._kind()
        state = None if self.dormant else self.service.number(self._state)
        return None if state is None else state != 0

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        if not self._settable or not isinstance(value, bool):
            raise KeyError(value)
        return [(f"{self._folder}/State", int(value))]


class OutputMode(_Output):
    """Off, on or automatic, of an output that knows all three."""

    name = "output_mode"
    quantity = q.STATE
    codes = _STATES
    _uses = ("State", "Auto")

    def __init__(self, service: DerivedSource, output: str) -> None:
        """Watch the state and whether it is automatic."""
        super().__init__(service, output, "Auto")

    @override
    def compute(self) -> Value:
        kind, settable = self._kind()
        self.control = _SELECT if settable else None
        self.dormant = kind != THREE_STATE
        state = None if self.dormant else self._said("State")
        if state is None:
            return None
        return _STATES.slugs[_AUTO if self._said("Auto") else int(state != 0)]

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        code = _STATES.code(str(value))
        if not self._settable:
            raise KeyError(value)
        if code == _AUTO:
            return [(f"{self._folder}/Auto", 1)]
        return [(f"{self._folder}/Auto", 0), (f"{self._folder}/State", code)]


class OutputLevel(_Output):
    """What `Dimming` is: a brightness, a temperature, a step, a choice, or a number."""

    name = "output_level"
    _uses = (
        "Dimming",
        "Settings/DimmingMin",
        "Settings/DimmingMax",
        "Settings/StepSize",
        "Settings/Decimals",
        "Settings/Unit",
        "Settings/Labels",
    )
    _NAMES: Final = {
        DIMMABLE: "output_dimming",
        TEMPERATURE: "output_set_temperature",
        STEPPED: "output_step",
        DROP_DOWN: "output_choice",
    }

    def __init__(self, service: DerivedSource, output: str) -> None:
        """Watch the level and what says what it is."""
        self._shape: int | None = None
        super().__init__(service, output, "Dimming")

    @override
    def compute(self) -> Value:
        kind = self._type
        self.dormant = kind not in _LEVELS
        if kind is None or self.dormant:
            return None
        if self._shape != kind:
            self._take_shape(kind)
        level = self._said("Dimming")
        if level is None:
            return None
        if self.codes is not None:
            return self.codes.slugs.get(int(level))
        return round(level, 3)

    @override
    def reshape(self) -> None:
        super().reshape()
        self._shape = None

    def _take_shape(self, kind: int) -> None:
        """Read what the level is: its name, its choices or limits, whether it can be set."""
        self._shape = kind
        self.name = self._NAMES.get(kind, "output_level")
        self.codes = self._codes(kind)
        self.quantity = self._quantity(kind) if self.codes is None else q.STATE
        form = ControlForm.NUMBER if self.codes is None else ControlForm.SELECT
        limits = self._range("Settings/DimmingMin", "Settings/DimmingMax")
        self.control = (
            Control(
                form=form, minimum=limits.minimum, maximum=limits.maximum, step=self._step(kind)
            )
            if self._settable
            else None
        )

    def _codes(self, kind: int) -> Codes | None:
        if kind == STEPPED:
            most = min(MAX_LABELS, max(1, int(self._said("Settings/DimmingMax") or 1)))
            slugs = {step: str(step) for step in range(1, most + 1)}
        elif kind == DROP_DOWN:
            slugs = dict(enumerate(labels_of(self.service.raw(f"{self._folder}/Settings/Labels"))))
        else:
            return None
        return Codes(slugs, writable=tuple(slugs)) if slugs else None

    def _step(self, kind: int) -> float:
        step = self._said("Settings/StepSize")
        if step is not None and step > 0:
            return step
        decimals = self._said("Settings/Decimals")
        return 1 if kind == DIMMABLE or not decimals else 10 ** -min(3, max(0, int(decimals)))

    @override
    def code(self) -> float | None:
        return None if self.codes is None else self._said("Dimming")

    @override
    def limits(self) -> Limits | None:
        if self.control is None or self.control.form is not ControlForm.NUMBER:
            return None
        return Limits(self.control.minimum, self.control.maximum)

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        self.compute()
        if self.control is None or isinstance(value, bool):
            raise KeyError(value)
        if self.codes is not None:
            return [(f"{self._folder}/Dimming", self.codes.code(str(value)))]
        if isinstance(value, str) or not self.control.minimum <= value <= self.control.maximum:
            raise KeyError(value)
        return [(f"{self._folder}/Dimming", value)]


class OutputLight(_Output):
    """An output with colours; its value is what the platform `light` reads (see `Light`)."""

    name = "output"
    quantity = q.TEXT
    _uses = ("State", "LightControls")

    def __init__(self, service: DerivedSource, output: str) -> None:
        """Watch the state and the colours."""
        super().__init__(service, output, "LightControls")

    @override
    def compute(self) -> Value:
        kind, settable = self._kind()
        self.control = (
            Control(form=ControlForm.LIGHT, light=LIGHTS[kind])
            if kind in LIGHTS and settable
            else None
        )
        self.dormant = self.control is None
        if self.dormant:
            return None
        state = self._said("State")
        raw = self.service.raw(self._at["LightControls"])
        if state is None or not isinstance(raw, list):
            return None
        controls = [value for one in raw if (value := number(one)) is not None]
        if len(controls) != 5:
            return None
        return " ".join(f"{value:g}" for value in (int(state != 0), *controls))

    @override
    def requests(self, value: float | str | bool) -> list[tuple[str, Json]]:
        state, *controls = (int(part) for part in str(value).split())
        if not self._settable or len(controls) != 5:
            raise KeyError(value)
        writes: list[tuple[str, Json]] = [(f"{self._folder}/State", int(state != 0))]
        if state:
            colours: list[Json] = [*controls]
            writes.insert(0, (f"{self._folder}/LightControls", colours))
        return writes


class OutputProblem(_Output):
    """Whether an output is switched off by itself: fuse tripped, too hot, short circuit."""

    name = "output_problem"
    form = EntityForm.BINARY
    device_class = "problem"
    category = Category.DIAGNOSTIC
    _uses = ("Status",)

    def __init__(self, service: DerivedSource, output: str) -> None:
        """Watch the status."""
        super().__init__(service, output, "Status")

    @override
    def compute(self) -> Value:
        status = self._said("Status")
        if status is None:
            return None
        bits = int(status)
        # One that is dimmed has less than its full voltage, and says so in the same way.
        faulty = bits & _FAULT and not bits & _POWERED and self._type != DIMMABLE
        return bool(bits & (_TRIPPED | _TOO_HOT | _SHORT) or faulty)
