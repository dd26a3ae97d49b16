"""What every kind of action must say of itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from automations.actions.foresight import Foreseen, Scene
from automations.models import Run
from webhooks_out.jobs import Outcome

Options = Mapping[str, str]  # what was entered for an action, by the names of its kind's options
Choices = Iterable[tuple[str, str]]  # value and words
MAX_OPTION = 10_000  # characters


@dataclass(frozen=True)
class Option:
    """One thing to say of an action of a kind. `choices`: asked when a form is shown, among which one is chosen."""

    name: str
    label: str
    help: str = ""
    required: bool = False
    default: str = ""
    choices: Callable[[], Choices] | None = None
    lines: int = 1  # of the input
    is_field: bool = (
        False  # whether it names a field of the rule's records, which are then offered while one types
    )

    def problem(self, value: str) -> str:
        """Why this cannot be the value, or ""."""
        if self.required and not value.strip():
            return f"{self.label}: choose one." if self.choices else f"{self.label}: fill this in."
        if len(value) > MAX_OPTION:
            return f"{self.label}: this is longer than {MAX_OPTION:,} characters."
        if value and self.choices and value not in dict(self.choices()):
            return f"{self.label}: there is no “{value[:60]}”."
        return ""


@dataclass(frozen=True)
class Kind:
    """A kind of action. `perform` does one run and says what became of it; it may be called again after a crash.

    `foresee` says what it would do for a run that is not stored, by the code that does it, and does nothing.
    """

    help: str
    perform: Callable[[Run], Outcome]
    foresee: Callable[[Run, Scene], Foreseen]
    needs_webhook: bool = False
    options: tuple[Option, ...] = ()
    refuse: Callable[[Options], str] = lambda _: ""  # why an action cannot be like this, or ""
    deed: Callable[[Options], str] = lambda _: (
        ""
    )  # what it does, in words that follow "When …:"; "" = its label
    once_key: str = ""  # of a kind whose own rows are claimed once: the key of an action that has none
    once_tags: tuple[str, ...] = ()  # what such a key may name beside the tags of records

    def problem(self, options: Mapping[str, Any]) -> str:
        """Why an action with these options cannot be saved, or ""."""
        known = {option.name for option in self.options}
        if unknown := sorted(set(options) - known):
            return f"It has no option “{unknown[0][:60]}”."
        if wrong := next((name for name, value in options.items() if not isinstance(value, str)), ""):
            return f"“{wrong}” is not a text."
        given = self.filled(options)
        found = (option.problem(given[option.name]) for option in self.options)
        return next(filter(None, found), "") or self.refuse(given)

    def filled(self, options: Options) -> dict[str, str]:
        """Every option, those that were not given with their defaults."""
        return {option.name: options.get(option.name, option.default) for option in self.options}
