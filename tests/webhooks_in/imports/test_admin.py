"""The pages of imports: upload, columns, dry run, rejects and results, each for those who may."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from automations.models import Record
from tests.staff import queries, signed_in, text
from tests.webhooks_in.imports.files import HEADINGS, PEOPLE, imported, numbered, table, tried, upload, work
from tests.world import make_source
from webhooks_in.imports import controls
from webhooks_in.models import Import, SourceField

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/webhooks_in/import/", "/admin/webhooks_in/import/add/"
VIEW = "webhooks_in.view_import"
MAY = (VIEW, "webhooks_in.add_import", "webhooks_in.change_import", "webhooks_in.view_source")


def page(load: Import, name: str = "change") -> str:
    return f"{LIST}{load.pk}/{name}/"


def send(client: Client, content: bytes, name: str = "people.csv") -> HttpResponse:
    source = make_source(dialect="key_values")
    return client.post(ADD, {"source": source.pk, "file": SimpleUploadedFile(name, content)}, follow=True)


def mapping(load: Import, **entered: str) -> dict[str, str]:
    """What the form of the columns posts."""
    fields = {f"field-{at}": field for at, field in enumerate(load.mapping)}
    return fields | {"id": "none" if load.id_column is None else str(load.id_column)} | entered


def test_an_upload_leads_to_the_guessed_columns_and_a_preview() -> None:
    shown = text(send(signed_in(*MAY), table()))
    assert 'value="first_name"' in shown
    assert "Ana · Ben · Chloé" in shown
    assert "Row 1: id 1" in shown
    assert "Check all rows (dry run)" in shown


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"  ", "The file is empty"),
        (b"PK\x03\x04 no zip", "The workbook is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(content: bytes, words: str) -> None:
    shown = text(send(signed_in(*MAY), content))
    assert words in shown
    assert not Import.objects.exists()


def test_a_file_over_the_cap_is_refused_before_it_is_read(settings: Settings) -> None:
    settings.MAX_IMPORT = 1
    answer = send(signed_in(*MAY), b"a,b\n" * 400_000)
    assert answer.status_code == 413
    assert "larger than 1 MB" in text(answer)


def test_the_first_use_says_what_comes_first() -> None:
    client = signed_in(*MAY, "webhooks_in.add_source")
    assert "Add a data source" in text(client.get(ADD))
    assert "No file was imported yet" in text(client.get(LIST))


def test_the_columns_are_tried_as_entered() -> None:
    load = upload(table())
    client = signed_in(*MAY)
    client.post(page(load, "columns"), mapping(load, **{"leave-4": "1", "field-1": "given_name"}))
    load.refresh_from_db()
    assert load.mapping == ["My ID", "given_name", "last_name", "email", ""]
    assert work(load).stage == "ready"
    shown = text(client.get(page(load)))
    assert "Import 3 rows" in shown


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ({"field-1": "email"}, "Two columns are for email."),
        ({"leave-0": "1"}, "“My ID” holds the record id"),
        ({"leave-3": "1"}, "The data source requires email."),
        ({f"leave-{at}": "1" for at in range(5)}, "Every column is left out."),
    ],
)
def test_what_is_wrong_with_the_columns_is_told(entered: dict[str, str], words: str) -> None:
    source = make_source(dialect="key_values")
    SourceField.objects.create(source=source, key="mail", field="email", required=True)
    load = upload(table(), source)
    client = signed_in(*MAY)
    assert words in text(client.post(page(load, "columns"), mapping(load, **entered), follow=True))
    assert Import.objects.get().stage == "mapping"
    assert words in text(client.post(page(load, "preview"), mapping(load, **entered)))


def test_another_delimiter_reads_the_columns_anew() -> None:
    load = upload(b"a|b;c|d\n1|2;3|4\n" * 2)
    assert len(load.headings) == 3
    signed_in(*MAY).post(page(load, "layout"), {"delimiter": ";", "encoding": "utf-8"})
    load.refresh_from_db()
    assert load.headings == ["a|b", "c|d"]


def test_the_number_on_the_button_must_still_be_true_and_counts_once() -> None:
    load = tried(table())
    client = signed_in(*MAY)
    assert "Look again" in text(client.post(page(load, "start"), {"number": "76"}, follow=True))
    client.post(page(load, "start"), {"number": "3"})
    assert "started already" in text(client.post(page(load, "start"), {"number": "3"}, follow=True))
    work(load)
    assert Record.objects.count() == 3


def test_the_rejects_have_the_original_columns_a_reason_and_no_formula() -> None:
    load = imported(table(PEOPLE[0], ("", "=1+1", "-Lopez", "@x", "Lead")))
    answer = signed_in(VIEW).get(page(load, "rejects"))
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows == [
        [*HEADINGS, "Row", "Reason"],
        ["", "'=1+1", "'-Lopez", "'@x", "Lead", "2", "The record id is empty."],
    ]
    assert "attachment" in answer["Content-Disposition"]


def test_each_row_tells_what_became_of_it() -> None:
    source = make_source(dialect="key_values")
    imported(table(PEOPLE[0]), source)
    load = imported(table(*PEOPLE, ("", "No", "Id", "", "")), source)
    shown = text(signed_in(VIEW, "automations.view_contact").get(page(load)))
    for words in ("Unchanged", "Created", "Ben Okoro", "Rejected", "The record id is empty."):
        assert words in shown


def test_results_come_page_by_page() -> None:
    load = imported(numbered(60))
    client = signed_in(VIEW)
    assert "?from=51" in text(client.get(page(load)))
    shown = text(client.get(page(load, "results") + "?from=51"))
    assert ">51<" in shown
    assert ">50<" not in shown


def test_the_same_file_twice_is_told() -> None:
    source = make_source(dialect="key_values")
    imported(table(), source)
    load = upload(table(), source)
    assert "This very file was imported before" in text(signed_in(*MAY).get(page(load)))


def test_sensitive_values_are_dots() -> None:
    load = tried(b"id,ssn\n1,123-45-6789\n,987-65-4321\n")
    client = signed_in(*MAY)
    shown = text(client.get(page(load)))
    controls.map_again(load)
    shown += text(client.get(page(load)))
    assert "123-45" not in shown
    assert "987-65" not in shown
    assert "••••••" in shown


def test_a_hostile_file_is_inert() -> None:
    evil = "<script>alert(1)</script>"
    load = upload(f'{evil},id\n"{evil}",1\n{evil},\n'.encode(), name=f"{evil}.csv")
    client = signed_in(*MAY)
    shown = text(client.get(page(load)))
    controls.try_out(load)
    work(load)
    assert evil not in shown + text(client.get(page(load))) + text(client.get(LIST))


@pytest.mark.parametrize(
    "order", ["layout", "columns", "again", "start", "pause", "resume", "retry", "cancel"]
)
def test_orders_need_their_permission_and_a_post(order: str) -> None:
    load = tried(table())
    assert signed_in(VIEW).post(page(load, order), {"number": "3"}).status_code == 403
    assert signed_in(*MAY, name="ben").get(page(load, order)).status_code == 405
    assert Import.objects.get().stage == "ready"


def test_who_may_only_look_sees_no_button() -> None:
    load = tried(table())
    client = signed_in(VIEW)
    assert "Import 3 rows" not in text(client.get(page(load)))
    assert client.get(ADD).status_code == 403


@pytest.mark.parametrize("name", ["change", "live", "rejects", "results"])
def test_without_permission_there_is_nothing_to_see(name: str) -> None:
    assert signed_in("webhooks_in.view_source").get(page(tried(table()), name)).status_code in (302, 403)


def test_an_upload_needs_its_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(*MAY).cookies
    assert send(client, table()).status_code == 403


def test_pages_ask_as_little_for_many_as_for_few() -> None:
    few, many = imported(numbered(3)), imported(numbered(60), make_source("Other", dialect="key_values"))
    client = signed_in(*MAY, "automations.view_contact")
    assert queries(client, page(many)) <= queries(client, page(few))
