import pytest

from custom_components.hausstrom.evn.protocol.key import InvalidKeyError, KeyMistake, parse_key

KEY = bytes.fromhex("36C66639E48A8CA4D6BC8B282A793B0D")
DIGITS = KEY.hex().upper()


@pytest.mark.parametrize(
    "text",
    [
        DIGITS,
        DIGITS.lower(),
        f"  {DIGITS}\n",
        " ".join(DIGITS[n : n + 2] for n in range(0, 32, 2)),
        ":".join(DIGITS[n : n + 2] for n in range(0, 32, 2)),
        "-".join(DIGITS[n : n + 4] for n in range(0, 32, 4)),
        "{" + ", ".join(f"0x{byte:02x}" for byte in KEY) + "};",
        f"0x{DIGITS}",
        f"0X{DIGITS}",
        f'"{DIGITS}"',
        f"GUEK: {DIGITS}".removeprefix("GUEK"),
        ".".join(DIGITS[n : n + 8] for n in range(0, 32, 8)),
        "_".join(DIGITS[n : n + 8] for n in range(0, 32, 8)),
        str([f"{byte:02x}" for byte in KEY]),
        "".join(f"\\x{byte:02x}" for byte in KEY),
        " ".join(DIGITS[n : n + 4] for n in range(0, 32, 4)).replace(" ", "\u00a0"),
    ],
)
def test_spellings_that_people_have(text: str) -> None:
    assert parse_key(text) == KEY


@pytest.mark.parametrize(
    ("text", "reason", "suggestion"),
    [
        ("", KeyMistake.EMPTY, None),
        (" - : ", KeyMistake.EMPTY, None),
        ("not a key", KeyMistake.NOT_HEX, None),
        (DIGITS[:-1] + "G", KeyMistake.NOT_HEX, None),
        ("Sixteen letters!", KeyMistake.SIXTEEN_CHARACTERS, b"Sixteen letters!".hex().upper()),
        ("0123456789ABCDEF", KeyMistake.SIXTEEN_CHARACTERS, b"0123456789ABCDEF".hex().upper()),
        (DIGITS.encode().hex(), KeyMistake.SIXTY_FOUR_CHARACTERS, DIGITS),
        ("00" * 32, KeyMistake.SIXTY_FOUR_CHARACTERS, None),
        (DIGITS[:-1], KeyMistake.WRONG_LENGTH, None),
        (DIGITS + "00", KeyMistake.WRONG_LENGTH, None),
    ],
)
def test_mistakes_are_named(text: str, reason: KeyMistake, suggestion: str | None) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        parse_key(text)
    assert caught.value.reason is reason
    assert caught.value.suggestion == suggestion


def test_the_message_keeps_the_secret() -> None:
    with pytest.raises(InvalidKeyError) as caught:
        parse_key(DIGITS + "00")
    assert DIGITS not in str(caught.value)
