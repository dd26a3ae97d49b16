"""Documents are kept once, within their size, under names that do no harm, and leave nothing behind."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from automations import documents
from automations.documents import MAX_NAME, Refused, cleaned_name
from automations.models import Document, Record, System

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db: None) -> Record:
    """Ana, whose papers are kept."""
    return Record.objects.create(system=System.objects.create(name="CRM"), type="Contact", external_id="7")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """An empty folder for what is kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(folder: Path) -> list[Path]:
    """Everything that lies there."""
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_document_is_kept_with_what_is_known_of_it(ana: Record, folder: Path) -> None:
    document = documents.store(ana, "plan.pdf", BytesIO(b"%PDF-1.7"), origin="hub 2")
    assert (document.name, document.size, document.origin) == ("plan.pdf", 8, "hub 2")
    assert document.digest == sha256(b"%PDF-1.7").hexdigest()
    with document.file.open() as kept:
        assert kept.read() == b"%PDF-1.7"
    assert "plan" not in files(folder)[0].name


def test_the_same_file_is_kept_once(ana: Record, folder: Path) -> None:
    first, second = (documents.store(ana, "plan.pdf", BytesIO(b"plan")) for _ in range(2))
    assert first == second
    assert len(files(folder)) == 1


@pytest.mark.parametrize(("name", "content"), [("plan 2.pdf", b"plan"), ("plan.pdf", b"another")])
def test_another_name_or_content_is_another_document(ana: Record, name: str, content: bytes) -> None:
    documents.store(ana, "plan.pdf", BytesIO(b"plan"))
    documents.store(ana, name, BytesIO(content))
    assert Document.objects.count() == 2


def test_two_at_once_end_with_one_document_and_one_file(
    ana: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = documents.store(ana, "plan.pdf", BytesIO(b"plan"))
    answers = iter([None, first])
    monkeypatch.setattr(documents, "_known", lambda *_: next(answers))
    assert documents.store(ana, "plan.pdf", BytesIO(b"plan")) == first
    assert len(files(folder)) == 1


def test_a_file_over_the_size_is_refused_and_leaves_nothing(ana: Record, folder: Path, settings: Any) -> None:
    settings.MAX_DOCUMENT = 1
    documents.store(ana, "just.bin", BytesIO(bytes(1024 * 1024)))
    with pytest.raises(Refused, match="larger than 1 MB"):
        documents.store(ana, "over.bin", BytesIO(bytes(1024 * 1024 + 1)))
    assert [document.name for document in Document.objects.all()] == ["just.bin"]
    assert len(files(folder)) == 1


def test_a_row_that_cannot_be_written_leaves_no_file(
    ana: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Document, "save", full)
    with pytest.raises(DatabaseError):
        documents.store(ana, "plan.pdf", BytesIO(b"plan"))
    assert not files(folder)


@pytest.mark.django_db(transaction=True)
def test_a_removed_document_takes_its_file_along_once_that_is_certain(ana: Record, folder: Path) -> None:
    document = documents.store(ana, "plan.pdf", BytesIO(b"plan"))
    with transaction.atomic():
        documents.remove(document)
        transaction.set_rollback(True)
    assert Document.objects.count() == len(files(folder)) == 1
    documents.remove(Document.objects.get())
    assert not Document.objects.exists()
    assert not files(folder)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mia\\plan.pdf", "plan.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "a b Set-Cookie_ x.pdf"),
        ('<img src=x onerror="alert(1)">.html', "_img src=x onerror=_alert(1)__.html"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("Zo\u00eb\u2019s plan \U0001f600.pdf", "Zo\u00eb\u2019s plan \U0001f600.pdf"),
        ("\ud800.pdf", "pdf"),
        ("...", "document"),
        ("", "document"),
        ("/", "document"),
        (f"{'x' * 400}.pdf", f"{'x' * (MAX_NAME - 4)}.pdf"),
        ("x" * 400, "x" * MAX_NAME),
    ],
)
def test_a_name_is_only_a_name(name: str, cleaned: str) -> None:
    assert cleaned_name(name) == cleaned


def test_only_we_may_read_what_is_kept(ana: Record) -> None:
    document = documents.store(ana, "plan.pdf", BytesIO(b"plan"))
    assert Path(default_storage.path(str(document.file.name))).stat().st_mode & 0o077 == 0
