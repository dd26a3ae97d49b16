"""What we know, decide and do, as rows."""

from automations.models.batches import Batch, BatchItem
from automations.models.hubs import DocumentCopy, Hub
from automations.models.records import Change, Company, Contact, Identifier, Record, System, Task
from automations.models.rules import Action, Condition, Rule, Tag
from automations.models.runs import OnceKey, Queued, Run
from automations.models.staff import Column, Document

__all__ = [
    "Action",
    "Batch",
    "BatchItem",
    "Change",
    "Column",
    "Company",
    "Condition",
    "Contact",
    "Document",
    "DocumentCopy",
    "Hub",
    "Identifier",
    "OnceKey",
    "Queued",
    "Record",
    "Rule",
    "Run",
    "System",
    "Tag",
    "Task",
]
