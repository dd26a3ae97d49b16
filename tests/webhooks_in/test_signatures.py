"""Whether a signature fits: keys of every form, unknown digests, wrong kinds of keys."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from webhooks_in.schemes import NotVerified, Scheme
from webhooks_in.signatures import fits, keys, unusable

EDWARDS = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
PUBLIC = EDWARDS.public_key()
SPKI = PublicFormat.SubjectPublicKeyInfo
SCHEME = Scheme(mode="ed25519", encoding="hex", header="x")
SIGNATURE = EDWARDS.sign(b"content").hex().encode()
FORMS = {
    "PEM": PUBLIC.public_bytes(Encoding.PEM, SPKI).decode(),
    "base64 of DER": base64.b64encode(PUBLIC.public_bytes(Encoding.DER, SPKI)).decode(),
    "base64 of the bytes": base64.b64encode(PUBLIC.public_bytes_raw()).decode(),
    "Standard Webhooks": "whpk_" + base64.b64encode(PUBLIC.public_bytes_raw()).decode(),
}
NO_KEYS = {
    "another curve": generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.PEM, SPKI).decode(),
    "a private key": EDWARDS.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    "a broken PEM": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    "base64 of anything": base64.b64encode(b"x" * 40).decode(),
    "not ASCII": "é",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_public_key_may_be_written_in_any_usual_form(form: str) -> None:
    assert fits(SCHEME, FORMS[form].encode(), b"content", [b"rubbish", SIGNATURE])
    assert unusable(SCHEME, [FORMS[form]]) == []


@pytest.mark.parametrize("kind", NO_KEYS)
def test_what_is_no_key_of_the_kind_fits_nothing(kind: str) -> None:
    assert not fits(SCHEME, NO_KEYS[kind].encode(), b"content", [SIGNATURE])
    assert len(unusable(SCHEME, [NO_KEYS[kind], FORMS["PEM"]])) == 1


def test_a_key_of_the_other_kind_fits_nothing() -> None:
    assert not fits(replace(SCHEME, mode="rsa-sha256"), FORMS["PEM"].encode(), b"content", [SIGNATURE])


@pytest.mark.parametrize("scheme", [Scheme(mode="hmac", digest="md5"), Scheme(mode="hmac", encoding="rot13")])
def test_an_unknown_digest_or_encoding_verifies_nothing(scheme: Scheme) -> None:
    with pytest.raises(NotVerified, match="does not exist"):
        fits(scheme, b"key", b"content", [b"x"])


def test_secrets_that_cannot_be_read_are_passed_over() -> None:
    assert list(keys(Scheme(secret_decoding="hex"), ["zz", "", "6b"])) == [b"k"]


def test_an_unknown_way_of_writing_secrets_leaves_none() -> None:
    with pytest.raises(NotVerified, match="no secret"):
        list(keys(Scheme(secret_decoding="rot13"), ["secret"]))
