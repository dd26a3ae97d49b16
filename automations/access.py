"""Who may look at which record: the permission for its type is enough, and so is the one for all records."""

from django.contrib.auth.models import AbstractUser, AnonymousUser

from automations.models import Company, Contact, Record, Task

Person = AbstractUser | AnonymousUser
# The models that stand for one type of record each; every other type is seen among all records only.
MODELS: dict[str, type[Record]] = {"Contact": Contact, "Company": Company, "Task": Task}


def may_view(person: Person, record_type: str) -> bool:
    """Whether this person may see records of this type."""
    return model_for(person, record_type) is not None


def may_execute(person: Person, record_type: str) -> bool:
    """Whether this person may execute webhooks on records of this type: only on those they may see."""
    return person.has_perm("automations.execute_webhook") and may_view(person, record_type)


def model_for(person: Person, record_type: str) -> type[Record] | None:
    """The model as which this person sees records of this type, the one of their own before the general one."""
    for model in (MODELS.get(record_type), Record):
        if model and person.has_perm(f"automations.view_{model._meta.model_name}"):
            return model
    return None
