"""How far an import is, in numbers and words, and how long it may still take."""

from dataclasses import dataclass
from datetime import datetime

from webhooks_in.imports.layouts import Layout
from webhooks_in.models import Import

FIRST_GUESS = 2.0  # seconds of work before a remaining time is told


@dataclass(frozen=True)
class Progress:
    """Where the work of one stage is. `share`: 0 to 1, None when nobody can say. `remaining`: seconds, or None."""

    done: int
    share: float | None
    per_second: float
    remaining: float | None

    @property
    def percent(self) -> int:
        """Of the work, rounded down, so that 100 means done."""
        return int((self.share or 0) * 100)

    @property
    def words(self) -> str:
        """The remaining time as people say it; "" when unknown."""
        if self.remaining is None:
            return ""
        if self.remaining < 60:
            return "less than a minute left"
        minutes = round(self.remaining / 60)
        hours, rest = divmod(minutes, 60)
        return f"about {hours} h {rest} min left" if hours else f"about {minutes} min left"


def of(load: Import, now: datetime) -> Progress:
    """The progress of the stage the import is in."""
    share = _share(load)
    until = load.finished_at or load.paused_at or now
    seconds = max(0.0, (until - load.started_at).total_seconds()) if load.started_at else 0.0
    running = load.finished_at is None and load.paused_at is None
    known = running and share and seconds >= FIRST_GUESS
    return Progress(
        done=load.position,
        share=share,
        per_second=load.position / seconds if seconds >= 0.5 else 0.0,
        remaining=seconds * (1 - share) / share if known and share else None,
    )


def _share(load: Import) -> float | None:
    if load.stage == Import.Stage.UNPACKING:
        return None
    if load.rows is not None:
        return min(1.0, load.position / load.rows) if load.rows else 1.0
    size = load.size if not load.table else int(Layout.of(load.layout).length)
    return min(1.0, load.offset / size) if size else None
