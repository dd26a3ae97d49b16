"""Everything an administrator defines as one YAML file: written out, and taken over again."""

from config.files.document import NotLoadable
from config.files.export import export
from config.files.load import load
from config.files.reports import Outcome, report

__all__ = ["NotLoadable", "Outcome", "export", "load", "report"]
