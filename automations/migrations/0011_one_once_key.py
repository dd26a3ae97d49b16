"""Certificates have their once key where every action has it."""

from typing import Any

from django.db import migrations, models

HELP = (
    "A text with {TAGS}, such as welcome:{id}:{level}. What was done under the same text is never done again. Empty: "
    "no limit, but certificates are issued once per record and template, as if you had written "
    "certificate:{id}:{template}. Void what was done, and it may happen once more."
)
KIND = "issue_certificate"


def to_the_action(apps: Any, _schema_editor: Any) -> None:
    """The key that certificates were issued by, or none where that was the usual one: those that are there are found
    under it. A second key beside it, which the form once offered, is given up."""
    for action in apps.get_model("automations", "Action").objects.filter(kind=KIND):
        action.once_key = action.options.pop("key", "")
        action.save(update_fields=["options", "once_key"])


def to_the_options(apps: Any, _schema_editor: Any) -> None:
    """Back to where certificates alone had it."""
    for action in apps.get_model("automations", "Action").objects.filter(kind=KIND).exclude(once_key=""):
        action.options["key"], action.once_key = action.once_key, ""
        action.save(update_fields=["options", "once_key"])


class Migration(migrations.Migration):
    dependencies = [("automations", "0010_sequences")]

    operations = [
        migrations.AlterField(
            model_name="action",
            name="once_key",
            field=models.CharField("only once per", max_length=500, blank=True, help_text=HELP),
        ),
        migrations.RunPython(to_the_action, to_the_options),
    ]
