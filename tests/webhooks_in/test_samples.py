"""What a source sent last, taken apart, so that nobody has to guess a path."""

from typing import Any

import pytest
from django.test import Client

from tests.world import SECRET, make_source, post, update
from webhooks_in import samples
from webhooks_in.models import Receipt, Source, SourceField
from webhooks_in.samples import Item, Sample, latest

pytestmark = pytest.mark.django_db


def sent(source: Source, payload: Any) -> Sample:
    """The newest sample after the source was sent this."""
    post(source, payload)
    return latest(source)[0]


def paths(item: Item) -> tuple[str, ...]:
    return item.fields.paths


def test_a_sample_has_the_paths_of_the_record_and_those_of_the_request() -> None:
    sample = sent(make_source(), update({"stage": "Enrolled"}, address={"city": "Oslo"}))
    assert "address.city" in paths(sample.items[0])
    assert "snapshot.address.city" in sample.payload.paths
    assert sample.items[0].changed == {"stage"}


def test_an_event_that_is_not_understood_says_why_and_still_shows_its_paths() -> None:
    sample = sent(make_source(dialect="json"), {"data": {"id": 7}})
    assert "does not say where the record id stands" in sample.items[0].problem
    assert sample.payload.paths == ("data.id",)


def test_samples_are_read_as_the_source_is_set_up_now() -> None:
    source = make_source(dialect="json")
    sent(source, {"data": {"id": 7}})
    source.path_record_id = "data.id"
    source.save()
    assert latest(source)[0].items[0].update.record_id == "7"


def test_the_field_map_is_applied() -> None:
    source = make_source(dialect="key_values")
    SourceField.objects.create(source=source, key="firstname", field="first_name")
    assert "first_name" in paths(sent(source, {"firstname": "Ana", "id": 7}).items[0])


def test_quarantined_requests_are_shown_too() -> None:
    source = make_source(preset="github", secret=SECRET)
    sample = sent(source, update({}))
    assert not sample.receipt.verified
    assert sample.items[0].update.record_id == "7"


def test_of_a_batch_the_first_events_are_shown_and_the_others_counted() -> None:
    sample = sent(make_source(), [update({}, id=number) for number in range(10)])
    assert [item.update.record_id for item in sample.items] == ["0", "1", "2"]
    assert sample.more == 7


def test_the_newest_five_are_shown() -> None:
    source = make_source()
    for number in range(7):
        post(source, update({}, id=number))
    assert [sample.items[0].update.record_id for sample in latest(source)] == ["6", "5", "4", "3", "2"]


def test_a_large_request_is_only_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MAX_READ", 100)
    sample = sent(make_source(), update({"essay": "x" * 200}))
    assert "Too large" in sample.problem
    assert not sample.items


def test_what_is_no_payload_says_so() -> None:
    source = make_source(preset="github", secret=SECRET)
    assert "could not be read" in sent(source, "{nonsense").problem


def test_a_query_string_is_a_sample_too() -> None:
    source = make_source(dialect="key_values", allow_get=True)
    Client().get(f"{source.path}?firstname=Ana&id=7")
    assert latest(source)[0].payload.paths == ("firstname", "id")
    assert Receipt.objects.get().method == "GET"


def test_what_cannot_be_stored_is_replaced_before_it_is_shown() -> None:
    sample = sent(make_source(), '{"changes": {}, "snapshot": {"id": 7, "bio": "a\\u0000b\\ud800"}}')
    shown = {leaf.path: leaf.shown for leaf in sample.items[0].fields.leaves}
    assert shown["bio"] == "a�b�"
    assert all(leaf.shown.isprintable() for leaf in sample.payload.leaves)


def test_the_paths_of_a_request_are_offered_within_its_events_first() -> None:
    source = make_source(dialect="json", path_items="events")
    sample = sent(source, {"events": [{"who": {"id": 7}}], "sent": 1})
    assert samples.paths([sample], "events") == ["who.id", "events.0.who.id", "sent"]
    assert samples.paths([sample], "") == ["events.0.who.id", "sent"]
