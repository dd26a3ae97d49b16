"""Every standard tag gets its group and its meaning; the tags that were missing are added, the budget's among them."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

Rows = dict[str, tuple[str, str]]  # tag: path, meaning

PERSON: Rows = {
    "FIRSTNAME": ("first_name", "First name"),
    "LASTNAME": ("last_name", "Last name"),
    "EMAIL": ("email", "E-mail address"),
    "HOMEPHONE": ("home_phone", "Home telephone"),
    "WORKPHONE": ("work_phone", "Work telephone"),
    "CELLPHONE": ("cell_phone", "Mobile telephone"),
    "ADDRESS1": ("address1", "Address, first line"),
    "ADDRESS2": ("address2", "Address, second line"),
    "CITY": ("city", "City"),
    "STATE": ("state", "State"),
    "ZIP": ("zip", "ZIP code"),
    "SSN": ("ssn", "Social security number"),
    "DOB": ("dob", "Date of birth"),
}
CONTACT: Rows = {
    **PERSON,
    "FULLNAME": ("record_name", "First and last name"),
    "PHONE": ("phone", "Telephone"),
    "EXTERNALID": ("external_id", "Id in another system"),
    "CAMPAIGN": ("campaign", "Campaign"),
    "STAGE": ("stage", "Stage"),
    "STATUS": ("status", "Status"),
}
COAPPLICANT: Rows = {
    **{f"CO{name}": (f"coapplicant.{path}", f"Co-applicant: {words}") for name, (path, words) in PERSON.items()},
    "CCF:*": ("coapplicant.*", "Any custom field of the co-applicant: {CCF:Favourite color}"),
}
CREDITOR: Rows = {
    "C#_NAME": ("creditors.#.name", "Name of the creditor: {C1_NAME}, {C2_NAME} …"),
    "C#_AMT": ("creditors.#.debt", "Debt"),
    "C#_ACCT": ("creditors.#.account", "Account number"),
    "C#_TYPE": ("creditors.#.type", "Type of account"),
    "C#_COLLECTION": ("creditors.#.collection_name", "Collection agency"),
    "C#_CURRENTPMT": ("creditors.#.current_payment", "Current payment"),
    "C#_HOLDER": ("creditors.#.holder", "Whose debt it is"),
    "C#_LASTPMT": ("creditors.#.last_payment", "Last payment"),
    "C#_NOTES": ("creditors.#.notes", "Notes"),
}
BANK: Rows = {
    "BANKNAME": ("bank.name", "Name of the bank"),
    "NAMEONACCT": ("bank.holder", "Account holder"),
    "ACCOUNTNUM": ("bank.account", "Account number"),
    "ROUTINGNUM": ("bank.routing", "Routing number"),
    "ACCTTYPE": ("bank.type", "Checking or savings"),
}
SYSTEM: Rows = {
    "ID": ("id", "The record's id"),
    "ACCTID": ("hub.account_id", "This hub's account id"),
    "EP_DATA": ("hub.plan_data", "Enrollment plan, for the key __plan_data"),
    "UPLOAD_DOC_IDS": ("hub.document_ids", "Ids of the record's documents, for the key __copydocs"),
}
INCOME = {
    "NET_INCOME": "Net monthly income",
    "CO_NET_INCOME": "Co-applicant's net monthly income",
    "SELF_EMPLOYMENT": "Income from self-employment",
    "SOCIAL_SECURITY": "Social security",
    "DISABILITY": "Disability income",
    "UNEMPLOYMENT": "Unemployment benefits",
    "RETIREMENT": "Pension and retirement income",
    "CHILD_SUPPORT_IN": "Child support received",
    "ALIMONY_IN": "Alimony received",
    "DIVIDENDS": "Dividends and interest",
    "RENTAL_INCOME": "Rental income",
    "OTHER_INCOME": "Other income",
    "TOTAL_INCOME": "Total income",
}
EXPENSES = {
    "RENT": "Rent or mortgage",
    "PROPERTY_TAX": "Property tax",
    "HOME_INSURANCE": "Home or renter's insurance",
    "HOME_MAINTENANCE": "Home maintenance and association fees",
    "ELECTRICITY": "Electricity",
    "HEATING": "Gas and heating",
    "WATER": "Water, sewer and garbage",
    "PHONE": "Telephone",
    "MOBILE": "Mobile telephone",
    "INTERNET": "Internet, cable and satellite",
    "GROCERIES": "Groceries",
    "HOUSEHOLD": "Household items",
    "CLOTHING": "Clothing",
    "PERSONAL_CARE": "Personal care",
    "CAR_PAYMENT": "Car payment",
    "CAR_INSURANCE": "Car insurance",
    "FUEL": "Fuel",
    "CAR_MAINTENANCE": "Car maintenance",
    "TRANSIT": "Public transport and parking",
    "HEALTH_INSURANCE": "Health insurance",
    "MEDICAL": "Doctors, dentists and hospitals",
    "PRESCRIPTIONS": "Prescriptions",
    "LIFE_INSURANCE": "Life insurance",
    "CHILD_CARE": "Child care",
    "CHILD_SUPPORT": "Child support paid",
    "ALIMONY": "Alimony paid",
    "EDUCATION": "School and tuition",
    "STUDENT_LOANS": "Student loans",
    "TAXES": "Taxes owed",
    "DINING": "Dining out",
    "ENTERTAINMENT": "Entertainment",
    "MEMBERSHIPS": "Memberships and subscriptions",
    "PETS": "Pets",
    "GIFTS": "Gifts",
    "CHARITY": "Charity",
    "SAVINGS": "Savings",
    "OTHER_EXPENSES": "Other expenses",
    "TOTAL_EXPENSES": "Total expenses",
    "AVAILABLE": "What is left each month",
}
BUDGET: Rows = {
    f"BUDGET_{name}": (f"budget.{name.lower()}", words) for name, words in (INCOME | EXPENSES).items()
}
GROUPS = {
    "contact": CONTACT,
    "coapplicant": COAPPLICANT,
    "creditor": CREDITOR,
    "bank": BANK,
    "system": SYSTEM,
    "budget": BUDGET,
}
MOVED = ("account_id", "plan_data", "document_ids")  # where three system tags pointed before


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    tags = apps.get_model("automations", "Tag").objects.using(schema_editor.connection.alias)
    stored = {tag.name: tag for tag in tags.all()}
    for group, rows in GROUPS.items():
        for name, (path, words) in rows.items():
            tag = stored.get(name)
            if tag is None:
                tags.create(name=name, path=path, group=group, label=words)
                continue
            # A path an administrator changed is theirs.
            tag.path = path if tag.path in MOVED else tag.path
            tag.group, tag.label = group, words
            tag.save(using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("automations", "0003_staff")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
