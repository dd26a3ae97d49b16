"""The standard tags: the names DebtPayPro users know, and the fields they stand for here."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PERSON = {
    "FIRSTNAME": "first_name",
    "LASTNAME": "last_name",
    "EMAIL": "email",
    "HOMEPHONE": "home_phone",
    "WORKPHONE": "work_phone",
    "CELLPHONE": "cell_phone",
    "ADDRESS1": "address1",
    "ADDRESS2": "address2",
    "CITY": "city",
    "STATE": "state",
    "ZIP": "zip",
    "SSN": "ssn",
    "DOB": "dob",
}
TAGS = {
    "ID": "id",
    "ACCTID": "account_id",
    "EXTERNALID": "external_id",
    "FULLNAME": "record_name",
    "PHONE": "phone",
    "CAMPAIGN": "campaign",
    "STAGE": "stage",
    "STATUS": "status",
    **PERSON,
    # The co-applicant, and any custom field of hers: {CCF:Favourite color}.
    **{f"CO{name}": f"coapplicant.{path}" for name, path in PERSON.items()},
    "CCF:*": "coapplicant.*",
    # One row for all of a list: {C1_NAME}, {C2_NAME} …
    "C#_NAME": "creditors.#.name",
    "C#_AMT": "creditors.#.debt",
    "C#_ACCT": "creditors.#.account",
    "C#_TYPE": "creditors.#.type",
    "C#_CURRENTPMT": "creditors.#.current_payment",
    "C#_HOLDER": "creditors.#.holder",
    "BANKNAME": "bank.name",
    "ACCOUNTNUM": "bank.account",
    "ROUTINGNUM": "bank.routing",
    "EP_DATA": "plan_data",
    "UPLOAD_DOC_IDS": "document_ids",
}


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Tag = apps.get_model("automations", "Tag")
    rows = [Tag(name=name, path=path) for name, path in TAGS.items()]
    Tag.objects.using(schema_editor.connection.alias).bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("automations", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
