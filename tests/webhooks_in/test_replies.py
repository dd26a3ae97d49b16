"""Lead vendors are told what became of a lead in the answer to their post."""

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse

from automations.models import Contact
from tests.world import make_source, post
from webhooks_in import replies
from webhooks_in.models import Receipt, Source
from webhooks_out.jobs import claim

LEAD = {"my_id": "L-1", "firstname": "Ana", "email": "ana@harbour.example"}


def make_form(reply: str = "json", **options: Any) -> Source:
    return make_source(
        "Lead form",
        **{
            "dialect": "key_values",
            "path_record_id": "my_id",
            "reply": reply,
            "match_field": "email",
            **options,
        },
    )


def told(answer: HttpResponse) -> dict[str, Any]:
    said = answer.json()
    said.pop("receipt")
    return said


def test_a_new_lead_is_told_its_id(db: None) -> None:
    answer = post(make_form(), LEAD)
    assert answer.status_code == 200
    assert told(answer) == {"status": "created", "id": "L-1", "reason": ""}
    assert Contact.objects.get().external_id == "L-1"
    assert Receipt.objects.get().state == "done"


@pytest.mark.parametrize(("said", "status"), [({"city": "Harbour Town"}, "updated"), ({}, "unchanged")])
def test_a_known_lead_is_told_the_id_it_has(db: None, said: dict[str, str], status: str) -> None:
    source = make_form()
    post(source, LEAD)
    assert told(post(source, {**LEAD, "my_id": "L-2", **said} if said else LEAD)) == {
        "status": status,
        "id": "L-1",
        "reason": "",
    }


def test_a_rejected_lead_is_told_why(db: None) -> None:
    source = make_form(match_action="reject")
    post(source, LEAD)
    said = told(post(source, {**LEAD, "my_id": "L-2"}))
    assert said["status"] == "rejected"
    assert said["reason"].startswith("Rejected as a duplicate: Contact L-1 has the same email.")


def test_a_lead_without_its_id_is_told_what_is_missing(db: None) -> None:
    assert "my_id is missing" in told(post(make_form(), {"firstname": "Ana"}))["reason"]


def test_plain_text_holds_the_id_or_the_reason(db: None) -> None:
    source = make_form("text", match_action="reject")
    accepted, rejected = post(source, LEAD), post(source, {**LEAD, "my_id": "L-2"})
    assert accepted["Content-Type"] == "text/plain; charset=utf-8"
    assert accepted.content == b"L-1\n"
    assert rejected.content.startswith(b"rejected: Rejected as a duplicate")


def test_several_leads_are_told_one_by_one(db: None) -> None:
    answer = post(make_form(match_action="reject"), [LEAD, {**LEAD, "my_id": "L-2"}])
    assert [one["status"] for one in answer.json()["leads"]] == ["created", "rejected"]


def test_a_repeat_is_told_the_same(db: None) -> None:
    source = make_form(dedup_template="{my_id}")
    assert told(post(source, LEAD)) == told(post(source, LEAD))
    assert Receipt.objects.get().duplicates == 1


def test_a_lead_a_worker_has_in_hand_is_accepted_for_now(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "PATIENCE", 0.05)
    monkeypatch.setattr(replies, "claim", lambda *_, **__: claim(Receipt, 1) and [])
    answer = post(make_form(), LEAD)
    assert (answer.status_code, told(answer)["status"]) == (202, "accepted")


def test_trouble_after_storing_loses_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> None:
        raise OperationalError("the database is down")

    monkeypatch.setattr(replies, "settled", down)
    assert post(make_form("text"), LEAD).content.startswith(b"accepted")
    assert Receipt.objects.get().state == "waiting"
