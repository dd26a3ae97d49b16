"""One verifier for every scheme: published vectors, secrets, bounds and what it says when it refuses."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from timeit import repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webhooks_in.presets import PRESETS
from webhooks_in.schemes import DIGESTS, ENCODINGS, MODES, SECRET_DECODINGS
from webhooks_in.verification import Message, NotVerified, Scheme, problems, verify

NOW = 1_700_000_000.0
SIGNED = Scheme(mode="hmac", header="X-Signature")
TIMED = replace(SIGNED, content="{timestamp}.{body}", timestamp_header="x-time", tolerance=300)
LISTED = replace(SIGNED, prefix="v1=", separator=",")


def message(body: bytes = b"{}", headers: Mapping[str, str] | None = None, **more: str) -> Message:
    """A request, POSTed unless told otherwise."""
    return Message(more.get("method", "POST"), more.get("url", ""), headers or {}, body)


def sign(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def refusal(scheme: Scheme, secrets: list[str], request: Message, now: float = NOW) -> str:
    """The reason of a refusal."""
    with pytest.raises(NotVerified) as caught:
        verify(scheme, secrets, request, now)
    return str(caught.value)


CLOSE_BODY = (
    b'{"event": {"id": "ev_4YUAT9G7PQNYEX0V7HpiZa", "date_created": "2019-01-01T13:33:00.842000", "data": '
    b'{"object_type": "activity.note", "action": "created", "note": "test content"}}, '
    b'"subscription_id": "whsub_mBTylJxRXaBOXcuQmgUdmL"}'
)
HUBSPOT_BODY = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
    b'"changeFlag":"NEW","appId":54321}]'
)
PUBLISHED = {
    "standard-webhooks": (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message(
            b'{"test": 2432232314}',
            {
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
        ),
        1_614_265_330,
    ),
    "github": (
        "It's a Secret to Everybody",
        message(
            b"Hello, World!",
            {
                "x-hub-signature-256": "sha256="
                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            },
        ),
        0,
    ),
    "close": (
        "b9260244ef33625f9b4b26a27db08758cdd39478b852c73f2d33ab042eb8abb4",
        message(
            CLOSE_BODY,
            {
                "close-sig-timestamp": "1557751596",
                "close-sig-hash": "e6cf27a55de463dc46d8b5c16d2afe74d766e8f0c9892422c93573521cd377ed",
            },
        ),
        1_557_751_596,
    ),
    "hubspot-v1": (
        "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
        message(
            HUBSPOT_BODY,
            {"x-hubspot-signature": "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"},
        ),
        0,
    ),
    "hubspot-v2": (
        "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
        message(
            b"",
            {"x-hubspot-signature": "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"},
            method="GET",
            url="https://www.example.com/webhook_uri",
        ),
        0,
    ),
}


@pytest.mark.parametrize("preset", PUBLISHED)
def test_the_vectors_the_senders_publish_are_verified(preset: str) -> None:
    secret, request, now = PUBLISHED[preset]
    verify(PRESETS[preset].scheme, [secret], request, now)


@pytest.mark.parametrize("preset", PUBLISHED)
def test_a_published_vector_with_one_more_byte_is_refused(preset: str) -> None:
    secret, request, now = PUBLISHED[preset]
    altered = replace(request, body=request.body + b" ")
    assert "does not fit" in refusal(PRESETS[preset].scheme, [secret], altered, now)


def test_any_of_several_secrets_verifies() -> None:
    verify(SIGNED, ["new", "old"], message(headers={"x-signature": sign("old", b"{}")}), NOW)


def test_any_of_several_signatures_verifies() -> None:
    value = f"v0=aa, v1={sign('other', b'{}')}, v1={sign('secret', b'{}')}"
    verify(LISTED, ["secret"], message(headers={"x-signature": value}), NOW)


def test_a_signature_of_another_version_does_not_count() -> None:
    value = f"v0={sign('secret', b'{}')}"
    assert "no signature that starts with" in refusal(
        LISTED, ["secret"], message(headers={"x-signature": value})
    )


def test_hexadecimal_digits_may_be_capitals() -> None:
    verify(SIGNED, ["secret"], message(headers={"x-signature": sign("secret", b"{}").upper()}), NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_an_empty_secret_never_verifies(secrets: list[str]) -> None:
    assert "no secret" in refusal(SIGNED, secrets, message(headers={"x-signature": sign("", b"{}")}))


def test_a_secret_that_cannot_be_decoded_does_not_hide_the_next() -> None:
    scheme = replace(SIGNED, secret_decoding="hex")
    verify(scheme, ["not hex", b"secret".hex()], message(headers={"x-signature": sign("secret", b"{}")}), NOW)


def test_only_the_first_five_secrets_are_tried() -> None:
    request = message(headers={"x-signature": sign("sixth", b"{}")})
    assert "does not fit" in refusal(SIGNED, ["1", "2", "3", "4", "5", "sixth"], request)


@pytest.mark.parametrize(("late", "words"), [(301, "in the past"), (-301, "in the future")])
def test_the_tolerance_is_two_sided(late: int, words: str) -> None:
    stamp = str(int(NOW) - late)
    headers = {"x-time": stamp, "x-signature": sign("secret", f"{stamp}.{{}}".encode())}
    assert words in refusal(TIMED, ["secret"], message(headers=headers))


@pytest.mark.parametrize("late", [300, 0, -300])
def test_a_timestamp_within_the_tolerance_passes(late: int) -> None:
    stamp = str(int(NOW) - late)
    headers = {"x-time": stamp, "x-signature": sign("secret", f"{stamp}.{{}}".encode())}
    verify(TIMED, ["secret"], message(headers=headers), NOW)


def test_two_timestamps_in_one_header_are_refused() -> None:
    scheme = PRESETS["stripe"].scheme
    value = f"t={NOW:.0f},t=1,v1={sign('whsec_x', f'{NOW:.0f}.{{}}'.encode())}"
    assert "timestamp" in refusal(scheme, ["whsec_x"], message(headers={"stripe-signature": value}))


def test_an_id_cannot_move_the_border_to_timestamp_and_body() -> None:
    signed = b"msg_1.1700000000.{}.1700000000.rest"  # as the sender signed it: id msg_1
    signature = base64.b64encode(hmac.digest(b"secret", signed, "sha256")).decode()
    headers = {
        "webhook-id": "msg_1.1700000000.{}",
        "webhook-timestamp": "1700000000",
        "webhook-signature": f"v1,{signature}",
    }
    scheme = replace(PRESETS["standard-webhooks"].scheme, secret_decoding="utf-8")
    assert "message id" in refusal(scheme, ["secret"], message(b"rest", headers))


def test_hubspot_decodes_the_escapes_it_lists_and_no_others() -> None:
    stamp = f"{NOW * 1000:.0f}"
    signed = f"POSThttps://hub.example/in/x?a=b:c/d%20e{{}}{stamp}".encode()
    headers = {
        "x-hubspot-request-timestamp": stamp,
        "x-hubspot-signature-v3": base64.b64encode(hmac.digest(b"secret", signed, "sha256")).decode(),
    }
    request = message(headers=headers, url="https://hub.example/in/x?a=b%3Ac%2fd%20e")
    verify(PRESETS["hubspot-v3"].scheme, ["secret"], request, NOW)


def test_a_token_of_any_script_is_compared_as_it_was_sent() -> None:
    scheme = Scheme(mode="token-equals", header="x-token")
    verify(scheme, ["pässwörd"], message(headers={"x-token": "pässwörd".encode().decode("latin-1")}), NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<OrganizationId></OrganizationId>",
        b"<OrganizationId>00Dx</OrganizationId><OrganizationId>00Dy</OrganizationId>",
        b"<OrganizationId>00Dx</OrganizationId>" * 2,
        b"<NotOrganizationId>00Dx</NotOrganizationId>",
        b"<OrganizationId>" * 60_000,
        b"<OrganizationId>" + b" " * 900_000,
    ],
)
def test_an_xml_body_must_hold_its_token_exactly_once(body: bytes) -> None:
    assert "no token" in refusal(PRESETS["salesforce"].scheme, ["00Dx"], message(body))


def test_a_token_without_its_prefix_is_refused() -> None:
    scheme = Scheme(mode="token-equals", header="authorization", prefix="Bearer ")
    verify(scheme, ["tok-1"], message(headers={"authorization": "Bearer tok-1"}), NOW)
    assert "does not start with" in refusal(scheme, ["tok-1"], message(headers={"authorization": "tok-1"}))


def test_an_unknown_mode_verifies_nothing() -> None:
    assert "does not exist" in refusal(Scheme(mode="telepathy"), ["secret"], message())


def test_a_tolerance_without_a_timestamp_verifies_nothing() -> None:
    request = message(headers={"x-signature": sign("secret", b"{}")})
    assert "names no timestamp" in refusal(replace(SIGNED, tolerance=5), ["secret"], request)


TEXTS = st.text(max_size=40) | st.sampled_from(
    ["", "v1=aa,v1=bb", "t=1,v1=aa", "Basic YTpi", "é", "\ud800", "9" * 30]
)
SCHEMES = st.builds(
    Scheme,
    mode=st.sampled_from([*MODES]) | TEXTS,
    digest=st.sampled_from(DIGESTS) | TEXTS,
    encoding=st.sampled_from([*ENCODINGS]) | TEXTS,
    header=st.sampled_from(["a", "b", ""]),
    prefix=st.sampled_from(["", "v1="]),
    separator=st.sampled_from(["", ",", ":"]),
    wrapping=st.sampled_from(["", "base64"]),
    secret_decoding=st.sampled_from([*SECRET_DECODINGS]) | TEXTS,
    content=st.sampled_from(["{body}", "{id}.{timestamp}.{body}", "{method}{url}{secret}{}{x}"]) | TEXTS,
    timestamp_header=st.sampled_from(["", "b"]),
    timestamp_prefix=st.sampled_from(["", "t="]),
    timestamp_unit=st.sampled_from(["s", "ms", "?"]),
    tolerance=st.integers(-1, 10),
    id_header=st.sampled_from(["", "b"]),
    body_path=st.sampled_from(["", "a.b", "<a>", "<", "<(>"]),
    url_decode=TEXTS,
)


@settings(max_examples=400, deadline=None)
@given(
    scheme=SCHEMES,
    secrets=st.lists(TEXTS, max_size=3),
    headers=st.dictionaries(st.sampled_from(["a", "b", "authorization"]), TEXTS),
    url=TEXTS,
    body=st.binary(max_size=60) | st.sampled_from([b'{"a":{"b":"x"}}', b"<a>x</a>"]),
)
def test_whatever_comes_nothing_but_not_verified_is_raised(
    scheme: Scheme, secrets: list[str], headers: dict[str, str], url: str, body: bytes
) -> None:
    with suppress(NotVerified):
        verify(scheme, secrets, Message("POST", url, headers, body), NOW)
    assert isinstance(problems(scheme, secrets), list)


def test_one_hmac_over_a_usual_body_costs_little() -> None:
    body = b"x" * 2_000
    request = message(body, {"x-signature": sign("secret", body)})
    best = min(repeat(lambda: verify(SIGNED, ["secret"], request, NOW), number=500, repeat=5)) / 500
    assert best < 0.0001  # seconds; about a tenth of it is usual, the rest is for a busy machine
