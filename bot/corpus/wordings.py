"""Further ways in which families word a passage's question: it is found by them, and they are never shown."""

from bot.schema import Article, CorpusError, Frozen


class Worded(Frozen):
    """Wordings of one passage by style: full sentences; lay and misspelt; told in a story; a few words."""

    plain: tuple[str, ...] = ()
    lay: tuple[str, ...] = ()
    story: tuple[str, ...] = ()
    telegram: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Every wording."""
        return (*self.plain, *self.lay, *self.story, *self.telegram)


def with_wordings(articles: tuple[Article, ...], worded: dict[str, Worded]) -> tuple[Article, ...]:
    """Return the articles, each passage with its wordings.

    Raises CorpusError where wordings name a passage that is not there.
    """
    known = {passage.id for article in articles for passage in article.passages}
    for name in worded:
        if name not in known:
            topic = name.partition("#")[0]
            raise CorpusError(
                f"wordings/{topic}.yaml:1: no passage {name!r} in the corpus; mend the id, or remove its wordings"
            )
    nothing = Worded()
    return tuple(
        article.model_copy(
            update={
                "passages": tuple(
                    passage.model_copy(update={"wordings": worded.get(passage.id, nothing).texts})
                    for passage in article.passages
                )
            }
        )
        for article in articles
    )
