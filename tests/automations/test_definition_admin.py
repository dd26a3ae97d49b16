"""Systems and tags: small pages whose every change the workers hear of."""

import pytest
from django.test import Client

from automations.models import Record, System, Tag
from tests.staff import form_of, signed_in, text
from tests.world import make_source
from webhooks_out import definitions

pytestmark = pytest.mark.django_db
TAGS, SYSTEMS = "/admin/automations/tag/", "/admin/automations/system/"


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


def add_tag(client: Client, name: str) -> str:
    """The page after the form of a new tag was sent."""
    return text(
        client.post(f"{TAGS}add/", form_of(client, f"{TAGS}add/", name=name, path="a.b"), follow=True)
    )


@pytest.mark.parametrize("name", ["MY_TAG", "D#_NAME", "OUR:*", "With blanks"])
def test_a_tag_is_saved_and_the_workers_hear_of_it(client: Client, name: str) -> None:
    before = definitions.version()
    add_tag(client, name)
    assert Tag.objects.filter(name=name).exists()
    assert definitions.version() != before


@pytest.mark.parametrize("name", ["{BRACED}", "1ST", 'QUO"TED', "*"])
def test_a_tag_that_no_text_could_use_is_refused(client: Client, name: str) -> None:
    assert "A tag starts with a letter" in add_tag(client, name)
    assert not Tag.objects.filter(name=name).exists()


def test_deleting_tags_together_tells_the_workers(client: Client) -> None:
    before = definitions.version()
    chosen = [str(pk) for pk in Tag.objects.values_list("pk", flat=True)]
    client.post(TAGS, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert not Tag.objects.exists()
    assert definitions.version() != before


def test_only_a_system_that_nothing_refers_to_can_be_deleted(client: Client) -> None:
    used, idle = make_source().system, System.objects.create(name="Idle")
    full = System.objects.create(name="Full")
    Record.objects.create(system=full, type="Contact", external_id="7")
    for system, status in ((used, 403), (full, 403), (idle, 302)):
        answer = client.post(f"{SYSTEMS}{system.pk}/delete/", {"post": "yes"})
        assert answer.status_code == status, system
    client.post(SYSTEMS, {"action": "delete_selected", "_selected_action": str(full.pk), "post": "yes"})
    assert set(System.objects.values_list("name", flat=True)) == {used.name, "Full"}
