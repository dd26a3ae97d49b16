"""What we know, decide and do, as rows."""

from automations.models.records import Change, Company, Contact, Record, System, Task
from automations.models.rules import Action, Condition, Rule, Tag
from automations.models.runs import OnceKey, Run

__all__ = [
    "Action",
    "Change",
    "Company",
    "Condition",
    "Contact",
    "OnceKey",
    "Record",
    "Rule",
    "Run",
    "System",
    "Tag",
    "Task",
]
