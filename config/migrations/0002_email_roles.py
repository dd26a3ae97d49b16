"""Who may see and write e-mail templates."""

from django.db import migrations

from config import roles


def install(apps, schema_editor):
    roles.install(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("automations", "0007_emails"),
        ("config", "0001_roles"),
    ]

    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
