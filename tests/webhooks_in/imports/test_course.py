"""From a file to records: the dry run, the import, what is rejected, and that nothing is done twice."""

import pytest

from automations.models import Change, Record
from tests.webhooks_in.imports.files import (
    HEADINGS,
    PEOPLE,
    counts,
    imported,
    numbered,
    reasons,
    table,
    tried,
    upload,
    work,
    workbook,
)
from tests.world import make_rule, make_source, make_webhook
from webhooks_in.imports import brake, chunks, controls
from webhooks_in.models import Import, ImportKey, SourceConstant, SourceField
from webhooks_out.models import Delivery

pytestmark = pytest.mark.django_db


def test_a_dry_run_counts_and_stores_no_record() -> None:
    load = tried(table())
    assert (load.stage, load.rows, load.tried) == (
        "ready",
        3,
        {"created": 3, "updated": 0, "unchanged": 0, "rejected": 0},
    )
    assert not Record.objects.exists()


def test_an_import_makes_a_record_of_each_row() -> None:
    load = imported(table())
    assert (load.stage, load.state, counts(load)) == ("finished", "done", (3, 0, 0, 0))
    ana = Record.objects.get(external_id="1")
    assert ana.fields == {
        "My ID": "1",
        "first_name": "Ana",
        "last_name": "Lopez",
        "email": "ana@harbour.example",
        "stage": "Lead",
    }
    assert list(Change.objects.order_by("item").values_list("receipt_id", "item")) == [
        (load.pk, 1),
        (load.pk, 2),
        (load.pk, 3),
    ]


def test_the_same_file_again_changes_nothing_but_what_differs() -> None:
    source = make_source(dialect="key_values")
    imported(table(), source)
    load = imported(table(PEOPLE[0], (*PEOPLE[1][:4], "Paid"), ("4", "Dee", "", "", "")), source)
    assert counts(load) == (1, 1, 1, 0)


def test_bad_rows_are_told_by_the_dry_run_and_left_out_by_the_import() -> None:
    source = make_source(dialect="key_values")
    SourceField.objects.create(source=source, key="E-Mail", field="email", required=True)
    rows = [
        PEOPLE[0],
        ("", "No", "Id", "x@y.example", ""),
        ("5", "No", "Mail", "", ""),
        ("1", *PEOPLE[1][1:]),
    ]
    content = table(*rows) + b"7,too,short\r\n" + b'8,an,open,"quote,x\r\n' + b"9,Eve,,e@h.example,Lead\r\n"
    load = imported(content, source)
    assert counts(load) == (2, 0, 0, 5)
    assert reasons(load) == reasons(load, dry=True)
    told = reasons(load)
    assert told[2] == "The record id is empty."
    assert told[3] == "The row lacks E-Mail, which the data source requires."
    assert told[4] == "Its record id is that of row 1, too. Only the first one counts."
    assert told[5].startswith("It has 3 cells, and the first row has 5.")
    assert told[6].startswith("A quotation mark is never closed")
    assert set(Record.objects.values_list("external_id", flat=True)) == {"1", "9"}
    assert not ImportKey.objects.exists()


def test_a_bad_first_row_does_not_make_the_good_second_one_a_repeat() -> None:
    source = make_source(dialect="key_values")
    SourceField.objects.create(source=source, key="E-Mail", field="email", required=True)
    load = imported(table(("1", "No", "Mail", "", ""), PEOPLE[0]), source)
    assert counts(load) == (1, 0, 0, 1)


def test_the_field_map_and_the_constants_count_as_for_posts() -> None:
    source = make_source(dialect="key_values")
    SourceField.objects.create(source=source, key="mail", field="email", transform="upper")
    SourceField.objects.create(source=source, key="rep", field="owner", missing="default", default="Mia")
    SourceConstant.objects.create(source=source, field="campaign", value="Spring")
    imported(table(), source)
    fields = Record.objects.get(external_id="1").fields
    assert fields["email"] == "ANA@HARBOUR.EXAMPLE"
    assert (fields["owner"], fields["campaign"]) == ("Mia", "Spring")


def test_an_empty_cell_leaves_the_field_as_it_is() -> None:
    source = make_source(dialect="key_values")
    imported(table(), source)
    imported(table(("1", "Anna", "", "", "")), source)
    assert Record.objects.get(external_id="1").name == "Anna Lopez"


def test_duplicates_are_treated_as_the_source_says() -> None:
    source = make_source(dialect="key_values", match_field="email", match_action="reject")
    imported(table(), source)
    load = imported(table(("9", "Ana", "Again", "ANA@harbour.example", "")), source)
    assert counts(load) == (0, 0, 0, 1)
    assert "same email" in reasons(load)[1]
    assert reasons(load, dry=True) == reasons(load)


@pytest.mark.parametrize(("fire", "posts"), [(False, ["Imports"]), (True, ["Dialer", "Imports"])])
def test_imports_start_their_own_rules_and_others_only_if_the_source_says(
    fire: bool, posts: list[str]
) -> None:
    for title, event in (("Dialer", "created"), ("Imports", "imported")):
        make_rule(make_webhook("http://127.0.0.1:9/", title), event=event, monitor="every")
    imported(table(PEOPLE[0]), make_source(dialect="key_values", imports_fire=fire))
    assert sorted(Delivery.objects.values_list("title", flat=True)) == posts
    assert ("only rules for" in str(Change.objects.get().notes)) is not fire


def test_an_import_waits_while_too_much_is_still_to_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 1)
    monkeypatch.setattr(brake, "MOST_OUTSTANDING", 2)
    make_rule(make_webhook("http://127.0.0.1:9/"), event="imported", monitor="every")
    load = imported(table())
    assert (load.stage, load.state, load.position) == ("importing", "waiting", 2)
    assert load.reason.startswith("Waiting for its posts")
    Delivery.objects.update(due_at=None)
    Import.objects.update(due_at=load.created_at)
    assert work(load).stage == "finished"


def test_a_pause_holds_at_once_and_the_rest_comes_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 1)
    monkeypatch.setattr(chunks, "SLICE", -1)
    load = tried(table())
    controls.start(load)
    controls.pause(load)
    assert work(load).position == 0
    assert not controls.start(load)
    assert controls.resume(load)
    assert counts(work(load)) == (3, 0, 0, 0)


def test_a_chunk_of_an_import_that_was_taken_away_is_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    load = tried(table())
    controls.start(load)
    said = iter([False, False])

    def meanwhile(_load: Import) -> bool:
        controls.pause(load)
        return next(said)

    monkeypatch.setattr(brake, "holds", meanwhile)
    work(load)
    assert (load.stage, load.state, load.position) == ("paused", "held", 0)
    assert not Record.objects.exists()


def test_the_work_goes_on_at_the_byte_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 7)
    monkeypatch.setattr(chunks, "SLICE", -1)
    assert counts(imported(numbered(50))) == (50, 0, 0, 0)
    assert Change.objects.filter(item=50, record__external_id="50").exists()


def test_a_cancelled_import_keeps_what_was_imported_and_stays_ended() -> None:
    load = tried(table())
    assert controls.cancel(load)
    assert not controls.start(load)
    assert (work(load).stage, load.state) == ("cancelled", "cancelled")


def test_a_workbook_is_unpacked_first_and_its_formulas_stay_text() -> None:
    load = upload(workbook(("1", "Ana", "=1+1", "a@h.example", "Lead")), name="people.xlsx")
    assert load.stage == "unpacking"
    assert work(load).stage == "mapping"
    assert load.headings == list(HEADINGS)
    controls.try_out(load)
    work(load)
    controls.start(load)
    assert counts(work(load)) == (1, 0, 0, 0)
    assert Record.objects.get().fields["last_name"] == "=1+1"


def test_a_damaged_workbook_says_so_and_can_be_cancelled() -> None:
    load = upload(workbook(), name="people.xlsx")
    with load.file.open("r+b") as file:
        file.seek(400)
        file.write(b"\0" * 3000)
    work(load)
    assert (load.stage, load.state) == ("unpacking", "dead")
    assert load.reason.startswith("The workbook is damaged")
    assert controls.cancel(load)
