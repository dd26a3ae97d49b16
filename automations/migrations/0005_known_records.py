"""Records that were there before get what lists search and filter by, a thousand in each transaction."""

from django.apps.registry import Apps
from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from automations import facets, identifiers

CHUNK = 1_000  # records


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Record = apps.get_model("automations", "Record")
    records = Record.objects.using(schema_editor.connection.alias).order_by("pk")
    last = 0
    while chunk := list(records.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        with transaction.atomic(using=schema_editor.connection.alias):
            _fill(apps, schema_editor.connection.alias, chunk)


def _fill(apps: Apps, database: str, chunk: list) -> None:
    Record, Identifier, Change = (
        apps.get_model("automations", name) for name in ("Record", "Identifier", "Change")
    )
    rows = [
        Identifier(record_id=record.pk, kind=kind, value=value)
        for record in chunk
        for kind, value in identifiers.known_by(record.fields, record.name)
    ]
    Identifier.objects.using(database).bulk_create(rows, ignore_conflicts=True)
    for record in chunk:
        for facet in facets.FIELDS:
            setattr(record, facet, facets.read(record.fields, facet))
    records = Record.objects.using(database)
    records.bulk_update(chunk, facets.FIELDS)
    first = Change.objects.filter(record=OuterRef("pk")).order_by("pk").values("source")[:1]
    pks = [record.pk for record in chunk]
    records.filter(pk__in=pks, source="").update(source=Coalesce(Subquery(first), Value("")))


class Migration(migrations.Migration):
    # Each thousand is kept as soon as it is done, and a run that was cut short goes on with what there is.
    atomic = False
    dependencies = [("automations", "0004_tag_groups")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
