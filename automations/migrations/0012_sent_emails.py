"""What e-mails are listed and found by: their template, and each address they go to."""

from email.utils import getaddresses
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

CHUNK = 1000  # e-mails read at a time


def fill_in(apps: Any, _schema_editor: Any) -> None:
    """Says it of the e-mails that are there."""
    emails = apps.get_model("automations", "EmailMessage").objects
    recipients = apps.get_model("automations", "Recipient")
    for email in emails.select_related("run__action").order_by("pk").iterator(CHUNK):
        addresses = {address.casefold() for _, address in getaddresses([email.to]) if address}
        recipients.objects.bulk_create(
            [recipients(email=email, address=address[:320]) for address in sorted(addresses)],
            ignore_conflicts=True,
        )
        if email.run.action:
            emails.filter(pk=email.pk).update(template=email.run.action.options.get("template", "")[:120])


class Migration(migrations.Migration):

    dependencies = [
        ('automations', '0011_one_once_key'),
    ]

    operations = [
        migrations.CreateModel(
            name='Recipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=320)),
            ],
        ),
        migrations.AlterModelOptions(
            name='emailmessage',
            options={'ordering': ['number'], 'verbose_name': 'e-mail'},
        ),
        migrations.AddField(
            model_name='emailmessage',
            name='template',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AlterField(
            model_name='emailmessage',
            name='message_id',
            field=models.CharField(max_length=255, unique=True, verbose_name='Message-ID'),
        ),
        migrations.AddIndex(
            model_name='emailmessage',
            index=models.Index(condition=models.Q(('state', 'sent'), _negated=True), fields=['state', 'id'], name='email_unsent'),
        ),
        migrations.AddField(
            model_name='recipient',
            name='email',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='recipients', to='automations.emailmessage'),
        ),
        migrations.AddIndex(
            model_name='recipient',
            index=models.Index(fields=['address', 'email'], name='recipient_address'),
        ),
        migrations.AddConstraint(
            model_name='recipient',
            constraint=models.UniqueConstraint(fields=('email', 'address'), name='recipient_once'),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
