"""The ``Accept`` header: what a client would like best (RFC 9110, section 12.5)."""

from collections.abc import Iterator

LONGEST = 1000
"""Characters of a header that are read."""


def preferences(header: str) -> Iterator[tuple[float, str]]:
    """Yield the values of a header with their weights, 0 to 1; what cannot be read counts nothing."""
    for part in header[:LONGEST].split(","):
        value, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, number = parameter.partition("=")
            if name.strip() == "q":
                try:
                    weight = min(max(float(number), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
        if value:
            yield weight, value
