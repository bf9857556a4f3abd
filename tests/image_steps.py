"""``make image`` where no container can be built: runs each step of the Dockerfile in a clean root made by debootstrap.

Needs root and debootstrap. Understands what the Dockerfile uses and stops at anything else. The finished image is then
run as its own user on a read-only root, without any network but its own loopback address: its health check passes, a
question is answered, nothing can be written, and it ends when it is asked to.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "var/image"
SUITE = "bookworm"
"""Debian's release of the base image; its Python is 3.11."""

MOUNTS = "mount --rbind /dev {root}/dev && mount -t proc proc {root}/proc"
READ_ONLY = (
    "ip link set lo up && mount --bind {root} {root} && mount --rbind /dev {root}/dev "
    "&& mount -t proc proc {root}/proc && mount -t tmpfs -o size=64m,mode=1777 tmpfs {root}/tmp "
    "&& mount -o remount,ro,bind {root}"
)

TRY_OUT = """
import json, os, signal, subprocess, sys, time, urllib.request
image = json.loads(sys.argv[1])
assert os.getuid() == 10001, os.getuid()
for place in ("/careleaf/probe", "/careleaf/index/probe", "/etc/probe"):
    try:
        open(place, "w")
    except OSError:
        continue
    sys.exit(f"{place} could be written")
server = subprocess.Popen(image["entrypoint"] + image["command"])
started = time.monotonic()
while subprocess.run(image["health"], stderr=subprocess.DEVNULL).returncode:
    assert server.poll() is None, "the server ended"
    assert time.monotonic() - started < 60, "the health check does not pass"
    time.sleep(0.1)
healthy = time.monotonic() - started
asked = urllib.request.Request("http://127.0.0.1:8000/api/v1/ask", json.dumps({"question": "can cp be cured"}).encode(),
                               {"content-type": "application/json"})
answer = json.load(urllib.request.urlopen(asked, timeout=10))
assert answer["statements"][0]["text"].startswith("There is no cure"), answer
server.send_signal(signal.SIGTERM)
ended = server.wait(20)
assert ended in (0, -signal.SIGTERM), ended
print(f"healthy after {healthy:.1f} s, answered, nothing writable, ended with {ended}")
"""


@dataclass
class Stage:
    """What a stage of the Dockerfile has set so far."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def read_steps(dockerfile: Path) -> list[tuple[str, str]]:
    """Return (instruction, arguments) of each step, in order."""
    text = re.sub(r"\\\n\s*", " ", dockerfile.read_text(encoding="utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def inside(stage: Stage, argv: list[str], mounts: str, *more: str) -> None:
    """Run a command in a stage's root, as its user, with its environment and nothing of ours but the registry's."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_") and "CONSTR" not in name}
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin", **kept, **stage.environment}
    chroot = ["env", "-i", *(f"{k}={v}" for k, v in environment.items()), "chroot", f"--userspec={stage.user}"]
    script = f"{mounts.format(root=stage.root)} && exec {shlex.join([*chroot, str(stage.root), *argv])}"
    subprocess.run(["unshare", "--mount", *more, "sh", "-c", script], check=True)


def base_root() -> Path:
    """Return Debian's smallest root with Python, made once."""
    base = PLACE / "base"
    if not (base / "usr/local/bin/python").is_symlink():
        packages = "ca-certificates,python3,python3-venv"
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={packages}", SUITE, str(base)], check=True)
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        for name in ("resolv.conf", "hosts", "ssl/certs/ca-certificates.crt"):
            shutil.copyfile(Path("/etc") / name, base / "etc" / name)
    return base


def copy_into(stage: Stage, arguments: str, stages: dict[str, Stage]) -> None:
    """Do one COPY, from the checkout (without what .dockerignore leaves out) or from a stage."""
    words = arguments.split()
    source_root = ROOT
    if words[0].startswith("--from="):
        source_root = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    goal = stage.root / str(Path(stage.folder, target)).lstrip("/")
    for name in sources:
        source = source_root / name.lstrip("/")
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", *(["model"] if name == "bot" else []))
            if source_root == ROOT:
                shutil.copytree(source, goal, ignore=ignored, dirs_exist_ok=True)
            else:
                subprocess.run(["cp", "-a", str(source), str(goal)], check=True)
        else:
            place = goal / source.name if target.endswith("/") else goal
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)


def do_step(name: str, arguments: str, stage: Stage, stages: dict[str, Stage]) -> None:
    """Do one step inside a stage; raise ValueError at one that is not known."""
    match name:
        case "ENV":
            stage.environment |= dict(word.split("=", 1) for word in shlex.split(arguments))
        case "WORKDIR":
            stage.folder = arguments
            (stage.root / arguments.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "RUN":
            inside(stage, ["sh", "-c", f"cd {stage.folder} && {arguments}"], MOUNTS)
        case "COPY":
            copy_into(stage, arguments, stages)
        case "USER":
            stage.user = arguments
        case "HEALTHCHECK":
            stage.health = json.loads(arguments[arguments.index("[") :])
        case "ENTRYPOINT":
            stage.entrypoint = json.loads(arguments)
        case "CMD":
            stage.command = json.loads(arguments)
        case "EXPOSE" | "ARG":
            pass
        case _:
            raise ValueError(f"Dockerfile: {name} is not known to tests/image_steps.py; teach it")


def main() -> None:
    """Run all steps, then the image."""
    if os.geteuid():
        sys.exit("make image needs a container daemon, or root and debootstrap")
    stages: dict[str, Stage] = {}
    stage = Stage(PLACE)
    for name, arguments in read_steps(ROOT / "Dockerfile"):
        began = time.monotonic()
        if name == "FROM":
            alias = arguments.split(" AS ")[1] if " AS " in arguments else "image"
            stage = stages[alias] = Stage(PLACE / alias)
            shutil.rmtree(stage.root, ignore_errors=True)
            subprocess.run(["cp", "-a", str(base_root()), str(stage.root)], check=True)
        else:
            do_step(name, arguments, stage, stages)
        print(f"{time.monotonic() - began:6.1f} s  {name} {arguments[:90]}", flush=True)
    image = {"entrypoint": stage.entrypoint, "command": stage.command, "health": stage.health}
    inside(stage, ["/careleaf/bin/python", "-c", TRY_OUT, json.dumps(image)], READ_ONLY, "--net")
    size = subprocess.run(["du", "-sm", str(stage.root)], capture_output=True, text=True, check=True).stdout.split()[0]
    base = subprocess.run(["du", "-sm", str(base_root())], capture_output=True, text=True, check=True).stdout.split()[0]
    print(f"{size} MB, of which the base is {base} MB")


if __name__ == "__main__":
    main()
