"""What the roles may do with templates of e-mails and certificates, and with once keys."""

from django.db import migrations

from config import roles


def install(apps, schema_editor):
    roles.install(apps)


class Migration(migrations.Migration):
    dependencies = [("config", "0001_roles"), ("automations", "0010_sequences")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
