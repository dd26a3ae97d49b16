"""A mail server that wants encryption and a login, as most do."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from automations.models import Run
from tests.automations.letters import enrol, make_mailing_rule, make_template
from tests.mail_sink import Sink
from tests.webhooks_out.authorities import Authority

pytestmark = pytest.mark.django_db
USER, PASSWORD = "hub", "a long password"
Guard = Callable[[str], Sink]


@pytest.fixture
def guarded(
    mail_port: int, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Guard]:
    """Starts a mail server with a certificate of that name, of an authority this machine trusts."""
    authority = Authority()
    (tmp_path / "authority.pem").write_text(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "localhost", True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    with ExitStack() as running:

        def start(name: str) -> Sink:
            sink = Sink()
            controller = Controller(
                sink,
                hostname="127.0.0.1",
                port=mail_port,
                tls_context=authority.context(name),
                require_starttls=True,
                auth_required=True,
                authenticator=_known,
            )
            controller.start()
            running.callback(controller.stop)
            return sink

        yield start


def _known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    known = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=known)  # what is not handled is answered 535


def written() -> Run:
    """The run of an e-mail that was due."""
    make_template()
    make_mailing_rule()
    return enrol()


def test_an_e_mail_goes_out_encrypted_after_the_login(guarded: Guard) -> None:
    sink = guarded("localhost")
    assert written().state == "done"
    assert [one.recipients for one in sink.arrived] == [["ana@harbour.example"]]


def test_a_refused_login_is_told_and_tried_again(guarded: Guard, settings: Any) -> None:
    sink = guarded("localhost")
    settings.EMAIL_HOST_PASSWORD = "wrong"
    run = written()
    assert run.state == "waiting"
    assert "The mail server refused the user or the password of EMAIL_URL: 535" in run.reason
    assert not sink.arrived


def test_a_server_that_is_somebody_else_gets_neither_password_nor_e_mail(guarded: Guard) -> None:
    sink = guarded("elsewhere.example")
    run = written()
    assert run.state == "waiting"
    assert "certificate verify failed" in run.reason
    assert not sink.arrived
