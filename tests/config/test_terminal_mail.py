"""E-mails in the terminal: everything a person reads, and of files their names."""

from io import StringIO

from django.core.mail import EmailMessage

from config.terminal_mail import EmailBackend

CONTENT = b"%PDF-" + bytes(2000)


def printed(message: EmailMessage) -> str:
    """What the terminal shows."""
    terminal = StringIO()
    EmailBackend(stream=terminal).send_messages([message])
    return terminal.getvalue()


def test_the_words_stand_there_as_they_are_sent() -> None:
    shown = printed(EmailMessage("Well done, Zoë", "Hello Zoë", "hub@example.org", ["zoe@example.org"]))
    assert "Hello Zoë" in shown
    assert "To: zoe@example.org" in shown


def test_a_file_is_named_and_measured_but_not_printed() -> None:
    message = EmailMessage("Well done", "Hello", "hub@example.org", ["zoe@example.org"])
    message.attach("Level 2.pdf", CONTENT, "application/pdf")
    shown = printed(message)
    assert 'filename="Level 2.pdf"' in shown
    assert "[2,005 bytes]" in shown
    assert len(shown) < 1000


def test_an_e_mail_that_is_attached_is_a_file_too() -> None:
    message = EmailMessage("Well done", "Hello", "hub@example.org", ["zoe@example.org"])
    message.attach("old.eml", b"Subject: Before\n\nWe met.", "message/rfc822")
    shown = printed(message)
    assert 'filename="old.eml"' in shown
    assert "We met" not in shown
