"""What an administrator is told about a scheme that cannot verify anything yet."""

from dataclasses import replace

import pytest

from webhooks_in.schemes import Scheme, unbase64
from webhooks_in.verification import problems

SIGNED = Scheme(mode="hmac", header="X-Signature")


@pytest.mark.parametrize(
    ("scheme", "secrets", "words"),
    [
        (Scheme(mode="?"), [], "verification modes"),
        (Scheme(mode="hmac"), [], "Name the header"),
        (Scheme(mode="token-equals"), [], "place in the body"),
        (replace(SIGNED, digest="md5"), [], "digest is one of"),
        (replace(SIGNED, content="{timestamp}"), [], "must contain {body}"),
        (replace(SIGNED, content="{timestamp}{body}"), [], "{timestamp} needs"),
        (replace(SIGNED, content="{id}{body}"), [], "{id} needs"),
        (replace(SIGNED, tolerance=5), [], "tolerance needs"),
        (replace(SIGNED, mode="plain-hash"), [], "must contain {secret}"),
        (replace(SIGNED, secret_decoding="hex"), ["xyz"], "not written as hex"),
        (Scheme(mode="basic"), ["anna"], "user:password"),
        (replace(SIGNED, mode="ed25519"), ["secret"], "no public key"),
    ],
)
def test_an_administrator_is_told_what_a_scheme_lacks(scheme: Scheme, secrets: list[str], words: str) -> None:
    assert any(words in sentence for sentence in problems(scheme, secrets))


@pytest.mark.parametrize(
    ("scheme", "secrets"),
    [
        (Scheme(), []),
        (SIGNED, ["secret"]),
        (Scheme(mode="basic"), ["anna:pass"]),
        (Scheme(mode="token-equals", body_path="token"), ["secret"]),
        (
            replace(
                SIGNED, content="{id}.{timestamp}.{body}", id_header="i", timestamp_header="t", tolerance=5
            ),
            [],
        ),
    ],
)
def test_nothing_is_said_of_a_complete_scheme(scheme: Scheme, secrets: list[str]) -> None:
    assert problems(scheme, secrets) == []


@pytest.mark.parametrize("text", ["c2VjcmV0", " c2VjcmV0\n"])
def test_base64_may_have_blanks_around_it(text: str) -> None:
    assert unbase64(text) == b"secret"


@pytest.mark.parametrize("text", ["YQ==", "YQ"])
def test_base64_may_lack_its_padding(text: str) -> None:
    assert unbase64(text) == b"a"


@pytest.mark.parametrize("text", ["a", "a-_b", "é", "YQ==YQ=="])
def test_what_is_not_base64_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - binascii words it differently each time
        unbase64(text)
