"""The bars of ``make rehearse`` and ``make soak``: what has to fail them does, and what they draw is a picture."""

import time
from pathlib import Path

import pytest

from tests.rehearsal.page import write_between
from tests.rehearsal.picture import draw as draw_rehearsal
from tests.rehearsal.seen import HEAD, Moment, Part
from tests.rehearsal.soaked import Held, Soaked, draw


def part(**seen: object) -> Part:
    """Return a part with a fault after a second."""
    one = Part("a fault", 0.0, faulted=1.0)
    for name, value in seen.items():
        setattr(one, name, value)
    return one


def test_a_part_in_which_all_was_answered_meets_every_bar() -> None:
    good = part(good=10, promised={"a"}, moments=[Moment(2.0, 0.01, "good")] * 10)
    assert good.faults() == []
    assert good.row().count("|") == HEAD.splitlines()[0].count("|")


def test_a_wrong_answer_a_lost_thumb_and_a_lost_question_are_faults() -> None:
    lost = part(wrong=1, lost=2)
    lost.fail("503", 1.5)
    assert [one.removeprefix("a fault: ") for one in lost.faults()] == [
        "1 wrong answers",
        "1 questions without an answer",
        "2 thumbs that were promised and lost",
    ]


def test_only_what_was_in_flight_on_a_killed_process_may_be_lost() -> None:
    killed = part(killed=1, in_flight=2)
    killed.fail("ReadError", 1.2)
    killed.fail("ReadError", 1.3)
    assert killed.faults() == []
    killed.fail("ReadError", 1.4)
    assert killed.faults() == ["a fault: 3 questions without an answer"]


def test_what_is_not_well_again_in_five_seconds_is_a_fault() -> None:
    late = part(killed=1, in_flight=1)
    late.fail("503", 6.5)
    assert late.faults() == ["a fault: well again only after 5.5 s"]
    assert part(back=7.0).faults() == ["a fault: well again only after 7.0 s"]


def soaked(memory: float = 300.0, files: int = 20, threads: int = 10, wait: float = 20.0) -> Soaked:
    """Return what twenty minutes show whose last third is as given."""
    seen = Soaked(1200.0)
    for second in range(0, 1200, 5):
        last = second >= 800
        seen.looks.append(
            Held(float(second), memory if last else 300.0, files if last else 20, threads if last else 10, 0.001)
        )
        seen.waits += [(second + share / 10, wait if last else 20.0) for share in range(50)]
    seen.began = time.perf_counter()
    return seen


def test_what_neither_grows_nor_slows_down_meets_every_bar() -> None:
    assert soaked().verdict().missed == []
    assert soaked(memory=314.0, wait=29.0).verdict().missed == []


@pytest.mark.parametrize(
    ("grown", "name"),
    [
        ({"memory": 316.0}, "memory (RSS) after two minutes, and at the end"),
        ({"files": 21}, "open files, median"),
        ({"threads": 11}, "threads, median"),
        ({"wait": 31.0}, "p99 of a minute, median"),
    ],
)
def test_what_grows_or_slows_down_misses_its_bar(grown: dict[str, float], name: str) -> None:
    verdict = soaked(**grown).verdict()  # type: ignore[arg-type]
    assert [one.name for one in verdict.missed] == [name]
    assert name in verdict.words()


def test_an_answer_that_is_no_answer_is_counted() -> None:
    seen = soaked()
    assert seen.failed() == "0"
    seen.answered(0.01, "503")
    assert seen.failed() == "1 × 503"


def test_pictures_are_drawn_and_the_same_each_time(tmp_path: Path) -> None:
    parts = [part(moments=[Moment(float(n), 0.01, "good" if n % 7 else "failed") for n in range(30)])]
    for number in (1, 2):
        draw(soaked(), tmp_path / f"soak-{number}.svg")
        draw_rehearsal(parts, tmp_path / f"rehearsal-{number}.svg")
    for name in ("soak", "rehearsal"):
        first, second = ((tmp_path / f"{name}-{number}.svg").read_bytes() for number in (1, 2))
        assert first == second
        assert b"<svg" in first


def test_a_page_without_a_place_for_it_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- begin: x -->\nold\n<!-- end: x -->\nafter\n", encoding="utf-8")
    write_between("x", "new", page)
    assert page.read_text(encoding="utf-8") == "before\n<!-- begin: x -->\nnew\n<!-- end: x -->\nafter\n"
    with pytest.raises(ValueError, match="has no place for it"):
        write_between("y", "new", page)
