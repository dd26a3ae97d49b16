"""What a text names in braces must be there: in every action, in once keys, in the form and in files."""

import pytest
from pytest_django import DjangoAssertNumQueries

from automations import tag_names
from automations.actions import ACTIONS
from automations.models import Record, Rule, System
from config.files import NotLoadable, export, load

pytestmark = pytest.mark.django_db
WRONG = (
    "There is no tag {FRISTNAME}. Did you mean {FIRSTNAME}? Tags in the menu lists them all, and adds one."
)
TEXTS = [
    ("update_record", {"field": "note", "value": "{FRISTNAME}"}, "Value"),
    ("update_record", {"field": "note", "how": "append", "value": "{FRISTNAME}"}, "Value"),
    ("create_record", {"title": "Call {FRISTNAME}"}, "Title"),
    ("create_record", {"title": "Call", "fields": "due = {DUE}\nwhom = {FRISTNAME}"}, "Fields"),
    ("notify_staff", {"role": "Viewer", "subject": "{FRISTNAME}", "text": "Look"}, "Subject"),
    ("notify_staff", {"role": "Viewer", "subject": "Look", "text": "{FRISTNAME}"}, "Text"),
]


@pytest.fixture(autouse=True)
def record(db: None) -> Record:
    """Somebody whose fields were seen."""
    system = System.objects.create(name="Harbour CRM")
    fields = {"shoe_size": 40, "DUE": "2026-03-01", "address": {"city": "Bath"}}
    return Record.objects.create(system=system, type="Contact", external_id="7", fields=fields)


@pytest.mark.parametrize(("kind", "options", "place"), TEXTS)
def test_an_action_that_names_no_tag_there_is_is_refused(
    kind: str, options: dict[str, str], place: str
) -> None:
    assert ACTIONS[kind].problem(options) == f"{place}: {WRONG}"
    right = {name: text.replace("FRISTNAME", "FIRSTNAME") for name, text in options.items()}
    assert ACTIONS[kind].problem(right) == ""


@pytest.mark.parametrize(
    "text", ["no tag", "{FIRSTNAME}", "{shoe_size}", "{address.city}", "{id}", "{record_name}"]
)
def test_tags_fields_seen_and_what_every_record_has_are_known(text: str) -> None:
    assert tag_names.problem(text) == ""


def test_before_any_record_was_heard_of_a_name_may_be_a_field_unless_it_is_a_misspelt_tag(
    record: Record,
) -> None:
    record.delete()
    assert tag_names.problem("{never_seen} {address.city} {DUE_DATE} {LEVEL}") == ""
    assert "There is no tag {FRISTNAME}" in tag_names.problem("{never_seen} {FRISTNAME}")


def test_what_a_hub_wrote_is_loaded_by_one_that_heard_of_no_record_yet(record: Record) -> None:
    options = {"title": "Call", "fields": "due = {DUE}\nsize = {shoe_size}"}
    Rule.objects.create(name="Call").actions.create(kind="create_record", options=options, once_key="{DUE}")
    written = export()
    Rule.objects.all().delete()
    record.delete()
    load(written.encode(), {})
    assert export() == written


def test_a_field_to_copy_is_no_text() -> None:
    assert ACTIONS["update_record"].problem({"field": "a", "how": "copy", "value": "never_seen"}) == ""


def test_several_are_named_and_what_is_like_nothing_is_not_guessed_at() -> None:
    assert tag_names.problem("{QQQ} {ZZZ}").startswith("There is no tag {QQQ}, {ZZZ}. Tags in the menu")
    assert "Did you mean" not in tag_names.problem("{QQQQQQ}")


def test_what_the_table_of_tags_answers_costs_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        tag_names.problem("{FIRSTNAME} {id}")
    with django_assert_num_queries(0):
        tag_names.problem("no tag")


@pytest.mark.parametrize(
    ("action", "place"),
    [
        (
            "kind: create_record\n        options:\n          title: 'Call {FRISTNAME}'",
            r"line 5, rules\[0\].actions\[0\].options: Title: ",
        ),
        (
            "kind: create_record\n        once_key: 'call:{FRISTNAME}'\n        options: {title: Call}",
            r"line 5, rules\[0\].actions\[0\].once_key: ",
        ),
    ],
)
def test_a_file_that_names_no_tag_there_is_is_refused_at_its_line(action: str, place: str) -> None:
    text = f"rules:\n  - name: Call\n    actions:\n      - {action}\n"
    with pytest.raises(NotLoadable, match=place + "There is no tag .FRISTNAME"):
        load(text.encode(), {})
    assert not Rule.objects.exists()
