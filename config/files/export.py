"""From the database to the text of a file: everything that is defined here, secrets left out."""

from typing import Any

from config.files import writing
from config.files.kinds import KINDS, Kind, describe

HEAD = """\
What this Fieldhook does; `manage.py config load` takes it over. What is left out has its default.
The images of certificates are not in here; loading leaves them as they are.
Secrets and ingest URLs are not in here. To set one, name a variable of the environment,
as in “secret: {env: INSITES_SECRET}” or “token: {env: INSITES_TOKEN}”; without that it stays as it is."""


def export() -> str:
    """The file. The same definitions give the same text, whatever database they are stored in."""
    sections = {section: _all(kind) for section, kind in KINDS.items()}
    names = [system["name"] for system in sections["systems"]]
    tags = {tag.pop("name"): tag if len(tag) > 1 else tag["path"] for tag in sections["tags"]}
    return writing.document(HEAD, {**sections, "systems": names, "tags": tags})


def _all(kind: Kind) -> list[dict[str, Any]]:
    """Every row of a table, by name; databases sort names each in their own way."""
    rows = kind.model._default_manager.prefetch_related(*kind.rows)
    found = [describe(kind, row, {key: getattr(row, key).all() for key in kind.rows}) for row in rows]
    return sorted(found, key=lambda said: said[kind.name])
