"""What the roles may do with the log of e-mails."""

from django.db import migrations

from config import roles


def install(apps, schema_editor):
    roles.install(apps)


class Migration(migrations.Migration):
    dependencies = [("config", "0002_template_roles"), ("automations", "0012_sent_emails")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
