"""Which meter, of which operator, where its telegrams tell.

The operator decides what a meter sends: the same IM350 is infrared in Vienna and P1 in
Carinthia. Named is only what a maker and a layout leave no doubt about (`specs`: public
telegrams, decoded with their keys).
"""

from typing import Final, NamedTuple


class MeterIdentity(NamedTuple):
    """What may be shown of a meter; None where the telegram does not tell."""

    model: str | None = None
    operator: str | None = None


_KNOWN: Final = {
    ("SAG", "flat"): MeterIdentity("T210-D", "Netz NÖ"),
    ("SAG", "text"): MeterIdentity("T210-D", "Energienetze Steiermark"),
    ("KFM", "flat"): MeterIdentity("MA309"),
    ("KFM", "nested"): MeterIdentity("MA309M"),
    ("ISK", "clock and eight"): MeterIdentity("AM550", "Wiener Netze"),
    ("ISK", "list"): MeterIdentity("AM550", "Kärnten Netz"),
    ("SMS", "number, clock and eight"): MeterIdentity("IM350", "Wiener Netze"),
    ("SMS", "list of 8 digits"): MeterIdentity("IM350", "Wels Strom"),
    ("SMS", "list"): MeterIdentity("IM350", "Kärnten Netz"),
    ("LGZ", "clock and eight"): MeterIdentity("E450", "Wiener Netze"),
    ("LGZ", "short"): MeterIdentity("E450", "Netz Burgenland"),
    ("LGZ", "flat"): MeterIdentity("E450"),
    ("LGZ", "objects"): MeterIdentity("E450"),
    ("SAM", "amis"): MeterIdentity("AMIS TD-351x", "Netz OÖ"),
}
_SINGLE_PHASE: Final = {
    ("SAG", "flat"): MeterIdentity("S210", "Netz NÖ"),
    ("KFM", "flat"): MeterIdentity(None),
    ("KFM", "nested"): MeterIdentity("MA110M"),
}
_NOTHING: Final = MeterIdentity()


def identity(system_title: bytes, layout: str | None, *, single_phase: bool) -> MeterIdentity:
    """Return model and operator of a meter by its title and the layout of its body."""
    if layout is None:
        return _NOTHING
    known = (system_title[:3].decode("latin-1"), layout)
    if single_phase and known in _SINGLE_PHASE:
        return _SINGLE_PHASE[known]
    return _KNOWN.get(known, _NOTHING)
