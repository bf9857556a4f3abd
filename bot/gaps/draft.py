"""A gap → the stub of an article: everything that a file of the corpus needs, but for what only an editor can write."""

import re
from datetime import date

from bot.compose import Renderer
from bot.gaps.report import Gap

TEMPLATE = "admin/draft.md.j2"
MOST_ASKED = 12
TITLE_WORDS = 6
MARK = re.compile(r"\[\w+\]\s*")


def write_draft(gap: Gap, renderer: Renderer, today: date) -> tuple[str, str]:
    """Return the name of the file and the stub; its names come from the most typical question."""
    asked = [text for text in (MARK.sub("", text).strip() for text in gap.asked) if text]
    typical = asked[0]
    topic = "-".join(re.findall(r"[a-z0-9]+", typical.lower())[:TITLE_WORDS])
    text = renderer.environment.get_template(TEMPLATE).render(
        topic=topic, gap=gap, today=today.isoformat(), title=typical.capitalize(), asked=asked[:MOST_ASKED]
    )
    return f"{topic}.md", text
