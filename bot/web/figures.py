"""Room on disk for the figures that the workers of a server share, taken before prometheus_client maps its files.

It makes its files with holes in them. On a disk that has become full, writing into a hole ends the process with SIGBUS:
every worker died, and so did those that were started for them. Room that is taken beforehand cannot run out.
"""

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

TOGETHER = "PROMETHEUS_MULTIPROC_DIR"
"""Where several workers of one server count together; ``bot.web.server`` sets it before they start."""

ROOM = {"counter": 1 << 19, "histogram": 1 << 21, "gauge_livesum": 1 << 16, "gauge_livemax": 1 << 16}
"""Bytes by kind of figure: more than every route, method and status that can be counted needs."""


def take_room() -> bool:
    """Take the room of this process; where there is none it counts by itself. Say whether it counts with the others."""
    folder = os.environ.get(TOGETHER)
    if folder is None:
        return False
    paths = {Path(folder) / f"{kind}_{os.getpid()}.db": size for kind, size in ROOM.items()}
    try:
        for path, size in paths.items():
            with path.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        for path in paths:
            path.unlink(missing_ok=True)
        del os.environ[TOGETHER]
        log.error(
            "%s has no room for figures (%s): this worker counts by itself; make room and restart",
            folder,
            error.strerror,
        )
        return False
    return True


take_room()
