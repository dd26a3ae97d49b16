"""Documents are handed to people who may see the record they belong to, as attachments and as nothing else."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse
from django.test import Client
from django.urls import reverse

from automations import documents
from automations.models import Document, Record, System
from tests.staff import person, signed_in, text

pytestmark = pytest.mark.django_db
VIEW = ("automations.view_contact", "automations.view_document")
EDIT = (*VIEW, "automations.change_contact", "automations.add_document", "automations.delete_document")
PAGE = b"<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """An empty folder for what is kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def ana(db: None) -> Record:
    """Ana, whose papers are kept."""
    return Record.objects.create(system=System.objects.create(name="CRM"), type="Contact", external_id="7")


@pytest.fixture
def plan(ana: Record) -> Document:
    """A page that would like to be one."""
    return documents.store(ana, "plan.html", BytesIO(PAGE))


def url(page: str, record: Record, *further: int, model: str = "contact") -> str:
    """The address of a page about a record's documents."""
    return reverse(f"admin:automations_{model}_{page}", args=[record.pk, *further])


def upload(client: Client, record: Record, *files: Any, model: str = "contact") -> Any:
    """What the form of the record's page posts."""
    return client.post(url("upload", record, model=model), {"files": list(files)})


def fetched(client: Client, address: str) -> Any:
    """The answer to a GET, read to its end, which closes the file."""
    answer = client.get(address)
    if isinstance(answer, FileResponse):
        answer.headers["X-Body"] = answer.getvalue().decode()
    return answer


def file(name: str = "plan.pdf", content: bytes = b"%PDF", kind: str = "text/html") -> SimpleUploadedFile:
    """A file on somebody's machine."""
    return SimpleUploadedFile(name, content, kind)


def test_an_upload_is_kept_and_stands_on_the_page(ana: Record) -> None:
    client = signed_in(*EDIT)
    answer = upload(client, ana, file(), file("second.txt"))
    assert answer.status_code == 302
    page = text(client.get(answer["Location"]))
    for words in ("plan.pdf", "second.txt", "uploaded by mia", "is kept with this record"):
        assert words in page
    assert {document.content_type for document in Document.objects.all()} == {"application/pdf", "text/plain"}
    assert LogEntry.objects.count() == 2


def test_a_file_that_is_too_large_is_refused_in_words(ana: Record, settings: Any) -> None:
    settings.MAX_DOCUMENT = 1
    client = signed_in(*EDIT)
    answer = upload(client, ana, file("big.pdf", bytes(1024 * 1024 + 1)), file("small.pdf"))
    page = text(client.get(answer["Location"]))
    assert "“big.pdf” was not kept. It is larger than 1 MB" in page
    assert [document.name for document in Document.objects.all()] == ["small.pdf"]


@pytest.mark.parametrize("length", ["99999999999", "x"])
def test_a_body_far_over_the_size_is_not_even_read(ana: Record, length: str) -> None:
    answer = signed_in(*EDIT).post(url("upload", ana), {}, CONTENT_LENGTH=length)
    assert answer.status_code == 413
    assert "20 MB" in text(answer)


def test_an_upload_without_a_file_says_what_to_do(ana: Record) -> None:
    client = signed_in(*EDIT)
    assert "Choose a file first" in text(client.get(upload(client, ana)["Location"]))


def test_a_document_is_an_attachment_whatever_it_says_it_is(ana: Record, plan: Document) -> None:
    answer = fetched(signed_in(*VIEW), url("document", ana, plan.pk))
    assert answer["X-Body"] == PAGE.decode()
    assert answer["Content-Disposition"] == 'attachment; filename="plan.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('a"; filename=evil.exe', 'attachment; filename="a_; filename=evil.exe"'),
        ("a\r\nSet-Cookie: x=1", 'attachment; filename="a Set-Cookie_ x=1"'),
        ("Zoë’s plan.pdf", "attachment; filename*=utf-8''Zo%C3%AB%E2%80%99s%20plan.pdf"),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
    ],
)
def test_no_name_becomes_a_header_or_a_path(ana: Record, plan: Document, name: str, header: str) -> None:
    Document.objects.update(name=name)  # as if it had come past the cleaning
    answer = fetched(signed_in(*VIEW), url("document", ana, plan.pk))
    assert answer["Content-Disposition"] == header
    assert "Set-Cookie" not in answer.headers


def test_a_hostile_name_is_inert_on_every_page(ana: Record) -> None:
    client = signed_in(*EDIT)
    kept = documents.store(ana, "x.txt", BytesIO(b"x"))
    Document.objects.update(name="<img src=x onerror=alert(1)>.html")
    for page in (url("change", ana), url("document_delete", ana, kept.pk)):
        assert "<img src=x" not in text(client.get(page))


@pytest.mark.parametrize("missing", EDIT[1:])
def test_each_permission_is_asked_for_by_direct_requests(ana: Record, plan: Document, missing: str) -> None:
    client = signed_in(*(set(EDIT) - {missing}))
    answers = {
        "add_document": upload(client, ana, file()),
        "view_document": fetched(client, url("document", ana, plan.pk)),
        "delete_document": client.post(url("document_delete", ana, plan.pk)),
    }
    changing = {"add_document", "delete_document"}
    refused = {name for name, answer in answers.items() if answer.status_code == 403}
    assert refused == (changing if "change" in missing else {missing.removeprefix("automations.")})
    assert Document.objects.filter(pk=plan.pk).exists() == ("delete_document" in refused)
    assert Document.objects.filter(name="plan.pdf").exists() == ("add_document" not in refused)


def test_documents_of_records_one_may_not_see_are_not_handed_out(ana: Record, plan: Document) -> None:
    client = signed_in("automations.view_document", "automations.delete_document", "automations.view_company")
    for page in ("document", "document_delete"):
        assert client.get(url(page, ana, plan.pk)).status_code == 403
    assert client.get(url("document", ana, plan.pk, model="company")).status_code == 404


@pytest.mark.parametrize("page", ["document", "document_delete"])
def test_a_document_of_another_record_is_as_good_as_none(ana: Record, plan: Document, page: str) -> None:
    bo = Record.objects.create(system=ana.system, type="Contact", external_id="8")
    firm = Record.objects.create(system=ana.system, type="Company", external_id="9")
    theirs = documents.store(firm, "books.pdf", BytesIO(b"x"))
    client = signed_in(*EDIT)
    assert client.post(url("document_delete", bo, plan.pk)).status_code == 404
    assert client.get(url(page, bo, plan.pk)).status_code == 404
    assert client.get(url(page, firm, theirs.pk)).status_code == 404
    assert client.get(url(page, firm, theirs.pk, model="company")).status_code == 403
    assert Document.objects.count() == 2


def test_what_one_may_not_do_is_not_offered(ana: Record, plan: Document) -> None:
    page = text(signed_in(*VIEW).get(url("change", ana)))
    assert "plan.html" in page
    assert 'type="file"' not in page
    assert "delete/" not in page
    other = text(signed_in("automations.view_contact", name="vic").get(url("change", ana)))
    assert "plan.html" not in other


@pytest.mark.django_db(transaction=True)
def test_a_document_is_deleted_after_a_question(ana: Record, plan: Document, folder: Path) -> None:
    client = signed_in(*EDIT)
    assert "Delete 1 document" in text(client.get(url("document_delete", ana, plan.pk)))
    assert Document.objects.exists()
    client.post(url("document_delete", ana, plan.pk))
    assert not Document.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_that_is_gone_is_told_not_thrown(ana: Record, plan: Document) -> None:
    plan.file.storage.delete(str(plan.file.name))
    client = signed_in(*VIEW)
    answer = client.get(url("document", ana, plan.pk), follow=True)
    assert "is gone from the storage" in text(answer)


def test_documents_are_changed_by_post_with_a_token_alone(ana: Record, plan: Document) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(superuser=True))
    assert upload(client, ana, file()).status_code == 403
    assert client.post(url("document_delete", ana, plan.pk)).status_code == 403
    assert client.get(url("upload", ana)).status_code == 405
    assert Client().get(url("document", ana, plan.pk)).status_code == 302


def test_no_address_leads_to_the_files_themselves(ana: Record, plan: Document) -> None:
    for start in ("/", "/files/", "/media/", "/static/"):
        assert signed_in(superuser=True, name=f"s{start}").get(f"{start}{plan.file.name}").status_code == 404
