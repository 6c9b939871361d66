"""What one meter's telegrams have in common, so that the next one is read in two steps.

A telegram has some 240 bytes of which only the numbers and clocks ever change. Once a
telegram has been read completely, the next of the same length is compared with it under a
mask; where only numbers and clocks differ, the complete reading would find the same tree,
so that the numbers can be taken from their places. Everything else is read completely.
"""

import struct
from typing import Final, NamedTuple, Self

from . import axdr, clock, notification
from .notification import Anatomy, Notification, Number

_MASKED_OUT: Final = b"\x00"
_CLOCK: Final = "7sB3ss"
"""Date and minute, seconds, hundredths and deviation, status."""


class Layout(NamedTuple):
    """The shape of a telegram: two telegrams have the same one or have not."""

    size: int
    meter_number: str | None
    mask: int
    constant: int
    form: struct.Struct | None
    """How to take out the invoke id, the clocks and the numbers; None: do not."""
    clocks: int
    keys: tuple[str, ...]
    """Of the numbers, in their order; empty for one that has no name."""
    named: tuple[str, ...]
    """Of those that are taken out."""
    divisors: tuple[tuple[str, int], ...]
    factors: tuple[tuple[str, int], ...]
    """What numbers are worth that are not sent as they are shown."""
    name: str
    left_out: tuple[str, ...]
    """What of these telegrams is not understood, without its content."""
    texts: int
    """A mask of the strings among it, which stay the same as a rule."""

    @classmethod
    def of(cls, plaintext: bytes, anatomy: Anatomy) -> Layout:
        """Learn from a telegram that was read completely."""
        spans = sorted(
            [
                (notification.INVOKE, notification.INVOKE + 4, "I"),
                *((at, at + axdr.DATE_TIME_BYTES, _CLOCK) for at in anatomy.clocks),
                *((f.start, f.end, f.code if f.key else "") for f in anatomy.fields),
                *((start, end, "") for start, end in anatomy.loose),
            ]
        )
        mask = bytearray(b"\xff" * len(plaintext))
        code, position = ">", 0
        for start, end, letter in spans:
            mask[start:end] = _MASKED_OUT * (end - start)
            if letter != "":
                code += f"{start - position}x{letter}"
                position = end
        code += f"{len(plaintext) - position}x"
        bits = int.from_bytes(mask)
        names = bytearray(len(plaintext))
        for start, end in anatomy.texts:
            names[start:end] = b"\xff" * (end - start)
        # The clocks must stand before the numbers for the numbers to be one slice. What is
        # left out may have changed its length or type inside: read such telegrams completely.
        letters = [letter for _, _, letter in spans if letter != ""]
        takes_out = all(field.code for field in anatomy.fields) and all(
            letter == _CLOCK for letter in letters[1 : 1 + len(anatomy.clocks)]
        )
        fields = sorted(anatomy.fields)
        return cls(
            size=len(plaintext),
            meter_number=anatomy.meter_number,
            mask=bits,
            constant=int.from_bytes(plaintext) & bits,
            form=struct.Struct(code) if takes_out else None,
            clocks=len(anatomy.clocks),
            keys=tuple([field.key or "" for field in fields]),
            named=tuple([field.key for field in fields if field.key]),
            divisors=tuple([(f.key, 10**-f.scaler) for f in fields if f.key and f.scaler < 0]),
            factors=tuple([(f.key, 10**f.scaler) for f in fields if f.key and f.scaler > 0]),
            name=anatomy.layout,
            left_out=tuple(anatomy.left_out),
            texts=int.from_bytes(names) & bits,
        )

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Nothing in it ever changes."""
        return self

    def same_as(self, other: Layout) -> bool:
        """Whether the telegrams differ in nothing but numbers and clocks."""
        return (
            self.size == other.size and self.mask == other.mask and self.constant == other.constant
        )

    def differs_in_texts_only(self, other: Layout) -> bool:
        """Whether the telegrams tell the same, and only a string that is left out changed."""
        return (
            self.size == other.size
            and self.texts == other.texts
            and self.mask == other.mask
            and (self.constant ^ other.constant) & ~self.texts == 0
        )

    def without_texts(self) -> Layout:
        """Return the layout of telegrams whose strings without meaning change all the time."""
        return self._replace(
            mask=self.mask & ~self.texts, constant=self.constant & ~self.texts, texts=0
        )

    def differs_in_length_only(self, other: Layout) -> bool:
        """Whether the telegrams tell the same, and only what is left out is longer or shorter.

        No flipped bit makes a telegram longer: its length stands in frame and envelope.
        """
        return (
            self.size != other.size
            and (self.keys, self.divisors, self.factors)
            == (other.keys, other.divisors, other.factors)
            and (self.name, self.meter_number) == (other.name, other.meter_number)
        )

    def read(self, number: int) -> Notification | None:
        """Read a plaintext, given as one number, of this layout; None where it is another."""
        if self.form is None or number & self.mask != self.constant:
            return None
        content = self.form.unpack(number.to_bytes(self.size))
        first = 1
        meter_time, agree, status = None, True, b""
        if self.clocks:
            date, second, rest, status = content[1:5]
            meter_time, first = clock.instant_of(date, second, rest + status), 5
            for _ in range(1, self.clocks):
                day, tick, other, said = content[first : first + 4]
                first += 4
                # The status byte may differ from clock to clock (E450 in Vienna).
                status += said
                if tick != second or other != rest or day != date:
                    agree = False
                    if meter_time is None:
                        meter_time = clock.instant_of(day, tick, other + said)
        values: dict[str, Number] = dict(zip(self.named, content[first:]))  # noqa: B905 (slower)
        for key, divisor in self.divisors:
            values[key] /= divisor
        for key, factor in self.factors:
            values[key] *= factor
        return Notification(content[0], meter_time, agree, values, status)
