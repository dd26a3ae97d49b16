"""Staff are told by e-mail: everybody active in a role, once, without seeing each other."""

import pytest

from automations.actions import ACTIONS
from automations.models import Tag
from tests.automations.letters import enrol, make_mailing_rule, make_member
from tests.mail_sink import Sink

pytestmark = pytest.mark.django_db
SAID = {"role": "Advisers", "subject": "{FIRSTNAME} enrolled", "text": "Call {FIRSTNAME} at {phone}."}


@pytest.fixture(autouse=True)
def _rule(db: None) -> None:
    Tag.objects.get_or_create(name="FIRSTNAME", defaults={"path": "first_name"})
    make_mailing_rule("notify_staff", **SAID)


def test_everybody_in_the_role_gets_it_and_sees_nobody(sink: Sink) -> None:
    make_member("Advisers", "mia@harbour.example")
    make_member("Advisers", "leo@harbour.example")
    run = enrol()
    (arrived,) = sink.arrived
    assert arrived.recipients == ["mia@harbour.example", "leo@harbour.example"]
    assert "harbour.example" not in str(arrived.message)
    assert (arrived.message["Bcc"], arrived.message["To"]) == (None, "undisclosed-recipients:;")
    assert (run.state, arrived.message["Subject"]) == ("done", "Ana enrolled")


def test_it_leads_to_the_record(sink: Sink) -> None:
    make_member("Advisers", "mia@harbour.example")
    run = enrol()
    link = f"http://127.0.0.1:8000/admin/automations/record/{run.record_id}/change/"
    assert link in sink.arrived[0].message.get_content()


def test_who_left_or_has_no_address_is_passed_over(sink: Sink) -> None:
    make_member("Advisers", "mia@harbour.example")
    make_member("Advisers", "gone@harbour.example", is_active=False)
    make_member("Advisers", "")
    make_member("Advisers", "MIA@harbour.example", is_staff=True)
    make_member("Others", "eve@harbour.example")
    enrol()
    assert [one.casefold() for one in sink.arrived[0].recipients] == ["mia@harbour.example"]


def test_nobody_to_tell_is_a_failure_that_says_so(sink: Sink) -> None:
    make_member("Advisers", "")
    run = enrol()
    assert (run.state, sink.arrived) == ("dead", [])
    assert "Nobody who is active in “Advisers” has an e-mail address" in run.reason


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"role": "Nobody"}, "Role: there is no “Nobody”"),
        ({"text": "{FRISTNAME}"}, "Text: There is no tag {FRISTNAME}"),
        ({"subject": "a\nb"}, "Subject: The subject is one line"),
        ({"subject": ""}, "Subject: fill this in"),
    ],
)
def test_what_cannot_be_is_refused_when_the_rule_is_saved(options: dict[str, str], words: str) -> None:
    make_member("Advisers", "mia@harbour.example")
    assert words in ACTIONS["notify_staff"].problem({**SAID, "text": "Hello", **options})
