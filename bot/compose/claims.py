"""Which claims in circulation a question meets, and which sources disagree about them."""

from bot.compose.number import CitationList
from bot.schema import MEETS, Claim, Corpus, Disagreement, Heard, Side, Verdict

TOUCHES = 0.555
"""Within the topic of the answer a claim this near is worth naming."""

BORDERS = 0.46
"""The nearest doubtful claim of the topic is named from here on even where none touches the question."""

SAME_TOPIC = 0.10
DANGEROUS = 0.08
WRONG = 0.05
"""What moves a claim up among those that are met: the topic of the answer, the harm it could do, being wrong."""

REFUTED = frozenset({Verdict.CONTRADICTED, Verdict.UNSUPPORTED, Verdict.OUTDATED})

MOST_HEARD = 3
MOST_SIDES = 3


def meet_claims(corpus: Corpus, near: tuple[float, ...], topic: str) -> tuple[Claim, ...]:
    """Return the claims that a question or its topic meets; ``near`` is ``Retrieval.claims``.

    Those that the question itself makes come first, nearest first; then those of the topic, weightiest first.

    A claim of the topic is named where it stands near the question; the nearest one that is not simply right is named
    even where it does not, because a family that reads about the topic will meet it. A claim of another topic is named
    only where the question says the same.
    """

    def is_doubtful(place: int) -> bool:
        claim = corpus.claims[place]
        return claim.topic == topic and claim.verdict != Verdict.SUPPORTED

    # The nearness is looked at first: a twelfth of the claims is so near, and to look at a claim itself takes longer.
    touched = [place for place, nearness in enumerate(near) if nearness >= TOUCHES]
    met = [place for place in touched if near[place] >= MEETS or is_doubtful(place)]
    if not met:
        borders = (place for place, nearness in enumerate(near) if nearness >= BORDERS)
        met = sorted(filter(is_doubtful, borders), key=lambda place: -near[place])[:1]

    def weight(place: int) -> float:
        claim = corpus.claims[place]
        return (
            near[place]
            + SAME_TOPIC * (claim.topic == topic)
            + DANGEROUS * ("danger" in claim.flags)
            + WRONG * (claim.verdict in REFUTED)
        )

    said = [place for place in met if near[place] >= MEETS]
    ordered = [
        *sorted(said, key=lambda place: (-near[place], place)),
        *sorted((place for place in met if place not in said), key=lambda place: (-weight(place), place)),
    ]
    return tuple(corpus.claims[place] for place in ordered[:MOST_HEARD])


def tell_heard(claims: tuple[Claim, ...], citations: CitationList) -> tuple[Heard, ...]:
    """Return what the sources say, each with its verdict, the reason and the numbers of what it rests on."""
    return tuple(
        Heard(
            source_id=claim.source,
            claim=claim.claim,
            verdict=claim.verdict,
            note=claim.note,
            claim_id=claim.id,
            citations=citations.number((claim.source, *claim.refs)),
        )
        for claim in claims
    )


def tell_disagreement(corpus: Corpus, claims: tuple[Claim, ...], citations: CitationList) -> tuple[Disagreement, ...]:
    """Return the first contradiction of the ledger that the claims are part of, its sides side by side."""
    marked = next((name for claim in claims for name in claim.contradictions), None)
    if marked is None:
        return ()
    contradiction = corpus.contradiction[marked]
    sides = choose_sides(tuple(corpus.claim[name] for name in contradiction.claims))
    return (
        Disagreement(
            id=contradiction.id,
            summary=contradiction.summary,
            say=contradiction.say,
            sides=tuple(
                Side(
                    source_id=side.source,
                    claim=side.claim,
                    verdict=side.verdict,
                    citations=citations.number((side.source,)),
                )
                for side in sides
            ),
            citations=citations.number(contradiction.refs),
        ),
    )


def choose_sides(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Return at most ``MOST_SIDES`` sides: one a source first, then what else there is room for, in ledger order."""
    by_source: dict[str, Claim] = {}
    for claim in claims:
        by_source.setdefault(claim.source, claim)
    distinct = list(by_source.values())
    rest = [claim for claim in claims if claim not in distinct]
    kept = [*distinct, *rest][: max(MOST_SIDES, len(distinct))]
    return tuple(claim for claim in claims if claim in kept)
