"""The most that sending can be: the hub's own HTTP client in a loop, without a database. Served by `launch`."""

import json
import threading
import time
from ipaddress import ip_network
from itertools import count

from tests.benchmarks import contacts
from webhooks_out.http import Client, Outgoing

HEADERS = {
    "User-Agent": "Fieldhook",
    "X-Fieldhook-Hops": "1",
    "Content-Type": "application/json",
    "webhook-id": "0190f5c4-8f3e-7cc1-9a55-9d2f3f1c2b4a",
    "webhook-timestamp": "1767225600",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def run(url: str, requests: int, threads: int) -> dict[str, float]:
    """Sends so many equal requests from so many threads; when it began and ended."""
    client = Client(pool=threads, allowed=[ip_network("127.0.0.0/8")])
    outgoing = Outgoing("POST", url, HEADERS, json.dumps(contacts.contact(1, 1)).encode())
    numbers, failed = count(), []

    def send() -> None:
        while next(numbers) < requests:
            answer = client.send(outgoing)
            if answer.status != 200:
                failed.append(answer)

    workers = [threading.Thread(target=send) for _ in range(threads)]
    began = time.time()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ended = time.time()
    client.close()
    if failed:
        raise RuntimeError(failed[0])
    return {"began": began, "ended": ended}
