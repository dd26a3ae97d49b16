"""Anybody who has the code sees whether a certificate is valid and what its template shows, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from automations import issuing
from automations.models import Certificate
from tests.automations.certified import make_certificate_rule, make_template
from tests.staff import text
from tests.world import make_source, post, update, work

pytestmark = pytest.mark.django_db
PUBLIC = "Number: {NUMBER}\nName: {first_name} {last_name}"


@pytest.fixture
def certificate(settings: Any, tmp_path: Path) -> Certificate:
    settings.MEDIA_ROOT = tmp_path
    make_template(public_fields=PUBLIC)
    make_certificate_rule()
    post(make_source(), update({"first_name": "<b>Ana</b>"}))
    work()
    return Certificate.objects.get()


def page(certificate: Certificate) -> Any:
    return Client().get(reverse("certificate", args=[certificate.code]))


def test_a_valid_one_shows_what_the_template_allows_and_no_more(certificate: Certificate) -> None:
    shown = text(page(certificate))
    assert "This certificate is valid" in shown
    assert certificate.number in shown
    assert "&lt;b&gt;Ana&lt;/b&gt; Lopez" in shown
    for secret in ("ana@harbour", "Issued", "Level 2", "555", str(certificate.pk), certificate.key):
        assert secret not in shown


def test_a_voided_one_says_so_without_the_reason(certificate: Certificate) -> None:
    issuing.void(certificate, User.objects.create(username="mia"), "She cheated")
    shown = text(page(certificate))
    assert "was voided" in shown
    assert "cheated" not in shown
    assert "mia" not in shown


@pytest.mark.parametrize("code", ["x", "preview", "a" * 32, "%00", "'--", "é" * 40, "a" * 3_000])
def test_an_unknown_code_is_not_found(certificate: Certificate, code: str) -> None:
    answer = Client().get(f"/certificates/{code}/")
    assert answer.status_code == 404
    assert "Unknown certificate" in text(answer)


def test_numbers_and_ids_open_nothing(certificate: Certificate) -> None:
    for guess in (certificate.number.replace("/", "-"), str(certificate.pk), certificate.code[:-1]):
        assert Client().get(f"/certificates/{guess}/").status_code == 404


def test_a_code_cannot_be_guessed(certificate: Certificate) -> None:
    assert len(certificate.code) == 32  # 24 random bytes


def test_it_is_read_only_not_kept_not_indexed_and_runs_nothing(certificate: Certificate) -> None:
    answer = page(certificate)
    assert Client().post(answer.request["PATH_INFO"]).status_code == 405
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert not answer.cookies


def test_the_code_on_the_page_leads_to_the_public_page(certificate: Certificate) -> None:
    assert certificate.values["address"].endswith(reverse("certificate", args=[certificate.code]))
