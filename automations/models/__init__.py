"""What we know, decide and do, as rows."""

from automations.models.batches import Batch, BatchItem
from automations.models.certificates import Certificate, CertificateTemplate
from automations.models.emails import EmailMessage, EmailTemplate, Recipient
from automations.models.hubs import DocumentCopy, Hub
from automations.models.records import Change, Company, Contact, Identifier, Record, System, Task
from automations.models.rules import Action, Condition, Rule
from automations.models.runs import OnceKey, Queued, Run
from automations.models.staff import Column, Document
from automations.models.tags import Tag

__all__ = [
    "Action",
    "Batch",
    "BatchItem",
    "Certificate",
    "CertificateTemplate",
    "Change",
    "Column",
    "Company",
    "Condition",
    "Contact",
    "Document",
    "DocumentCopy",
    "EmailMessage",
    "EmailTemplate",
    "Hub",
    "Identifier",
    "OnceKey",
    "Queued",
    "Recipient",
    "Record",
    "Rule",
    "Run",
    "System",
    "Tag",
    "Task",
]
