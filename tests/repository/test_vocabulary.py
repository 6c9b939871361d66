"""One word for one thing: what is not said, and what is said instead.

The tables are the vocabulary of this project. A word that stands in its first column is found in no
text that a person sees, in no guide and in no README.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from scripts.texts import source

from .files import INTEGRATION, LANGUAGES, PLACEHOLDER, ROOT, texts, translation


class Word(NamedTuple):
    """A word that is not said."""

    not_said: str
    """A regular expression; upper and lower case as written, at the beginning of a word."""
    instead: str
    but: str = ""
    """A regular expression of texts or paths in which it means another thing."""


ENGLISH: Final = (
    Word(r"drawn from", "imported"),
    Word(r"[Ff]eed[- ]in\b|fed into", "export, exported"),
    Word(r"[Ss]et-point", "setpoint"),
    Word(r"PV energy", "produced energy", r"PV energy, for"),
    Word(r"Grid (import|export) energy|Energy (import|export)\b", "imported energy"),
    Word(r"House consumption", "house power, consumed energy"),
    Word(r"Battery (charging|discharging) (energy|power)", "charged energy, charging power"),
    Word(r"[Ss]ecret of the second factor", "two-factor secret"),
    Word(r"(Read|Write states|Write) every\b", "polling interval, update interval"),
    Word(r"State number", "state code"),
    Word(r"Running normally", "normal operation"),
    Word(r"silent\b|falls silent|fallen silent", "no data from, stopped sending", r"silent_device"),
    Word(r"(is|not) heard|No report heard", "received, reports"),
    Word(r"[Ll]ogger\b", "SmartLog", r"(Gas|Water) logger|other makes|^logger:"),
    Word(r"[Tt]racker\b", "MPPT", r"device tracker"),
    Word(r"by itself|by themselves", "automatically"),
    Word(r"by hand\b|[Bb]y hand\b", "manually"),
    Word(r"lets in\b", "accepts"),
    Word(r"[Rr]efuse[sd]?\b", "rejected"),
    Word(r"pretends to be", "impersonates"),
    Word(r"(shows|show) another certificate", "presents a different certificate"),
    Word(r"is remembered\b", "is trusted"),
    Word(r"[Ww]hat becomes of what you have", "migrating"),
    Word(r"[Tt]he past\b", "history", r"from the past"),
    Word(r"Only look\b", "dry run"),
    Word(r"Into the car\b", "EV"),
    Word(r"Date of the value", "billing date"),
    Word(r"External temperature", "ambient temperature"),
    Word(r"Where the (telegrams|reports) arrive|How the (reports|GX)", "a noun"),
    Word(r"Fühler", "Sensor"),
)
GERMAN: Final = (
    Word(r"Netzbezug\b|Netzeinspeisung\b", "Bezugsleistung, bezogene Energie"),
    Word(r"(Netzbezug|PV|Hausverbrauch|Batterieladung)[- ]Energie", "ein Partizip"),
    Word(r"Ladestand", "Ladezustand"),
    Word(r"Akkus?\b", "Speicher, Batterie"),
    Word(r"Spitzenkappung|Spitzenglättung", "Peak-Shaving"),
    Word(r"Netzersatz", "Notstrom"),
    Word(r"[Ss]tumm\b", "Keine Daten von"),
    Word(r"Tracker\b", "MPPT", r"Device Tracker"),
    Word(r"minimaler\b", "Mindest…"),
    Word(r"E-Fahrzeug", "Auto, Fahrzeug"),
    Word(r"Fühler", "Sensor"),
    Word(r"Fremd(temperatur|-)", "Umgebungstemperatur"),
    Word(r"Status\b", "Zustand", r"HTTP-Status"),
    Word(r"Vergangenheit", "Verlauf"),
    Word(r"Meldung(en)?\b", "Nachricht, Bericht", r"[Ff]ehlermeldung"),
    Word(r"von selbst\b", "automatisch"),
    Word(r"(Man|Auto)\.", "ausgeschrieben"),
    Word(r"zweite[rn]? Faktor", "Zwei-Faktor-…"),
    Word(r"(Lesen|Abfragen|Schreiben) alle\b", "Abfrageintervall"),
    Word(r"Nur ansehen", "Testlauf"),
    Word(r"Sie\b(?= (können|haben|müssen|sind))", "du"),
)
ITALIAN: Final = (
    Word(r"Taglio dei picchi", "peak shaving"),
    Word(r"[Ii]nseguitor", "MPPT"),
    Word(r"[Ss]econdo fattore", "autenticazione a due fattori"),
    Word(r"[Rr]egistrator", "SmartLog", r"Registratore (del gas|dell'acqua)"),
)
ROMANIAN: Final = (
    Word(r"Limitarea vârfurilor", "peak shaving"),
    Word(r"[Tt]racker", "MPPT"),
    Word(r"al doilea factor", "autentificarea în doi pași"),
    Word(r"[ÎîI]nregistrator", "SmartLog", r"Înregistrator de (gaz|apă)"),
)
WORDS: Final = {"en": ENGLISH, "de": GERMAN, "it": ITALIAN, "ro": ROMANIAN}
FAULTS: Final = ROOT.parent / "shared" / "specs" / "words.tsv"
LONGEST_LABEL: Final = 4
ARTICLES: Final = {"a", "as", "an", "the", "of", "for", "by", "to", "in", "from", "on", "before"}
FENCE: Final = re.compile(r"^```.*?^```|`[^`\n]*`|\]\([^)]*\)", re.DOTALL | re.MULTILINE)


def said(text: str, words: tuple[Word, ...]) -> Iterator[str]:
    """Yield which words a text says that are not said, with what to say instead."""
    text = PLACEHOLDER.sub("…", text)
    for word in words:
        if re.search(rf"(?<![\w-])({word.not_said})", text) and not (
            word.but and re.search(word.but, text, re.MULTILINE)
        ):
            yield f"{word.not_said} → {word.instead}"


def prose(page: Path) -> Iterator[str]:
    """Yield the paragraphs of a page, without code, keys and addresses."""
    text = page.read_text()
    if page.suffix == ".yaml":  # of a blueprint, what its form shows
        yield from re.findall(r"(?:name|description|title|message|label): (.+)", text)
        return
    yield from (part for part in FENCE.sub("", text).split("\n\n") if part.strip())


def pages(language: str) -> list[Path]:
    """Return the pages in a language: what ends in .de.md is German."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("blueprints/**/*.yaml")]
    return [page for page in found if (".de." in page.name) == (language == "de")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_keep_to_the_vocabulary(language: str) -> None:
    found = [
        f"{path}: {text!r}: {word}"
        for path, text in texts(translation(language))
        for word in said(text, WORDS[language])
    ]
    assert found == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_pages_keep_to_the_vocabulary(language: str) -> None:
    found = [
        f"{page.name}: {' '.join(part.split())[:90]!r}: {word}"
        for page in pages(language)
        for part in prose(page)
        for word in said(part, WORDS[language])
    ]
    assert found == []


def test_the_dashboard_keeps_to_the_vocabulary() -> None:
    """Its texts stand in a module of their own, in every language: the words of all are looked for."""
    module = INTEGRATION / "frontend" / "texts.js"
    if not module.exists():
        pytest.skip("the dashboard has no module of texts yet")
    found = [
        f"{line.strip()[:90]!r}: {word}"
        for line in module.read_text().splitlines()
        if not line.lstrip().startswith(("//", "*", "/*"))
        for word in said(line, (*GERMAN, *ITALIAN))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Grid: drawn from the grid"),
        ("en", "The device is silent."),
        ("en", "Energy import"),
        ("en", "Read every"),
        ("de", "Netzbezug Energie"),
        ("de", "Der Akku ist voll."),
        ("de", "Status"),
        ("it", "Inseguitore 1 potenza"),
        ("ro", "Tracker 1 putere"),
    ],
)
def test_a_word_that_is_not_said_is_found(language: str, text: str) -> None:
    assert list(said(text, WORDS[language]))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Water logger 7"),
        ("de", "Kein Akkusativ"),
        ("de", "HTTP-Status 404"),
        ("de", "Ladestation"),
    ],
)
def test_what_only_looks_alike_is_let_be(language: str, text: str) -> None:
    assert list(said(text, WORDS[language])) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_the_list_of_faults_is_left(language: str) -> None:
    if not FAULTS.exists():
        pytest.skip("the list of the project is not here")
    said_now = dict(texts(translation(language)))
    with FAULTS.open(newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    found = [key for _, key, of, now, _ in rows if of == language and said_now.get(key) == now]
    assert any(of == language for _, _, of, _, _ in rows)
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_begin_with_a_capital_and_end_without_a_full_stop(language: str) -> None:
    for path, text in texts(translation(language)["entity"]):
        first = text.lstrip("{")[0]
        # eCharge and the like are names that SENEC wrote so.
        assert first.isupper() or first.isdigit() or text.startswith("{"), f"{path}: {text}"
        assert not text.endswith("."), f"{path}: {text}"


def test_labels_of_fields_are_short() -> None:
    tree = translation("en")
    for name in ("config", "options"):
        for step_id, step in tree[name]["step"].items():
            for field, label in step.get("data", {}).items():
                words = [word for word in label.split() if word.lower() not in ARTICLES]
                assert len(words) <= LONGEST_LABEL, f"{name}.{step_id}.{field}: {label}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_states_of_one_sensor_differ(language: str) -> None:
    for platform, entities in translation(language)["entity"].items():
        for key, entity in entities.items():
            states = list(entity.get("state", {}).values())
            twice = {text for text in states if states.count(text) > 1}
            assert twice == set(), f"{platform}.{key}"


def test_a_digest_belongs_to_each_english_text() -> None:
    for row in source.read_tables():
        assert row.target is not None or row.english == source.digest(row.texts[0]), row.place
