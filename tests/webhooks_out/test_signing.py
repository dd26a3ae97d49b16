"""Signatures are those of the specification, and those its reference library accepts."""

import base64
import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from webhooks_out import signing

PUBLISHED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"name": "Jürgen", "amount": 0.10}'.encode()


def secret(length: int) -> str:
    return signing.PREFIX + base64.b64encode(b"k" * length).decode()


def test_the_published_example_has_the_published_signature():
    headers = signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [PUBLISHED]
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_reference_library_accepts_what_we_sign():
    key = signing.new_secret()
    now = int(datetime.now(UTC).timestamp())
    assert Webhook(key).verify(BODY.decode(), signing.headers("msg_1", now, BODY, [key])) == json.loads(BODY)


@pytest.mark.parametrize("holder", [0, 1])
def test_during_a_rotation_holders_of_either_secret_accept(holder):
    keys = [signing.new_secret(), signing.new_secret()]
    now = int(datetime.now(UTC).timestamp())
    assert Webhook(keys[holder]).verify(BODY.decode(), signing.headers("msg_1", now, BODY, keys))


def test_without_a_secret_the_id_is_sent_all_the_same():
    assert signing.headers("msg_1", 7, BODY, []) == {"webhook-id": "msg_1", "webhook-timestamp": "7"}


def test_new_secrets_are_acceptable_and_all_different():
    keys = {signing.new_secret() for _ in range(50)}
    assert len(keys) == 50
    assert {signing.check_secret(key) for key in keys} == {""}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (secret(24), ""),
        (secret(64), ""),
        (secret(23), "has 24 to 64 bytes; this one has 23"),
        (secret(65), "this one has 65"),
        ("whsec_", "this one has 0"),
        ("", "starts with whsec_"),
        (secret(32).removeprefix("whsec_"), "starts with whsec_"),
        ("whsec_not base64!", "must be Base64"),
        ("whsec_" + "é" * 32, "must be Base64"),
        (secret(32).rstrip("="), "must be Base64"),
        (secret(32) + "\n", "must be Base64"),
    ],
)
def test_a_secret_is_base64_of_24_to_64_bytes(text, sentence):
    problem = signing.check_secret(text)
    assert sentence in problem if sentence else not problem


def test_a_bad_secret_is_not_signed_with():
    with pytest.raises(ValueError, match="starts with whsec_"):
        signing.headers("msg_1", 7, BODY, ["hunter2"])


def signed(**changes: str) -> dict[str, str]:
    return signing.headers("msg_1", 1_700_000_000, BODY, [secret(24)]) | changes


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_what_we_sign_is_verified_while_the_clocks_agree(seconds):
    assert signing.verified(signed(), BODY, secret(24), 1_700_000_000 + seconds)


def test_one_good_signature_among_others_is_enough():
    several = "v1,AAAA " + signed()["webhook-signature"]
    assert signing.verified(signed(**{"webhook-signature": several}), BODY, secret(24), 1_700_000_000)


@pytest.mark.parametrize(
    ("changes", "body", "key", "seconds"),
    [
        ({}, BODY + b" ", 24, 0),
        ({}, BODY, 25, 0),
        ({}, BODY, 24, 301),
        ({}, BODY, 24, -301),
        ({"webhook-id": "msg_2"}, BODY, 24, 0),
        ({"webhook-timestamp": "1700000001"}, BODY, 24, 0),
        ({"webhook-timestamp": "9" * 5000}, BODY, 24, 0),
        ({"webhook-timestamp": "nan"}, BODY, 24, 0),
        ({"webhook-signature": ""}, BODY, 24, 0),
        ({"webhook-signature": "v1,ü \ud800"}, BODY, 24, 0),
    ],
)
def test_everything_else_is_not_verified(changes, body, key, seconds):
    assert not signing.verified(signed(**changes), body, secret(key), 1_700_000_000 + seconds)


@pytest.mark.parametrize("shared", ["a text of twenty-four chars", "ü" * 200])
def test_any_shared_text_makes_a_signing_secret(shared):
    assert not signing.check_secret(signing.secret_of(shared))
