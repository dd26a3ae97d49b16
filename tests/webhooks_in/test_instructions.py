"""What a lead vendor is told of a data source: everything needed, and no secret beside the URL."""

from typing import Any

import pytest

from tests.world import SECRET, make_source, post
from webhooks_in.instructions import Instructions, instructions
from webhooks_in.models import Source

URL = "https://hub.example/in/token/"


def make_form(title: str = "Lead form", **options: Any) -> Source:
    form = {"dialect": "key_values", "allow_get": True, "reply": "json", "match_field": "email", **options}
    source = make_source(title, **form)
    source.field_map.create(key="fname", field="first_name", required=True)
    source.field_map.create(key="st", field="state", missing="default", default="CA")
    source.field_map.create(key="ssn", field="ssn", sensitive=True)
    return source


def told(source: Source, *seen: str) -> Instructions:
    return instructions(source, URL, seen)


def test_each_key_is_told_with_what_it_is(db: None) -> None:
    first, state, ssn, own_id = told(make_form()).keys
    assert (first.key, first.about, first.example, first.required) == ("fname", "First name.", "Ana", True)
    assert (state.about, state.example) == ("State; “CA” when it is left out.", "CA")
    assert (ssn.sensitive, ssn.example) == (True, "test")
    assert (own_id.key, own_id.required) == ("externalid", False)


def test_keys_that_came_without_being_mapped_are_told_by_name_only(db: None) -> None:
    source = make_form()
    post(source, {"fname": "Mia", "colour": "Ultramarine"})
    assert told(source, "fname", "colour", "a.b").keys[-1].key == "colour"
    assert "Ultramarine" not in str(told(source, "colour"))


def test_a_path_to_the_id_makes_it_required(db: None) -> None:
    own_id = told(make_form(path_record_id="my_id")).keys[-1]
    assert (own_id.key, own_id.required, own_id.example) == ("my_id", True, "L-1001")
    mapped = told(make_form("Other", path_record_id="first_name")).keys
    assert [key.key for key in mapped if "Your own id" in key.about] == ["fname"]


def test_a_source_without_a_map_tells_the_usual_keys(db: None) -> None:
    keys = [key.key for key in told(make_source(dialect="key_values")).keys]
    assert keys == ["externalid", "firstname", "lastname", "email", "phone", "state"]


def test_the_sample_string_holds_every_key_but_sensitive_ones(db: None) -> None:
    assert told(make_form()).sample == f"{URL}?fname=Ana&st=CA&externalid=L-1001"


def test_what_is_sensitive_stands_in_no_url(db: None) -> None:
    get, form, json = told(make_form()).ways
    assert "ssn" not in get.text
    assert "ssn=test" in form.text
    assert '"ssn":"test"' in json.text


def test_every_way_in_is_shown(db: None) -> None:
    headings = [way.heading for way in told(make_form()).ways]
    assert headings == ["GET, in a terminal", "POST a form, in a terminal", "POST JSON, in a terminal"]
    only_post = told(make_form("Post", allow_get=False))
    assert only_post.methods == ("POST",)
    assert "GET is not accepted" in str(only_post.errors)
    assert len(only_post.ways) == 2


@pytest.mark.parametrize(
    ("action", "words"),
    [("update", "updates the lead"), ("reject", "is rejected"), ("mark", "marked as a duplicate")],
)
def test_what_becomes_of_a_known_lead_is_told(db: None, action: str, words: str) -> None:
    assert words in told(make_form(match_action=action)).duplicates


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        ("none", "keep it secret"),
        ("basic", "HTTP Basic"),
        ("token", "A fixed token"),
        ("github", "is signed, in the header x-hub-signature-256"),
    ],
)
def test_the_proof_is_told_without_its_secret(db: None, preset: str, words: str) -> None:
    found = told(make_form(preset=preset, secret=SECRET))
    assert words.casefold() in found.verification.casefold()
    assert SECRET not in str(found)


@pytest.mark.parametrize("reply", ["json", "text"])
def test_the_answers_are_those_that_are_given(db: None, reply: str) -> None:
    source = make_form(reply=reply, match_action="reject", path_record_id="my_id")
    lead = {"my_id": "L-1001", "fname": "Ana", "email": "ana@harbour.example"}
    created, rejected = post(source, lead), post(source, {**lead, "my_id": "L-2"})
    shown = {answer.heading: answer.text for answer in told(source).answers}
    assert (
        without_receipt(created)
        == shown["200: created"].partition(', "receipt"')[0].partition(',"receipt"')[0]
    )
    assert "Rejected as a duplicate: " in rejected.content.decode()
    assert "Rejected as a duplicate: " in shown["200: rejected"]


def test_a_source_that_answers_at_once_says_so(db: None) -> None:
    headings = [answer.heading for answer in told(make_form(reply="receipt")).answers]
    assert headings == ["202: stored", "200: the same request once more"]


def test_a_crm_is_told_its_own_example(db: None) -> None:
    found = told(make_source())
    assert (found.keys, found.sample, found.duplicates) == ((), "", "")
    assert "snapshot" in found.ways[0].text


def without_receipt(answer: Any) -> str:
    return str(answer.content.decode().strip().partition(', "receipt"')[0].partition(',"receipt"')[0])
