"""Small and quick: bytes on the wire, nothing loaded before it is opened, no long task, an answer painted at once.

Other work of the machine lengthens whatever is measured by the clock, so tasks are measured by the time that the page's
own thread spent on them; and each measure is shown to see what it is there to see.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Response

from tests.browser import Visitor, visit

LOADER = 3_000
WIDGET = 20_000
MOST = 50.0
"""Milliseconds from which a task counts as long."""
SLOWER = 4
PAINTED = 100.0
"""Milliseconds from the response to the first paint of its answer."""
TRIES = 8
HOST = (
    '<!doctype html><link rel="icon" href="data:,"><script src="/widget.js" defer></script>'
    "<careleaf-chat></careleaf-chat>"
)
TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    visitor.page.set_viewport_size({"width": 390, "height": 800})
    return visitor


def zipped(body: bytes) -> int:
    return len(gzip.compress(body, 9))


def test_the_loader_and_all_it_loads_keep_to_their_budgets(visitor: Visitor) -> None:
    """Everything that is fetched while all of the widget is used, but the answers and passages themselves."""
    loaded: dict[str, Response] = {}

    def note(response: Response) -> None:
        loaded.setdefault(response.url.removeprefix(visitor.site), response)

    visitor.page.on("response", note)
    visitor.page.route("**/demo", lambda route: route.fulfill(body=HOST, content_type="text/html"))
    visitor.page.goto(visitor.site + "/demo")
    launched = visitor.chat
    launched.get_by_role("button").click()
    box = launched.get_by_role("textbox").first
    box.fill("botulinum tox")
    launched.locator("[part~=suggestions] button").first.wait_for()
    box.fill("can cp be cured")
    box.press("Enter")
    launched.locator("[part~=citation]").first.click()
    launched.locator("[part~=source] mark").wait_for()
    launched.locator("button.sheet").click()
    launched.locator("[part~=paper]").wait_for()
    visitor.page.wait_for_load_state("networkidle")
    data = {path for path in loaded if path.startswith("/api/v1/")}
    assert {path.split("/")[3] for path in data} == {"ask", "passages"}
    sizes = {path: zipped(loaded[path].body()) for path in loaded if path not in data and path != "/demo"}
    assert {path.split("?")[0] for path in sizes} == {
        "/widget.js",
        "/widget/chat.js",
        "/widget/words.json",
        "/widget/style.css",
        "/widget/questions.json",
    }
    assert sizes["/widget.js"] <= LOADER
    assert sum(sizes.values()) <= WIDGET, sizes


def test_nothing_is_loaded_before_the_widget_is_opened(visitor: Visitor) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url.removeprefix(visitor.site)))
    visitor.page.route("**/demo", lambda route: route.fulfill(body=HOST, content_type="text/html"))
    visitor.page.goto(visitor.site + "/demo")
    visitor.page.get_by_role("button", name="Questions about cerebral palsy?").wait_for()
    visitor.page.wait_for_load_state("networkidle")
    assert asked == ["/demo", "/widget.js"]


@dataclass(frozen=True)
class Act:
    """What somebody does while the page's work is measured, and what stands before."""

    before: Callable[[Visitor], object]
    measured: Callable[[Visitor], object]


def warm(visitor: Visitor) -> None:
    """Let Playwright put its own script into the page, which is a long task by itself, before anything is measured."""
    visitor.page.wait_for_load_state("networkidle")
    visitor.page.locator("html").wait_for(state="attached")


def open_demo(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site + "/demo")
    visitor.page.locator("#inlined [part~=input]").wait_for()
    warm(visitor)


def open_widget(visitor: Visitor) -> None:
    visitor.page.evaluate("document.querySelector('#launched').shadowRoot.querySelector('button').click()")
    visitor.page.locator("#launched .view:popover-open").wait_for()
    visitor.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def open_ready(visitor: Visitor) -> None:
    visitor.open().input.focus()
    warm(visitor)


def type_a_question(visitor: Visitor) -> None:
    visitor.page.keyboard.type("can cerebral palsy be curd", delay=10)
    visitor.page.locator("careleaf-chat .suggested").wait_for()


def ask_a_question(visitor: Visitor) -> None:
    visitor.page.keyboard.type("can cp be cured")
    visitor.page.keyboard.press("Enter")
    visitor.page.locator("careleaf-chat .said .term").first.wait_for()


ACTS = {
    "open the page": Act(warm, lambda visitor: visitor.page.goto(visitor.site, wait_until="networkidle")),
    "open the widget": Act(open_demo, open_widget),
    "type a question": Act(open_ready, type_a_question),
    "ask a question": Act(open_ready, ask_a_question),
}


def longest_task(browser: Browser, site: str, act: Act, script: str = "") -> float:
    """Return the longest task of the page's own thread in milliseconds, as long as it is at a quarter of the speed.

    Of up to ``TRIES`` tries the calmest: a neighbour's work on the same core still costs a task some of its caches.
    """
    return min(at_once_or_again(lambda: measure_task(browser, site, act, script), MOST))


def at_once_or_again(measure: Callable[[], float], most: float) -> list[float]:
    """Measure until something keeps to ``most``, ``TRIES`` times at the most."""
    measured: list[float] = []
    while len(measured) < TRIES and not any(one <= most for one in measured):
        measured.append(measure())
    return measured


def measure_task(browser: Browser, site: str, act: Act, script: str) -> float:
    with visit(browser, site, width=390, height=800, script=script) as visitor:
        act.before(visitor)
        browser.start_tracing(page=visitor.page, categories=TRACED)
        try:
            act.measured(visitor)
        finally:
            traced = browser.stop_tracing()
        events: list[dict[str, Any]] = json.loads(traced)["traceEvents"]
    own = processes_of(site, events)
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain" and event["pid"] in own
    }
    tasks = [
        event["tdur"] / 1000
        for event in events
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) in threads and "tdur" in event
    ]
    assert len(tasks) > 20, "the page's tasks were traced"
    return float(max(tasks) * SLOWER)


def processes_of(site: str, events: list[dict[str, Any]]) -> set[int]:
    """Return the processes that showed the site's pages."""
    shown: list[dict[str, Any]] = []
    for event in events:
        if event["name"] == "TracingStartedInBrowser":
            shown += event["args"]["data"]["frames"]
        elif event["name"] == "FrameCommittedInBrowser":
            shown.append(event["args"]["data"])
    return {frame["processId"] for frame in shown if frame.get("url", "").startswith(site) and "processId" in frame}


@pytest.mark.parametrize("act", ACTS)
def test_no_long_task_at_a_quarter_of_the_speed(browser: Browser, site: str, act: str) -> None:
    assert longest_task(browser, site, ACTS[act]) <= MOST


def test_a_long_task_would_be_seen(browser: Browser, site: str) -> None:
    busy = "addEventListener('load', () => { for (let i = 0; i < 3e7; i++) Math.hypot(i, i); })"
    assert measure_task(browser, site, ACTS["open the page"], busy) > MOST


PAINT = """() => {
  const log = document.querySelector('careleaf-chat').shadowRoot.querySelector('[role=log]');
  window.painted = new Promise(done => new MutationObserver((_, watcher) => {
    if (!log.querySelector('[part~=answer]')) return;
    watcher.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  }).observe(log, {childList: true}));
}"""
CAME = "performance.getEntriesByType('resource').filter(r => r.name.endsWith('/ask')).at(-1).responseEnd"
LATE = """
  const read = Response.prototype.json;
  Response.prototype.json = async function () {
    const value = await read.call(this);
    if (this.url.endsWith('/ask')) await new Promise(done => setTimeout(done, 150));
    return value;
  };
"""


def measure_paint(browser: Browser, site: str, script: str = "") -> float:
    """Return the milliseconds from the end of the first response to the paint of its answer."""
    with visit(browser, site, width=390, height=800, script=script) as visitor:
        visitor.open()
        visitor.page.evaluate(PAINT)
        visitor.input.focus()
        visitor.page.keyboard.type("can cp be cured")
        visitor.press("Enter")
        return float(visitor.page.evaluate("window.painted") - visitor.page.evaluate(CAME))


def test_the_first_answer_is_painted_within_100_ms_of_the_response(browser: Browser, site: str) -> None:
    """By the clock, as a person has it: of three first answers one, since other work of the machine only adds."""
    assert 0 < min(at_once_or_again(lambda: measure_paint(browser, site), PAINTED)) <= PAINTED


def test_an_answer_painted_late_would_be_seen(browser: Browser, site: str) -> None:
    assert measure_paint(browser, site, LATE) > PAINTED
