"""Who reviewed what an answer shows; never claims a review that did not happen."""

from collections.abc import Iterable, Mapping

from bot.schema import Passage, Reviewed


def tell_review(passages: Iterable[Passage], words: Mapping[str, str]) -> Reviewed:
    """Say who reviewed the passages: one unreviewed passage makes the answer unreviewed, one lapsed, lapsed."""
    shown = tuple(passages)
    updated = max((passage.updated for passage in shown), default=None)
    reviews = {passage.review for passage in shown}
    standing = {review.status for review in reviews}
    if standing == {"reviewed"}:
        latest = max(reviews, key=lambda review: str(review.on))
        return Reviewed(status=words["reviewed"], by=latest.by, on=latest.on, updated=updated)
    status = "lapsed" if "lapsed" in standing and "unreviewed" not in standing else "unreviewed"
    return Reviewed(status=words[status], updated=updated)
