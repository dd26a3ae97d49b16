"""Waits until the hub answers, sends it the samples through its front door, and says what is worth a look."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import quote

from django.db import connection
from django.urls import reverse

from automations.models import Change, Record
from config.demo import fair, world
from config.demo.samples import LEADS, Sample
from webhooks_in.models import Receipt, Source
from webhooks_out.http import Client, Outgoing
from webhooks_out.models import Delivery

READY_WITHIN = 60.0  # seconds until the hub must answer that all is well
DONE_WITHIN = 10.0  # seconds until a sample must be processed
LOOK = 0.05  # seconds between two looks
LOOPBACK = (ip_network("127.0.0.0/8"),)
NOT_READY = "The hub did not answer within {:.0f} s: what it printed above says why. Ctrl-C ends it."
IMPORTED = "→ {load.source}: the list {load.name} is imported\n  {load.created} contacts, {load.rejected} rows rejected"
# Answer → what it means for one request, and for the sum of them. An answer is a status, or what a lead is told.
MEANING: dict[int | str | None, tuple[str, str]] = {
    202: ("stored and processed", "accepted"),
    "created": ("the lead's sender is told our id of it", "accepted"),
    200: ("a repeat: counted, not processed again", "a repeat"),
    "rejected": ("a lead that is known already: its sender is told so", "a duplicate lead"),
    401: ("not verified: refused, and kept in quarantine", "in quarantine"),
}

BLOCK = """
────────────────────────────────────────────────────────────────────────────
  Fieldhook is running at {address}/admin/
  Log in as               {login} / {password}

  Pushed {count} requests through the front door: {sums}.

  Worth opening
    what is going on      {home}
    why rules did or did
    not fire for a lead   {change}
    what was sent         {deliveries}
    Priya's certificate   {certificates}

  Try
    a mass post to the
    fair's {fair} people      {contacts}

  Watch
    the catcher above prints what arrives, and verifies signatures
    the payments desk answers 500: three attempts, some seconds apart, then it is given up
    the welcome texts to the new leads leave in two minutes

  Ctrl-C ends all of it. Delete .demo/ to begin anew.
────────────────────────────────────────────────────────────────────────────"""


@dataclass(frozen=True)
class Pushed:
    """A sample and how the hub answered."""

    sample: Sample
    answer: int | str | None
    receipt: str = ""


class Tour:
    """One tour of the hub at `address`, such as http://127.0.0.1:8000; it breaks off as soon as `over` says so."""

    def __init__(self, address: str, write: Callable[[str], object], over: Callable[[], bool]) -> None:
        self.address = address
        self.write = write
        self.over = over
        self._client = Client(pool=1, allowed=LOOPBACK)

    def guide(self, samples: Iterable[Sample]) -> None:
        """The whole tour."""
        with closing(connection), closing(self._client):
            if not self._until(self._ready, READY_WITHIN):
                self._say(NOT_READY.format(READY_WITHIN))
                return
            pushed = [self._push(sample) for sample in samples if not self.over()]
            if load := fair.bring_home(lambda condition: self._until(condition, DONE_WITHIN)):
                self._say(IMPORTED.format(load=load))
            self._until(
                lambda: not Delivery.objects.filter(attempts=0, due_at__isnull=False).exists(), DONE_WITHIN
            )
            self._say(_block(self.address, pushed))

    def _ready(self) -> bool:
        answer = self._client.send(Outgoing("GET", f"{self.address}/health/", {}, b"", timeout=5))
        return answer.status == 200

    def _push(self, sample: Sample) -> Pushed:
        """Sends one sample and waits until it is processed, so that the next finds its record."""
        path = Source.objects.get(title=sample.source).path
        url = f"{self.address}{path}" + (f"?{sample.query}" if sample.query else "")
        answer = self._client.send(Outgoing(sample.method, url, sample.headers, sample.body))
        said = json.loads(answer.excerpt) if answer.status in (200, 202) else {}
        told = said.get("status", answer.status)
        meaning = MEANING.get(told, (answer.detail or answer.excerpt, ""))[0]
        self._say(f"→ {sample.source}: {sample.what}\n  answered {answer.status}: {meaning}")
        receipt = str(said.get("receipt", ""))
        if receipt:
            self._until(lambda: Receipt.objects.filter(pk=receipt, due_at__isnull=True).exists(), DONE_WITHIN)
        return Pushed(sample, told, receipt)

    def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether the condition came true in time."""
        ends = time.monotonic() + seconds
        while not condition():
            if self.over() or time.monotonic() > ends:
                return False
            time.sleep(LOOK)
        return True

    def _say(self, text: str) -> None:
        if not self.over():
            self.write(text)


def _block(address: str, pushed: list[Pushed]) -> str:
    first_lead = next((one.receipt for one in pushed if one.sample.source == LEADS), "")
    change = Change.objects.filter(receipt_id=first_lead or None).first()
    kinds = Counter(MEANING[one.answer][1] for one in pushed if one.answer in MEANING)
    sums = ", ".join(f"{kinds[words]} {words}" for words in dict.fromkeys(one for _, one in MEANING.values()))
    return BLOCK.format(
        address=address,
        login=world.LOGIN,
        password=world.password(),
        count=len(pushed),
        sums=sums,
        home=address + reverse("admin:index"),
        change=address + reverse("admin:automations_change_change", args=[change.pk]) if change else "(none)",
        deliveries=address + reverse("admin:webhooks_out_delivery_changelist"),
        certificates=address + reverse("admin:automations_certificate_changelist"),
        fair=Record.objects.filter(campaign=fair.CAMPAIGN).count(),
        contacts=f"{address}{reverse('admin:automations_contact_changelist')}?campaign={quote(fair.CAMPAIGN)}",
    )
