"""The tables of texts, and what is generated from them."""

import json
from pathlib import Path

import pytest

from scripts.texts import source
from scripts.texts.source import LANGUAGES, Row, SourceError

from .files import ROOT, texts, translation


def row(key: str, *said: str, english: str = "") -> Row:
    """Return a row; one text is said in all languages."""
    return Row(key, said * 4 if len(said) == 1 and not said[0].startswith("@") else said, english)


def table(folder: Path, *lines: str, name: str = "kind.tsv") -> Path:
    """Write a table of tab-separated lines."""
    path = folder / name
    path.write_text("\n".join(("\t".join(source.HEADER), *lines)) + "\n")
    return path


def test_translations_are_what_the_tables_say() -> None:
    assert source.generate(check=True) == [], "run scripts/texts/generate"


def test_every_text_of_the_tables_is_used() -> None:
    rows = source.read_tables()
    targets = [r.target for r in rows if r.target is not None]
    for r in rows:
        if r.key.startswith(("words.", "states.")):
            assert any(t == r.key or r.key.startswith(f"{t}.") for t in targets), r.place


def test_no_text_of_a_state_is_a_copy() -> None:
    assert source.copies(source.state_rows(source.read_tables()), ("",)) == []


def test_changed_english_needs_its_translations(tmp_path: Path) -> None:
    path = table(tmp_path, "common.a\tOne\tEins\tUno\tUnu")
    source.generate(tables=tmp_path, out=tmp_path)
    path.write_text(path.read_text().replace("One", "Two"))
    with pytest.raises(SourceError, match=r"common.a: the English changed"):
        source.generate(tables=tmp_path, out=tmp_path)
    assert json.loads((tmp_path / "en.json").read_text()) == {"common": {"a": "One"}}
    path.write_text("\n".join(line.rpartition("\t")[0] for line in path.read_text().splitlines()))
    table(tmp_path, "common.a\tTwo\tZwei\tDue\tDoi")
    source.generate(tables=tmp_path, out=tmp_path)
    assert json.loads((tmp_path / "de.json").read_text()) == {"common": {"a": "Zwei"}}


@pytest.mark.parametrize("lines", [["common.a\tOne\tEins\tUno"], ["common.a\tOne\tEins\t\tUnu"]])
def test_a_missing_translation_is_an_error(tmp_path: Path, lines: list[str]) -> None:
    table(tmp_path, *lines)
    with pytest.raises(SourceError, match=r"kind.tsv:2: common.a has no text in"):
        source.read_tables(tmp_path)


def test_too_many_columns_are_an_error(tmp_path: Path) -> None:
    table(tmp_path, "common.a\tOne\tEins\tUno\tUnu\t\tmore")
    with pytest.raises(SourceError, match="has 6 texts"):
        source.read_tables(tmp_path)


def test_a_table_without_its_header_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "kind.tsv").write_text("common.a\tOne\tEins\tUno\tUnu\n")
    with pytest.raises(SourceError, match="the first line must be key en de it ro english"):
        source.read_tables(tmp_path)


def test_a_key_in_two_tables_is_an_error(tmp_path: Path) -> None:
    table(tmp_path, "common.a\tOne\tEins\tUno\tUnu", name="a.tsv")
    table(tmp_path, "common.a\tTwo\tZwei\tDue\tDoi", name="b.tsv")
    with pytest.raises(SourceError, match=r"b.tsv: common.a: is also in a.tsv"):
        source.read_tables(tmp_path)


def test_a_copied_state_is_an_error(tmp_path: Path) -> None:
    table(
        tmp_path,
        "words.off\tOff\tAus\tSpento\tOprit",
        "entity.sensor.a.state.off\tOff\tAus\tSpento\tOprit",
    )
    with pytest.raises(SourceError, match=r"entity.sensor.a.state.off: repeats .*write @words.off"):
        source.generate(tables=tmp_path, out=tmp_path)


def test_check_changes_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, "common.b\tB\tB\tB\tB", "common.a\tA\tA\tA\tA")
    before = path.read_bytes()
    changed = source.generate(check=True, tables=tmp_path, out=tmp_path)
    assert [p.name for p in changed] == ["kind.tsv", *(f"{lang}.json" for lang in LANGUAGES)]
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_lines_break_where_the_table_says(tmp_path: Path) -> None:
    table(tmp_path, "common.a\tOne\\n\\ntwo\tEins\\n\\nzwei\tUno\\n\\ndue\tUnu\\n\\ndoi")
    source.generate(tables=tmp_path, out=tmp_path)
    assert json.loads((tmp_path / "it.json").read_text()) == {"common": {"a": "Uno\n\ndue"}}
    assert source.generate(check=True, tables=tmp_path, out=tmp_path) == []


def test_references() -> None:
    rows = [
        row("words.off", "Off"),
        row("states.switch.off", "@words.off"),
        row("states.switch.on", "On"),
        row("entity.sensor.a.name", "A"),
        row("entity.sensor.a.state", "@states.switch"),
        row("entity.sensor.a.state.broken", "Broken"),
        row("entity.select.a", "@entity.sensor.a"),
        row("entity.select.a.state.on", "Running"),
    ]
    content = json.loads(source.render(rows)["en"])
    states = {"broken": "Broken", "off": "Off", "on": "On"}
    assert content == {
        "entity": {
            "select": {"a": {"name": "A", "state": {**states, "on": "Running"}}},
            "sensor": {"a": {"name": "A", "state": states}},
        }
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("common.a", "@common.b"), row("common.b", "@common.a")], "refer to each other"),
        ([row("common.a", "@common.a")], "refer to each other"),
        ([row("common.a", "@words.gone")], "there is no words.gone"),
        ([row("rooms.a", "A")], "rooms is no section"),
        ([row("common.a", "A"), row("common.a.b", "B")], "is a text and has texts below it"),
    ],
)
def test_tables_that_cannot_be_used(rows: list[Row], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        source.render(rows)


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert source.main(["--check"]) == 0
    monkeypatch.setattr(source, "generate", lambda check: [Path("de.json")])
    assert source.main(["--check"]) == 1
    assert capsys.readouterr().out == "not generated: de.json\n"

    def fail(check: bool) -> list[Path]:
        raise SourceError("evn.tsv", "something")

    monkeypatch.setattr(source, "generate", fail)
    assert source.main([]) == 1
    assert capsys.readouterr().err == "evn.tsv: something\n"


def test_the_tables_hold_every_text_once() -> None:
    """What Home Assistant reads has as many texts as the tables resolve to."""
    published = {
        key
        for key in source.resolve(source.read_tables())
        if not key.startswith(("words.", "states."))
    }
    assert published == {key for key, _ in texts(translation("en"))}
    assert (ROOT / "scripts" / "texts" / "README.md").exists()
