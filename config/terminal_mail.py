"""Prints e-mails in the terminal, for a hub without a mail server: attached files by their name and size alone."""

from django.core.mail import EmailMessage
from django.core.mail.backends import console

LINE = "-" * 79


class EmailBackend(console.EmailBackend):
    """Django's console backend, but for the files."""

    def write_message(self, message: EmailMessage) -> None:
        """Called by Django for each e-mail."""
        built = message.message()
        for part in built.walk():
            if part.get_filename():
                size = len(part.as_bytes() if part.is_multipart() else part.get_payload(decode=True))
                del part["Content-Transfer-Encoding"]
                part.set_payload(f"[{size:,} bytes]")
        self.stream.write(f"{built.as_bytes().decode(errors='replace')}\n{LINE}\n")
