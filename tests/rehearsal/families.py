"""The load: clients that ask at a bounded rate, hold each answer against the table, and sometimes give a thumb."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.rehearsal.expected import Table, essence
from tests.rehearsal.seen import Moment, Part

CLIENTS = 8
RATE = 60.0
"""Requests a second over all clients, where the machine allows."""

THUMB_EVERY = 10
POPULAR = 40
"""Questions that every second request asks, as families do; a replica has them in its memory."""

PATIENCE = 15.0


class Families:
    """Asks through the proxy. ``asking`` is how many requests wait for an answer now."""

    def __init__(self, address: str, questions: list[str], table: Table) -> None:
        self.address = address
        self.questions = questions
        self.table = table
        self.asking = 0
        self.began = time.perf_counter()
        self._turns = itertools.count()

    def now(self) -> float:
        """Return the seconds since the rehearsal began."""
        return time.perf_counter() - self.began

    async def under_load(self, name: str, seconds: float, least: int, fault: Callable[[Part], Awaitable[None]]) -> Part:
        """Let a fault happen a second after the load has begun; the part lasts so long, and so many requests."""
        part, end = Part(name, self.now()), asyncio.Event()
        asking = [asyncio.create_task(self._ask_until(part, end)) for _ in range(CLIENTS)]
        await asyncio.sleep(1)
        await fault(part)
        while self.now() - part.began < seconds or part.asked < least:
            await asyncio.sleep(0.1)
        end.set()
        await asyncio.gather(*asking)
        return part

    async def _ask_until(self, part: Part, end: asyncio.Event) -> None:
        due = time.perf_counter()
        async with httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=1)) as client:
            while not end.is_set():
                # A client that was kept waiting does not make up for it: the rate is a bound.
                due = max(due + CLIENTS / RATE, time.perf_counter())
                await asyncio.sleep(due - time.perf_counter())
                turn = next(self._turns)
                ask = self._give_thumb if turn % THUMB_EVERY == THUMB_EVERY - 1 else self._ask
                started = time.perf_counter()
                self.asking += 1
                went = await ask(client, part, turn)
                self.asking -= 1
                part.moments.append(Moment(self.now(), time.perf_counter() - started, went))

    async def _ask(self, client: httpx.AsyncClient, part: Part, turn: int) -> str:
        asked = self.questions[:POPULAR] if turn % 2 else self.questions
        question = asked[turn // 2 % len(asked)]
        what, body = await send(client, f"{self.address}/api/v1/ask", {"question": question})
        if what:
            part.fail(what, self.now())
            return "failed"
        expected = self.table.get(body["corpus_version"], {}).get(question)
        if expected != essence(body):
            part.wrong += 1
            return "wrong"
        part.good += 1
        return "good"

    async def _give_thumb(self, client: httpx.AsyncClient, part: Part, turn: int) -> str:
        mark = uuid.uuid4().hex[:20]
        thumb = {"answer_id": mark, "corpus_version": next(iter(self.table)), "helpful": bool(turn % 3)}
        what, body = await send(client, f"{self.address}/api/v1/feedback", thumb)
        if what or not body["stored"]:
            part.refused[what or "not stored"] += 1
            return "refused"
        part.promised.add(mark)
        return "kept"


async def send(client: httpx.AsyncClient, address: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return what went wrong (empty where nothing did) and the answer."""
    try:
        response = await client.post(address, json=body)
    except httpx.HTTPError as error:
        return type(error).__name__, {}
    if response.status_code != 200:
        return f"{response.status_code} {title_of(response)}".strip(), {}
    return "", response.json()


def title_of(response: httpx.Response) -> str:
    """Return the title of a problem document; nothing where the answer is the proxy's own."""
    try:
        return f"“{response.json()['title']}”"
    except (ValueError, KeyError, TypeError):
        return ""
