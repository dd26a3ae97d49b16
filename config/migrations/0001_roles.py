"""The five roles, as groups."""

from django.db import migrations

from config import roles


def install(apps, schema_editor):
    roles.install(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("automations", "0003_staff"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("webhooks_in", "0002_staff"),
        ("webhooks_out", "0002_staff"),
    ]

    # Taken back, it leaves the groups: people are in them.
    operations = [migrations.RunPython(install, migrations.RunPython.noop, elidable=False)]
