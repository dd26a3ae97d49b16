"""How the page of a record lays out its fields: in sections people know, with labels, dots for what is sensitive."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automations.outlines import Leaf, Outline, outline, shown
from automations.sensitive import DOTS, Sensitive
from webhooks_out.scalars import is_empty

MAX_ROWS = 60  # of one table
MAX_COLUMNS = 12  # of one table

SYSTEM, CUSTOM, BUDGET, COAPPLICANT = "System", "Custom", "Budget", "Co-applicant"
CREDITORS, PLAN, BANK = "Creditors", "Enrollment plan", "Bank"
ICONS = {
    SYSTEM: "badge",
    CUSTOM: "tune",
    COAPPLICANT: "group",
    BANK: "account_balance",
    BUDGET: "savings",
    CREDITORS: "credit_card",
    PLAN: "event_note",
}
# The first part of a path → its section.
HEADS = {
    "coapplicant": COAPPLICANT,
    "creditors": CREDITORS,
    "bank": BANK,
    "budget": BUDGET,
    "plan_data": PLAN,
}
TABLES = (CREDITORS, PLAN)  # sections whose field is a table when it is a list of objects
# The group of a tag → the section of its field.
GROUPS = {
    "contact": SYSTEM,
    "system": SYSTEM,
    "budget": BUDGET,
    "bank": BANK,
    "coapplicant": COAPPLICANT,
}
ABBREVIATIONS = frozenset({"ssn", "dob", "id", "url", "zip"})

# Fields every CRM has, lower case and without signs.
_USUAL = re.compile(
    "id|(full|record|first|last|middle|company|campaign|stage|status)?name|email(address)?|"
    "(home|work|cell|mobile)?phone(number|mobile|work|home)?|mobile|address[12]?|city|state|zip(code)?|postcode|"
    "country|ssn|dob|dateofbirth|birthday|externalid|accountid|company|title|(lead|contact)?(stage|status)|substatus|"
    "campaign|filetype|source|owner|assignedto|tags|(created|updated|modified|enrolled)(at|date|on)?"
)
_WORDS = re.compile(r"[\s_\-]+|(?<=[a-z])(?=[A-Z])|(?<=[a-z])(?=[0-9])")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Tagged:
    """What a tag tells of the field it stands for."""

    group: str
    label: str = ""


@dataclass(frozen=True)
class Cell:
    """One value: where it stands, and what is shown of it."""

    path: str
    label: str
    shown: str
    concealed: bool = False  # shown as dots; the value is handed out on request
    empty: bool = False


@dataclass(frozen=True)
class Table:
    """A list of objects, one row each; `cut`: rows or columns were left out."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: bool = False


@dataclass(frozen=True)
class Section:
    """Fields that belong together; something in it is not empty. `blank`: the fields without a value."""

    title: str
    cells: tuple[Cell, ...]
    table: Table | None = None
    blank: tuple[Cell, ...] = ()

    @property
    def icon(self) -> str:
        """The name of its symbol."""
        return ICONS[self.title]


def of(fields: Mapping[str, Any], tags: Mapping[str, Tagged], sensitive: Sensitive) -> list[Section]:
    """The sections that hold anything, in the order of ICONS; of a record with very many fields, the first."""
    tables = {title: _table(head, fields[head], sensitive) for head, title in _tabular(fields)}
    rest = {key: value for key, value in fields.items() if not tables.get(HEADS.get(key, ""))}
    found: dict[str, list[Cell]] = {title: [] for title in ICONS}
    for leaf in outline(rest).leaves:
        found[heading(leaf.path, tags)].append(_cell(leaf, tags, sensitive))
    sections = (_section(title, found[title], tables.get(title)) for title in ICONS)
    return [section for section in sections if section.cells or section.table]


def tagged(rows: Iterable[tuple[str, str, str]]) -> dict[str, Tagged]:
    """What tags tell, by path, from rows of path, group and label."""
    return {path: Tagged(group, words) for path, group, words in rows}


def heading(path: str, tags: Mapping[str, Tagged]) -> str:
    """The title of the section a field stands in."""
    head = path.partition(".")[0]
    if head in HEADS:
        return HEADS[head]
    if tagged := tags.get(path):
        return GROUPS.get(tagged.group, CUSTOM)
    return SYSTEM if _USUAL.fullmatch(_SIGNS.sub("", path).casefold()) else CUSTOM


def named(path: str, tags: Mapping[str, Tagged]) -> str:
    """What a field is called within its section: its tag's label, else its path as words."""
    words = tags[path].label if path in tags else ""
    return words.removeprefix(f"{heading(path, tags)}: ") or label(path)


def label(path: str) -> str:
    """A field's name as words: “level2_review_status” → “Level 2 review status”."""
    parts = [part for part in path.split(".") if part]
    if parts and parts[0] in HEADS and len(parts) > 1:
        parts = parts[1:]
    shouted = path.isupper()
    words = [_word(word, shouted) for part in parts for word in _WORDS.split(part) if word]
    told = " ".join(words)
    return told[:1].upper() + told[1:]


def masked(data: Any, sensitive: Sensitive) -> Outline:
    """The outline of a record or payload with dots for what is sensitive."""
    return outline(sensitive.mask("", data))


def _word(word: str, shouted: bool) -> str:
    if word.casefold() in ABBREVIATIONS:
        return word.upper()
    return word.casefold() if shouted else word


def _section(title: str, cells: list[Cell], table: Table | None) -> Section:
    filled = tuple(cell for cell in cells if not cell.empty)
    return Section(title, filled, table, tuple(cell for cell in cells if cell.empty))


def _tabular(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields that are shown as tables: lists of objects."""
    for head, title in HEADS.items():
        value = fields.get(head)
        if (
            title in TABLES
            and isinstance(value, list)
            and value
            and all(isinstance(one, dict) for one in value)
        ):
            yield head, title


def _table(head: str, rows: list[dict[str, Any]], sensitive: Sensitive) -> Table:
    keys = list(dict.fromkeys(key for row in rows[:MAX_ROWS] for key in row))
    return Table(
        headings=tuple(label(key) for key in keys[:MAX_COLUMNS]),
        rows=tuple(
            tuple(
                _in_table(f"{head}.{index}.{key}", key, row.get(key), sensitive) for key in keys[:MAX_COLUMNS]
            )
            for index, row in enumerate(rows[:MAX_ROWS])
        ),
        cut=len(rows) > MAX_ROWS or len(keys) > MAX_COLUMNS,
    )


def _in_table(path: str, key: str, value: Any, sensitive: Sensitive) -> Cell:
    if is_empty(value):
        return Cell(path, label(key), "", empty=True)
    if path in sensitive:
        return Cell(path, label(key), DOTS, concealed=True)
    return Cell(path, label(key), shown(sensitive.mask(path, value)))


def _cell(leaf: Leaf, tags: Mapping[str, Tagged], sensitive: Sensitive) -> Cell:
    words = named(leaf.path, tags)
    if leaf.path in sensitive and not leaf.empty:
        return Cell(leaf.path, words, DOTS, concealed=True)
    return Cell(leaf.path, words, "" if leaf.empty else leaf.shown, empty=leaf.empty)
