"""A certificate is issued once for each key: one number and one file, however often and whoever is killed when."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.db.models.functions import Now

from automations import documents, freezing, issuing
from automations.actions import issue_certificate
from automations.actions.issue_certificate import of_change, of_run, perform
from automations.models import Certificate, CertificateTemplate, Change, Document, OnceKey, Rule, Run
from automations.replays import repeat
from automations.sentences import sentence
from tests.automations.actions.steps import STEPS, Killed, dying
from tests.automations.certified import TITLE, make_certificate_rule, make_template, pdf_of, words_of
from tests.world import make_source, post, update, work
from webhooks_in.models import Source
from webhooks_in.tasks import step as receive
from webhooks_out.jobs import Job, claim


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    """Where documents are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def insites() -> Source:
    """The CRM's contacts."""
    return make_source()


@pytest.fixture
def rule(insites: Source) -> Rule:
    make_template()
    return make_certificate_rule(("level2_review_status", "equals", "Passed"))


def passed(**more: Any) -> dict[str, Any]:
    """What the CRM says then; `more` is news each time it differs."""
    person = {"id": more.pop("id", 7)}
    return update({"level2_review_status": "Passed", **more}, **person)


def pass_level(source: Source, **snapshot: Any) -> None:
    """An administrator of the CRM sets the status to Passed."""
    post(source, passed(**snapshot))
    work()


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.django_db
class TestOnce:
    def test_a_certificate_is_a_document_of_its_record(self, rule: Rule, insites: Source) -> None:
        pass_level(insites)
        certificate = Certificate.objects.get()
        assert certificate.document == Document.objects.get()
        assert certificate.document.record == certificate.record
        assert certificate.document.content_type == "application/pdf"
        assert "Ana Lopez has passed level 2." in words_of(pdf_of(certificate))

    def test_the_number_stands_on_it_and_in_the_log(self, rule: Rule, insites: Source) -> None:
        pass_level(insites)
        number = Certificate.objects.get().number
        assert number.startswith("0001/20")
        assert number in words_of(pdf_of(Certificate.objects.get()))
        assert number in Run.objects.get().reason

    def test_ten_events_make_one(self, rule: Rule, insites: Source, files: Path) -> None:
        for number in range(10):
            pass_level(insites, visits=number)
        assert Run.objects.filter(state="done").count() == 10
        assert (Certificate.objects.count(), Document.objects.count(), len(kept(files))) == (1, 1, 1)
        assert CertificateTemplate.objects.get().last_number == 1

    def test_another_person_gets_the_next_number(self, rule: Rule, insites: Source) -> None:
        pass_level(insites)
        pass_level(insites, id=8)
        assert [one.sequence for one in Certificate.objects.order_by("id")] == [1, 2]

    def test_it_is_found_by_its_run_and_change(self, rule: Rule, insites: Source) -> None:
        pass_level(insites)
        pass_level(insites, visits=2)
        certificate = Certificate.objects.get()
        assert [of_run(run) for run in Run.objects.all()] == [certificate, certificate]
        assert [of_change(change) for change in Change.objects.all()] == [[certificate], [certificate]]

    def test_two_systems_with_a_contact_7_do_not_share_it(self, rule: Rule, insites: Source) -> None:
        pass_level(insites)
        run = Run.objects.get()
        known = freezing.drawn(run)
        template = CertificateTemplate.objects.get()
        own = issue_certificate.key_of("{id}", template, run.record, known)
        run.record.system_id += 1
        assert issue_certificate.key_of("{id}", template, run.record, known) != own

    def test_a_voided_one_makes_room_for_another(self, rule: Rule, insites: Source) -> None:
        pass_level(insites)
        first = Certificate.objects.get()
        assert issuing.void(first, User.objects.create(username="mia"), "Wrong name")
        assert of_run(Run.objects.get()) is None
        repeat(Run.objects.all())
        work()
        second = Certificate.objects.get(voided_at=None)
        assert (second.sequence, second.code != first.code) == (2, True)
        assert Document.objects.count() == 2
        assert not issuing.void(first, User.objects.get(), "again")

    def test_another_key_gives_another_certificate(self, insites: Source) -> None:
        make_template()
        make_certificate_rule(once_key="certificate:{id}:{level}:{template}")
        for level in (2, 2, 3):
            pass_level(insites, level=level)
        assert [one.sequence for one in Certificate.objects.order_by("id")] == [1, 2]
        assert not OnceKey.objects.exists()

    def test_a_document_that_was_deleted_is_drawn_again(self, rule: Rule, insites: Source) -> None:
        pass_level(insites)
        before = pdf_of(Certificate.objects.get())
        documents.remove(Document.objects.get())
        repeat(Run.objects.all())
        work()
        assert pdf_of(Certificate.objects.get()) == before


@pytest.mark.django_db
class TestWhatIsMissing:
    def test_an_empty_tag_holds_it_and_uses_no_number(self, rule: Rule, insites: Source) -> None:
        pass_level(insites, last_name="")
        run = Run.objects.get()
        assert (run.state, "{last_name} is empty" in run.reason) == (Job.State.HELD, True)
        assert (Certificate.objects.count(), CertificateTemplate.objects.get().last_number) == (0, 0)

    @pytest.mark.parametrize(("missing", "words"), [("empty", "Ana has passed"), ("default", "Ana N.N. has")])
    def test_or_leaves_a_gap_or_the_default(
        self, rule: Rule, insites: Source, missing: str, words: str
    ) -> None:
        CertificateTemplate.objects.update(missing=missing, default="N.N.")
        pass_level(insites, last_name=None)
        read = words_of(pdf_of(Certificate.objects.get()))
        assert words in read
        assert "None" not in read

    def test_a_key_that_lacks_a_value_is_held(self, insites: Source) -> None:
        make_template()
        make_certificate_rule(once_key="{level}")
        pass_level(insites)
        run = Run.objects.get()
        assert (run.state, run.reason) == (
            Job.State.HELD,
            "Its once key {level} cannot be told: {level} is empty.",
        )

    def test_a_template_that_is_gone_is_told(self, rule: Rule, insites: Source) -> None:
        CertificateTemplate.objects.all().delete()
        pass_level(insites)
        assert Run.objects.get().reason.startswith(f"There is no certificate template “{TITLE}”")

    def test_tags_in_the_data_stay_as_they_are(self, rule: Rule, insites: Source) -> None:
        pass_level(insites, first_name="{NUMBER}<b>", last_name="{{7*7}}")
        assert "{NUMBER}<b> {{7*7}}" in words_of(pdf_of(Certificate.objects.get()))


@pytest.mark.django_db(transaction=True)
class TestKilled:
    @pytest.mark.parametrize("moment", ["just before", "just after"])
    @pytest.mark.parametrize("step", STEPS)
    def test_between_any_two_steps_leaves_one_number_and_one_file(
        self, rule: Rule, insites: Source, files: Path, step: str, moment: str
    ) -> None:
        with dying(step, after=moment == "just after"), pytest.raises(Killed):
            pass_level(insites)
        assert Run.objects.get().state == Job.State.RUNNING
        Run.objects.update(due_at=Now())
        work()
        certificate = Certificate.objects.get()
        assert Run.objects.get().state == Job.State.DONE
        assert (certificate.sequence, CertificateTemplate.objects.get().last_number) == (1, 1)
        assert (Document.objects.count(), len(kept(files))) == (1, 1)
        assert "Ana Lopez" in words_of(pdf_of(certificate))

    def test_several_at_once_make_one(self, rule: Rule, insites: Source, files: Path) -> None:
        for number in range(6):
            post(insites, passed(visits=number))
        while receive():
            pass
        runs = claim(Run, 10)
        assert len(runs) == 6
        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(_alone, runs))
        assert {outcome.state for outcome in outcomes} == {Job.State.DONE}
        assert (Certificate.objects.count(), Document.objects.count()) == (1, 1)
        assert "Ana Lopez" in words_of(pdf_of(Certificate.objects.get()))


def _alone(run: Run) -> Any:
    try:
        return perform(run)
    finally:
        connections.close_all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"template": "Level 3"}, "there is no “Level 3”"),
        ({}, "choose one"),
        ({"template": TITLE, "key": "{id}"}, "no option “key”"),
        ({"template": TITLE}, ""),
    ],
)
def test_an_action_that_cannot_be_is_refused(db: None, options: dict[str, str], words: str) -> None:
    make_template()
    problem = issue_certificate.ISSUE_CERTIFICATE.problem(options)
    assert words in problem
    assert bool(words) == bool(problem)


@pytest.mark.django_db
def test_it_is_told_in_the_rules_sentence(rule: Rule) -> None:
    assert f"issue “{TITLE}”" in sentence(rule)
