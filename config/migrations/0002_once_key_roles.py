"""Who may look at once keys and void them."""

from django.db import migrations

from config import roles


def install(apps, schema_editor):
    roles.install(apps)


class Migration(migrations.Migration):
    dependencies = [("config", "0001_roles"), ("automations", "0007_sequences")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
