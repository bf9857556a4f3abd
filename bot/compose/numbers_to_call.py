"""Which telephone numbers an answer shows, from the operator's country or, unset, the common ones."""

from typing import Any

from bot.schema import Call, CommonNumber, Country


def numbers_to_call(
    wanted: tuple[str, ...], country: Country | None, common: tuple[CommonNumber, ...], words: dict[str, Any]
) -> tuple[Call, ...]:
    """Return the lines that a response names (ambulance, poison, crisis, child_protection), in its order.

    Only numbers that were read in a current source are in the table. A country that lacks a line is given its ambulance
    number, so that an emergency is never without one.
    """
    if not wanted:
        return ()
    labels = words["lines"]
    if country is None:
        where = words["common_where"]
        return tuple(
            Call(label=where.get(number.number, number.where), number=number.number, source=number.source)
            for number in common
        )
    calls = []
    for line_name in wanted:
        line = getattr(country, line_name)
        if line is not None:
            details = ", ".join(detail for detail in (line.name, line.hours) if detail)
            label = f"{labels[line_name]} ({details})" if details else labels[line_name]
            calls.append(Call(label=label, number=line.number, source=line.source))
    if not calls:
        calls.append(Call(label=labels["ambulance"], number=country.ambulance.number, source=country.ambulance.source))
    return tuple(calls)
