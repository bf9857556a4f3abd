"""``make rehearse``: rehearse every fault, write table and picture into ``docs/operations.md``, fail on a missed bar.

``python -m tests.rehearsal --seconds 20 --requests 20000`` sets how long each part lasts at least, and how many
requests all parts together send at least. ``--only WORD,WORD`` rehearses the parts whose name holds a word, and writes
nothing.
"""

import argparse
import asyncio
import os
import resource
import signal
import sys
import tempfile
from datetime import date
from pathlib import Path

from tests.benchmarks.speed import ROOT, machine
from tests.rehearsal.expected import expected_answers, two_versions
from tests.rehearsal.families import CLIENTS, RATE, THUMB_EVERY, Families
from tests.rehearsal.faults import Faults
from tests.rehearsal.page import write_between
from tests.rehearsal.picture import draw
from tests.rehearsal.seen import HEAD, Part
from tests.rehearsal.services import beside, thumbs_of_file
from tests.rehearsal.stand import Stand

PICTURE = ROOT / "docs/rehearsal.svg"
FILES = 8192
"""Files that the script, the proxy and the replicas may have open: 2,000 idle connections count twice."""


async def rehearse(place: Path, seconds: float, requests: int, only: str) -> list[Part]:
    """Run the parts and return what was seen."""
    folder, first, second = two_versions(place)
    questions, table = expected_answers(folder, (first, second))
    with beside(place) as services:
        environment = {"CARELEAF_DATABASE_URL": services[0].url, "CARELEAF_REDIS_URL": services[1].url}
        stand = Stand(place, folder, environment)
        families = Families(stand.address, questions, table)
        faults = Faults(stand, families, services, (first, second))
        chosen = [(name, fault) for name, fault in faults.all() if any(word in name for word in only.split(","))]
        parts: list[Part] = []
        async with stand.running():
            print(HEAD, flush=True)
            for name, fault in chosen:
                if fault == faults.full_disk:
                    await faults.move_to_small_disk()
                died = stand.died
                part = await families.under_load(name, seconds, -(-requests // len(faults.all())), fault)
                if not part.killed and stand.died > died:
                    part.wrong += stand.died - died
                    part.note += f" {stand.died - died} replicas died"
                parts.append(part)
                print(part.row(), flush=True)
        kept = services[0].thumbs()
        if faults.store_file.exists():
            kept |= thumbs_of_file(faults.store_file)
        for part in parts:
            part.lost = len(part.promised - kept)
    return parts


def page_of(parts: list[Part], busy: float, remark: str) -> str:
    """Return the part of the page."""
    asked = sum(part.asked for part in parts)
    failed = sum(part.failed.total() for part in parts)
    return "\n".join(
        [
            f"Written by `make rehearse` (`tests/rehearsal`), {date.today().isoformat()}, on {machine()}.",
            f"Load average just before: {busy:.1f}, so other work "
            f"{'shared' if busy > 1 else 'hardly shared'} the machine; clients, proxy, PostgreSQL and",
            f"Redis always do. {remark}".strip(),
            "",
            f"{CLIENTS} clients ask at most {RATE:.0f} requests a second through `deploy/haproxy.cfg`; every "
            f"{THUMB_EVERY}th is a thumb. Each answer is held",
            "against a table of expected answers (statements, sources, calls and the whole text), made beforehand for",
            "both index versions. A thumb that was told “stored” is looked for in the store at the end.",
            "",
            HEAD,
            *(part.row() for part in parts),
            "",
            f"**{asked:,} requests, {sum(part.wrong for part in parts)} wrong answers, {failed} questions without an "
            f"answer, {sum(part.lost for part in parts)} promised thumbs lost.**",
            "",
            f"![Waits of clients and failures, second by second]({PICTURE.name})",
        ]
    )


def main() -> None:
    """Rehearse, write, and fail where a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--requests", type=int, default=20_400)
    parser.add_argument("--only", default="")
    parser.add_argument("--remark", default="", help="what else there is to know of the machine; stands on the page")
    parser.add_argument("--keep", type=Path, help="a folder for the logs of replicas and proxy")
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, max(FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="careleaf-rehearsal-", ignore_cleanup_errors=True) as place:
        where = chosen.keep or Path(place)
        where.mkdir(exist_ok=True)
        parts = asyncio.run(rehearse(where, chosen.seconds, chosen.requests, chosen.only))
    missed = [one for part in parts for one in part.faults()]
    if not chosen.only:
        draw(parts, PICTURE)
        write_between("rehearsals", page_of(parts, busy, chosen.remark))
        if sum(part.asked for part in parts) < chosen.requests:
            missed.append(f"fewer than {chosen.requests:,} requests")
    if missed:
        raise SystemExit("\n".join(missed))


if __name__ == "__main__":
    main()
