"""What the ingest URL answers to good and bad requests, and what it keeps of them."""

import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from automations.models import Change
from tests.world import ANA, SECRET, hmac_hex, insites, make_source, post, update, work
from webhooks_in import intake, quarantine
from webhooks_in.models import Receipt, Refusal, Source
from webhooks_out import definitions, drains

__all__ = ["insites"]

BODY = json.dumps(update({"stage": "Enrolled"})).encode()


@pytest.fixture
def signed(db: None) -> Source:
    """A source that checks GitHub's signature."""
    return make_source(preset="github", secret=SECRET)


def test_a_request_is_stored_before_it_is_answered(insites: Source) -> None:
    response = post(insites, BODY)
    receipt = Receipt.objects.get()
    assert response.status_code == 202
    assert response.json() == {"receipt": str(receipt.pk), "duplicate": False}
    assert bytes(receipt.body) == BODY


@pytest.mark.parametrize("body", [BODY, b"{"])
def test_the_length_of_an_answer_is_said(insites: Source, body: bytes) -> None:
    response = post(insites, body)
    assert response["Content-Length"] == str(len(response.content))


@pytest.mark.django_db(transaction=True)
def test_ingest_takes_three_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    source = make_source(dedup_template="{snapshot.id}")
    drains.ensure_watches()
    definitions.touch()
    post(source, BODY)
    with django_assert_num_queries(3):  # receipt, and who sees to the queue
        post(source, update({}, id=8))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"id": 1} {"id": 2}', b'{"id": NaN}', b'{"id": Infinity}', b'{"id": "\xff"}', b"[" * 99],
)
def test_what_cannot_be_read_is_counted_not_kept(insites: Source, body: bytes) -> None:
    assert post(insites, body).status_code == 400
    assert not Receipt.objects.exists()
    assert Refusal.objects.get().count == 1


def test_a_bom_is_no_mistake(insites: Source) -> None:
    assert post(insites, b"\xef\xbb\xbf" + BODY).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": 3, "note": "a\\u0000b"}',
        b'{"id": 3, "note": "\\ud800"}',
        b'{"id": 3, "debt": 1e400}',
        b'{"id": 9223372036854775809}',
        b'{"id": 3, "changes": 7, "snapshot": []}',
        b'{"changes": "x"}',
        b'{"entity": 5}',
        b"[]",
        b"7",
        b'{"id": 3, "at": "0000-00-00", "then": "\\/Date(99999999999999999)\\/"}',
    ],
)
def test_odd_values_are_kept_and_break_nothing(insites: Source, body: bytes) -> None:
    assert post(insites, body).status_code == 202
    work()
    assert Receipt.objects.get().state in ("done", "dead")
    assert post(insites, BODY).status_code == 202


def test_5000_digits_are_refused(insites: Source) -> None:
    assert post(insites, b'{"id": ' + b"9" * 5000 + b"}").status_code == 400


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/xml", 415), ("application/json; charset=klingon", 415), ("application/vnd.api+json", 202)],
)
def test_the_content_type_decides(insites: Source, content_type: str, status: int) -> None:
    assert Client().generic("POST", insites.path, BODY, content_type=content_type).status_code == status


def test_compressed_bodies_are_refused(insites: Source) -> None:
    assert post(insites, BODY, Content_Encoding="gzip").status_code == 415


def test_too_large_is_refused_without_reading_on(db: None) -> None:
    source = make_source(max_body=1024)
    assert post(source, b'{"id": 1, "x": "' + b"x" * 2000 + b'"}').status_code == 413


def test_a_body_of_unannounced_length_is_refused(insites: Source) -> None:
    response = Client().generic("POST", insites.path, b"", headers={"Transfer-Encoding": "chunked"})
    assert response.status_code == 411


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "٣"])
def test_a_senseless_length_is_refused(insites: Source, length: str) -> None:
    response = Client().generic("POST", insites.path, BODY, CONTENT_LENGTH=length)
    assert response.status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(insites: Source, method: str) -> None:
    response = Client().generic(
        method, insites.path + "?format=api", headers={"X-HTTP-Method-Override": "POST"}
    )
    assert response.status_code == 405
    assert not Receipt.objects.exists()


def test_a_posting_url_takes_get(db: None) -> None:
    source = make_source(dialect="key_values", allow_get=True)
    assert Client().get(source.path, {"firstname": "test", "lasname": "test"}).status_code == 202
    assert Receipt.objects.get().query == "firstname=test&lasname=test"


def test_a_missing_slash_loses_no_body(insites: Source) -> None:
    assert Client().post(insites.path.rstrip("/"), BODY, content_type="application/json").status_code == 202


def test_a_foreign_host_is_refused(insites: Source) -> None:
    assert post(insites, BODY, Host="evil.example").status_code == 400


def test_unknown_disabled_and_badly_signed_look_the_same(signed: Source) -> None:
    disabled = make_source("Off", active=False)
    unknown = make_source("Gone")
    unknown.delete()
    answers = [post(source, BODY, X_Hub_Signature_256="sha256=00") for source in (signed, disabled, unknown)]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (401, b'{"error": "not verified"}')
    }


@pytest.mark.parametrize(
    "signature", ["", "sha256=", "sha256=é", "x" * 60_000, ",".join(["sha256=00"] * 6_000)]
)
def test_a_bad_signature_is_no_exception(signed: Source, signature: str) -> None:
    assert post(signed, BODY, X_Hub_Signature_256=signature).status_code == 401


def test_a_good_signature_passes(signed: Source) -> None:
    assert post(signed, BODY, X_Hub_Signature_256=f"sha256={hmac_hex(BODY)}").status_code == 202


def test_what_failed_verification_is_kept_and_released_when_the_secret_is_right(signed: Source) -> None:
    signed.secret = "a mistyped secret"
    signed.save()
    post(signed, BODY, X_Hub_Signature_256=f"sha256={hmac_hex(BODY)}")
    post(signed, BODY, X_Hub_Signature_256="sha256=00")
    work()
    assert not Change.objects.exists()
    signed.secret = SECRET
    signed.save()
    assert quarantine.release(Receipt.objects.all(), "http://127.0.0.1:8000") == (1, 1)
    work()
    assert Change.objects.count() == 1


def test_the_quarantine_is_bounded(signed: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MAX_HELD", 2)
    for _ in range(4):
        post(signed, BODY)
    assert Receipt.objects.count() == 2
    assert Refusal.objects.get(status=401).count == 4


def test_secret_headers_are_not_kept(insites: Source) -> None:
    post(insites, BODY, Authorization="Basic aGk6aGk=", Cookie="a=b", X_Api_Key="hush", X_Trace="7")
    kept = Receipt.objects.get().headers
    assert (kept["authorization"], kept["cookie"], kept["x-api-key"]) == ("(not kept)",) * 3
    assert kept["x-trace"] == "7"


@pytest.mark.parametrize("repeats", [1, 24])
def test_the_same_identity_counts_once(db: None, repeats: int) -> None:
    source = make_source(dedup_template="{webhook-id}")
    answers = [post(source, BODY, Webhook_Id="msg_1") for _ in range(repeats + 1)]
    assert [answer.status_code for answer in answers] == [202] + [200] * repeats
    assert (Receipt.objects.get().duplicates, Receipt.objects.get().conflict) == (repeats, False)


def test_the_same_identity_with_another_body_is_marked(db: None) -> None:
    source = make_source(dedup_template="{webhook-id}")
    post(source, BODY, Webhook_Id="msg_1")
    post(source, b'{"id": 9}', Webhook_Id="msg_1")
    assert Receipt.objects.get().conflict


def test_identical_bodies_count_once_within_the_window(db: None) -> None:
    source = make_source(dedup_window=600)
    assert [post(source, BODY).status_code for _ in range(2)] == [202, 200]


def test_identities_beyond_64_bits_stay_apart(db: None) -> None:
    source = make_source(dedup_template="{id}")
    for number in (9223372036854775809, 9223372036854775810):
        post(source, {"id": number})
    assert Receipt.objects.count() == 2


def test_one_bad_item_never_drops_the_good(insites: Source) -> None:
    post(insites, [ANA, {"no": "id"}, {**ANA, "id": 8}])
    work()
    receipt = Receipt.objects.get()
    assert Change.objects.count() == 2
    assert (receipt.state, len(receipt.notes)) == ("done", 1)


def test_without_a_database_the_sender_is_asked_to_try_again(
    insites: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> None:
        raise OperationalError("the database is down")

    monkeypatch.setattr(intake, "receive", down)
    response = post(insites, BODY)
    assert (response.status_code, response["Retry-After"]) == (503, "5")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="a SQLite file has no connection that could break")
def test_a_connection_that_broke_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    source, receive, broken = make_source(), intake.receive, iter([True])

    def break_once(*arguments: Any) -> intake.Stored:
        if next(broken, False):
            connection.connection.close()
        return receive(*arguments)

    monkeypatch.setattr(intake, "receive", break_once)
    assert post(source, BODY).status_code == 202
