"""Templates are written and previewed, certificates found and voided, each by who may."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from automations.models import Action, Certificate, CertificateTemplate, Document, Record
from tests.automations.certified import image, make_certificate_rule, make_template, words_of
from tests.staff import form_of, queries, signed_in, text
from tests.world import make_source, post, update, work

pytestmark = pytest.mark.django_db
TEMPLATES, CERTIFICATES = "/admin/automations/certificatetemplate/", "/admin/automations/certificate/"
ADD = f"{TEMPLATES}add/"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client() -> Client:
    return signed_in(superuser=True)


@pytest.fixture
def certificate() -> Certificate:
    make_template()
    make_certificate_rule()
    post(make_source(), update({"visits": 1}))
    work()
    return Certificate.objects.get()


def entered(client: Client, url: str = ADD, **fields: Any) -> dict[str, Any]:
    return form_of(client, url, **{"title": "Level 3", "body": "For {FIRSTNAME}", **fields})


def picture(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.png", content, "image/png")


class TestTemplates:
    def test_one_is_written(self, client: Client) -> None:
        client.post(ADD, entered(client, new_logo=picture(image())))
        template = CertificateTemplate.objects.get()
        assert (template.title, bytes(template.logo)) == ("Level 3", image())

    def test_an_image_stays_until_it_is_removed(self, client: Client) -> None:
        page = f"{TEMPLATES}{make_template(logo=image()).pk}/change/"
        client.post(page, entered(client, page))
        assert CertificateTemplate.objects.get().logo
        client.post(page, entered(client, page, no_logo="on"))
        assert not CertificateTemplate.objects.get().logo

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"body": "{FIRSTNAME} {NO_SUCH}"}, "There is no tag {NO_SUCH}"),
            ({"heading": "{template}"}, "There is no tag {template}"),
            ({"public_fields": "Name: {nobody}"}, "There is no tag {nobody}"),
            ({"public_fields": "just words"}, "a name, a colon and a text"),
            ({"number_format": "{YEAR}"}, "where the running number belongs"),
            ({"missing": "default"}, "instead of an empty tag"),
            ({"text_colour": "red"}, "Write a colour as #"),
            ({"digits": 99}, "less than or equal to 12"),
            ({"new_logo": picture(b"<svg/>")}, "cannot be read as a PNG"),
        ],
    )
    def test_what_cannot_be_is_refused(self, client: Client, fields: dict[str, Any], words: str) -> None:
        post(make_source(), update({"stage": "Enrolled"}))
        work()
        assert words in text(client.post(ADD, entered(client, **fields)))
        assert not CertificateTemplate.objects.exists()

    def test_rules_follow_to_a_new_title(self, client: Client) -> None:
        page = f"{TEMPLATES}{make_template().pk}/change/"
        make_certificate_rule()
        client.post(page, entered(client, page, title="Level 2b"))
        assert Action.objects.get().options["template"] == "Level 2b"

    def test_one_in_use_cannot_be_deleted(self, client: Client) -> None:
        page = f"{TEMPLATES}{make_template().pk}/delete/"
        assert client.get(page).status_code == 200
        make_certificate_rule()
        assert client.post(page, {"post": "yes"}).status_code == 403

    def test_the_list_takes_the_same_queries_however_long(self, client: Client) -> None:
        make_template()
        before = queries(client, TEMPLATES)
        make_template(title="Level 4")
        assert queries(client, TEMPLATES) == before


class TestPreview:
    @pytest.fixture
    def ana(self) -> Record:
        post(make_source(), update({"ssn": "123-45-6789"}))
        work()
        return Record.objects.get()

    def test_it_is_drawn_from_what_is_in_the_form(self, client: Client, ana: Record) -> None:
        form = entered(client, new_logo=picture(image()), _record=ana.pk)
        answer = client.post(f"{TEMPLATES}preview/", form)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("inline")
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "For Ana" in words_of(answer.content)
        assert not CertificateTemplate.objects.exists()

    def test_a_saved_one_shows_its_images_and_changes_nothing(self, client: Client, ana: Record) -> None:
        template = make_template(logo=image())
        page = f"{TEMPLATES}{template.pk}/change/"
        form = entered(client, page, title="Another", _record_id="7")
        answer = client.post(f"{TEMPLATES}{template.pk}/preview/", form)
        assert answer["Content-Type"] == "application/pdf"
        assert CertificateTemplate.objects.get().title == "Level 2"
        assert (Certificate.objects.count(), Document.objects.count()) == (0, 0)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"body": "{NO_SUCH}"}, "no tag {NO_SUCH}"),
            ({"_record_id": "8"}, "no record of that id"),
            ({"body": "{CITY}"}, "is empty"),
        ],
    )
    def test_or_it_says_why_not(
        self, client: Client, ana: Record, fields: dict[str, Any], words: str
    ) -> None:
        answer = client.post(f"{TEMPLATES}preview/", entered(client, **fields))
        assert (answer.status_code, answer["Content-Type"][:10]) == (422, "text/plain")
        assert words in text(answer)

    def test_what_is_sensitive_is_shown_to_who_may_change_the_record(
        self, client: Client, ana: Record
    ) -> None:
        form = entered(client, body="{ssn}")
        assert "123-45" in words_of(client.post(f"{TEMPLATES}preview/", form).content)
        may = [f"automations.{verb}_certificatetemplate" for verb in ("add", "view")]
        other = signed_in(*may, "automations.view_contact", name="ole")
        assert "123-45" not in words_of(other.post(f"{TEMPLATES}preview/", form).content)

    def test_records_one_may_not_see_are_as_good_as_none(self, client: Client, ana: Record) -> None:
        form = entered(client, _record=ana.pk)
        other = signed_in("automations.add_certificatetemplate", "automations.view_task", name="ole")
        assert other.post(f"{TEMPLATES}preview/", form).status_code == 422


class TestCertificates:
    def test_the_page_of_one_is_dressed(self, client: Client, certificate: Certificate) -> None:
        assert "stories.css" in text(client.get(f"{CERTIFICATES}{certificate.pk}/change/"))

    def test_they_are_listed_and_found_by_number(self, client: Client, certificate: Certificate) -> None:
        assert certificate.number in text(client.get(f"{CERTIFICATES}?q={certificate.number}"))
        assert "No certificate yet" not in text(client.get(CERTIFICATES))

    def test_its_page_leads_to_the_file_and_the_public_page(
        self, client: Client, certificate: Certificate
    ) -> None:
        page = text(client.get(f"{CERTIFICATES}{certificate.pk}/change/"))
        assert f"/contact/{certificate.record_id}/documents/{certificate.document_id}/" in page
        assert f"/certificates/{certificate.code}/" in page

    def test_its_run_leads_to_it(self, client: Client, certificate: Certificate) -> None:
        page = text(client.get(f"/admin/automations/run/{certificate.run_id}/change/"))
        assert f"/certificate/{certificate.pk}/change/" in page
        assert "None" not in page

    def test_the_record_tells_of_it(self, client: Client, certificate: Certificate) -> None:
        page = f"/admin/automations/contact/{certificate.record_id}/change/"
        assert f"certificate {certificate.number}" in text(client.get(page))

    def test_its_key_stands_among_what_was_done_only_once(
        self, client: Client, certificate: Certificate
    ) -> None:
        page = f"/admin/automations/contact/{certificate.record_id}/change/"
        once = text(client.get(page)).partition('id="once-keys"')[2]
        assert f"Certificate {certificate.number}" in once
        assert f"certificate:7:{certificate.template_id}," in once
        assert certificate.key not in once
        viewer = signed_in("automations.view_contact", name="vic")
        assert 'id="once-keys"' not in text(viewer.get(page))

    def test_voiding_asks_for_a_reason_and_notes_who_did(
        self, client: Client, certificate: Certificate
    ) -> None:
        page = f"{CERTIFICATES}{certificate.pk}/void/"
        assert "Void 1 certificate" in text(client.get(page))
        assert "Say why" in text(client.post(page, {"reason": "  "}))
        client.post(page, {"reason": "Wrong name"})
        certificate.refresh_from_db()
        assert (certificate.is_valid, certificate.void_reason) == (False, "Wrong name")
        assert certificate.voided_by
        assert LogEntry.objects.get().change_message == "Voided: Wrong name"
        assert "Wrong name" in text(client.get(f"{CERTIFICATES}{certificate.pk}/change/"))

    def test_those_of_records_one_may_not_see_are_hidden(self, certificate: Certificate) -> None:
        may = ("automations.view_certificate", "automations.change_certificate", "automations.view_task")
        other = signed_in(*may, name="ole")
        assert certificate.number not in text(other.get(CERTIFICATES))
        answer = other.post(f"{CERTIFICATES}{certificate.pk}/void/", {"reason": "x"})
        assert answer.status_code == 404
        assert Certificate.objects.get().is_valid
