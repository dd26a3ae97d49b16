"""Certificate templates in a file: everything but their images, which stay as they are."""

import pytest

from automations.models import Action, CertificateTemplate
from config.files import NotLoadable, export, load
from tests.automations.certified import TITLE, image, make_certificate_rule, make_template

pytestmark = pytest.mark.django_db
TEMPLATE = "certificates:\n  - title: Level 2\n    body: For {FIRSTNAME}\n"
RULE = (
    "rules:\n  - name: Certify\n    actions:\n"
    "      - kind: issue_certificate\n        options: {template: Level 2}\n"
)


def test_a_template_and_its_rule_come_back() -> None:
    make_template(body="For {FIRSTNAME}", digits=6, orientation="portrait")
    make_certificate_rule()
    written = export()
    Action.objects.all().delete()
    CertificateTemplate.objects.all().delete()
    load(written.encode(), {})
    assert export() == written
    template = CertificateTemplate.objects.get()
    assert (template.title, template.digits, template.orientation) == (TITLE, 6, "portrait")
    assert Action.objects.get().options == {"template": TITLE}


def test_images_and_numbers_stay_as_they_are() -> None:
    make_template(logo=image(), last_number=7)
    load(TEMPLATE.encode(), {})
    template = CertificateTemplate.objects.get()
    assert (bytes(template.logo), template.last_number, template.body) == (image(), 7, "For {FIRSTNAME}")


def test_a_rule_may_name_a_template_of_the_same_file() -> None:
    load(f"{RULE}{TEMPLATE}".encode(), {})
    assert Action.objects.get().kind == "issue_certificate"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{TEMPLATE}    logo: logo.png\n", "logo"),
        (f"{TEMPLATE}    last_number: 7\n", "last_number"),
        (f"{TEMPLATE}    heading: '{{FRISTNAME}}'\n", "There is no tag"),
        (f"{TEMPLATE}    page: A3\n", "page"),
        (f"{TEMPLATE}    text_colour: red\n", "Write a colour"),
        (RULE, "there is no “Level 2”"),
    ],
)
def test_what_cannot_be_is_refused(text: str, words: str) -> None:
    with pytest.raises(NotLoadable, match=words):
        load(text.encode(), {})
    assert not CertificateTemplate.objects.exists()
