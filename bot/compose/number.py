"""Numbers sources in the order in which an answer uses them."""

from bot.schema import Citation, Corpus


class CitationList:
    """The sources of one answer; a source keeps the number it got first."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._numbers: dict[str, int] = {}

    def number(self, source_ids: tuple[str, ...]) -> tuple[int, ...]:
        """Return the numbers of the sources, giving new ones where they are new."""
        return tuple(self._numbers.setdefault(source_id, len(self._numbers) + 1) for source_id in source_ids)

    def citations(self) -> tuple[Citation, ...]:
        """Return the numbered sources."""
        cited = [(number, self._corpus.source[source_id]) for source_id, number in self._numbers.items()]
        return tuple(
            Citation(
                number=number,
                source_id=source.id,
                title=source.title,
                publisher=source.publisher,
                year=source.year,
                type=source.type,
                commercial=source.commercial,
                url=source.url,
            )
            for number, source in cited
        )
