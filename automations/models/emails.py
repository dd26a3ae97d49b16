"""What we write to people: templates of e-mails, and the log of those that were sent."""

from django.db import models

from automations.emails import POLICIES, Wording
from automations.models.records import Record
from automations.models.runs import Run

ADDRESSES_HELP = "Addresses or {TAGS}, separated by commas. A tag gives one address."


class EmailTemplate(models.Model):
    """An e-mail as it is written once, with {TAGS} for what differs from record to record."""

    class Attach(models.TextChoices):
        NONE = "none", "Nothing"
        DOCUMENT = "document", "The newest document named like …"
        CERTIFICATE = "certificate", "The record's certificate"

    title = models.CharField(
        max_length=120, unique=True, help_text="What you call it in rules. The recipient does not see it."
    )
    to = models.CharField(max_length=500, help_text=f"Who gets it. {ADDRESSES_HELP} For example {{EMAIL}}.")
    cc = models.CharField(
        "copy to",
        max_length=500,
        blank=True,
        help_text=f"Who else gets it, seen by everybody. {ADDRESSES_HELP}",
    )
    reply_to = models.CharField(
        "replies go to",
        max_length=500,
        blank=True,
        help_text=f"Empty means: back to the sender. {ADDRESSES_HELP}",
    )
    sender = models.CharField(
        "from",
        max_length=200,
        blank=True,
        help_text="One address your mail server may send from. Empty means the one this hub was set up with.",
    )
    subject = models.CharField(max_length=300, help_text="One line, with {TAGS}.")
    text = models.TextField(help_text="What it says, with {TAGS}. Every recipient can read this part.")
    html = models.TextField(
        "HTML",
        blank=True,
        help_text="The same with formatting, if you wish. Values of {TAGS} are shown as text, whatever is in them.",
    )
    attach = models.CharField(
        max_length=11, choices=Attach, default=Attach.NONE, help_text="A file that goes with it."
    )
    attach_name = models.CharField(
        "document's name",
        max_length=150,
        blank=True,
        help_text="Part of the document's name, such as proposal. Of several that fit, the newest is attached.",
    )
    missing = models.CharField(
        "without data",
        max_length=5,
        choices=list(POLICIES.items()),
        default="hold",
        help_text="What happens when a tag has no value, or there is no file to attach.",
    )
    note = models.TextField(blank=True, help_text="Why it exists and who asked for it. Nobody else sees it.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["title"]
        verbose_name = "e-mail template"

    def __str__(self) -> str:
        return self.title

    def wording(self) -> Wording:
        """What it says, as it is rendered."""
        return Wording(
            subject=self.subject,
            text=self.text,
            html=self.html,
            to=self.to,
            cc=self.cc,
            reply_to=self.reply_to,
            sender=self.sender,
            missing=self.missing,
        )


class EmailMessage(models.Model):
    """One e-mail of a run. The row is there before anything is sent, and its Message-ID stays the same for ever."""

    class State(models.TextChoices):
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="emails", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="emails")
    number = models.PositiveSmallIntegerField(default=1)  # one more each time a person repeats what was sent
    message_id = models.CharField("Message-ID", max_length=255, unique=True)
    template = models.CharField(max_length=120, blank=True)  # its title then; "" for what is told to staff
    to = models.TextField(blank=True)
    subject = models.TextField(blank=True)  # with dots for what is sensitive
    state = models.CharField(max_length=7, choices=State, default=State.SENDING)
    words = models.TextField(blank=True)  # of the mail server, or why it was not reached
    doubtful = models.BooleanField(default=False)  # a sending was cut short: it may have gone out before
    closed = models.BooleanField(default=False)  # a person asked for another one
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        verbose_name = "e-mail"
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="email_once")]
        indexes = [
            models.Index(fields=["state", "id"], name="email_unsent", condition=~models.Q(state="sent"))
        ]

    def __str__(self) -> str:
        return self.subject


class Recipient(models.Model):
    """One address an e-mail goes to, copies included, without a name and in small letters: to be found by."""

    email = models.ForeignKey(
        EmailMessage, on_delete=models.CASCADE, related_name="recipients", db_index=False
    )
    address = models.CharField(max_length=320)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email", "address"], name="recipient_once")]
        indexes = [models.Index(fields=["address", "email"], name="recipient_address")]

    def __str__(self) -> str:
        return self.address
