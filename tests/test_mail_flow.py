"""E-mails on real workers and a real mail server, with kills between sending and noting it."""

from collections.abc import Callable

from django.utils import timezone

from automations.models import EmailMessage, Run
from tests.automations.letters import make_mailing_rule, make_template
from tests.clusters import Running, until
from tests.mail_sink import Sink
from tests.world import make_source, post, update
from webhooks_out import drains

Start = Callable[..., Running]
PATIENCE = 60.0  # seconds


def harbour() -> None:
    """A rule that welcomes who enrols."""
    make_template(to="{email}", subject="Welcome, {first_name}", text="Hello {first_name}")
    make_mailing_rule()
    drains.ensure_watches()
    post(make_source(), update({"stage": "Enrolled"}))


def is_done() -> bool:
    """Whether the one run there is came to its end."""
    return Run.objects.filter(state="done").exists()


def test_a_worker_that_is_killed_before_it_noted_the_sending_repeats_the_message_id(
    sink: Sink, mail_port: int, start: Start
) -> None:
    workers = ("hub", "--only", "workers")
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_port}"}
    sink.delay = 20.0
    hub = start(*workers, **mail)
    harbour()
    until(lambda: sink.arrived, PATIENCE, "the e-mail")
    hub.end()
    assert not is_done()
    # As if the lease had run out.
    Run.objects.update(due_at=timezone.now())
    sink.delay = 0
    start(*workers, **mail)
    until(is_done, PATIENCE, "the repeat")
    assert len(sink.arrived) == 2
    assert len({one.message["Message-ID"] for one in sink.arrived}) == 1
    row = EmailMessage.objects.get()
    assert (row.state, row.doubtful) == ("sent", True)


def test_an_e_mail_is_sent_once_by_several_workers(sink: Sink, mail_port: int, start: Start) -> None:
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_port}", "WORKERS": "4"}
    start("hub", "--only", "workers", **mail)
    harbour()
    until(is_done, PATIENCE, "the e-mail")
    assert [one.recipients for one in sink.arrived] == [["ana@harbour.example"]]
