"""The picture of ``make bench-scale``: three small charts on logarithmic axes, drawn as SVG without a library."""

import math

Row = dict[str, float | str]
COLOURS = {"exact": "#6b7280", "embedded": "#0f766e", "server": "#b45309"}
CHARTS = {
    "Build, seconds": ("build_s",),
    "Memory, MB (replica + server)": ("replica_mb", "server_mb"),
    "Query p95, ms": ("p95_ms",),
}
"""Title of each chart, and the figures whose sum it shows."""

WIDTH, HEIGHT, LEFT, TOP, GAP = 230, 180, 56, 56, 70


def draw(measured: list[Row]) -> str:
    """Return the SVG of build time, memory (replica and server) and p95 of a query."""
    total = 3 * WIDTH + 2 * GAP + LEFT + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {HEIGHT + TOP + 60}" role="img" '
        'font-family="sans-serif" font-size="11"><title>Chroma embedded and as a server, by number of passages</title>'
        f'<rect width="{total}" height="{HEIGHT + TOP + 60}" fill="#ffffff"/>'
    ]
    for place, (title, names) in enumerate(CHARTS.items()):
        rows = [(str(row["way"]), float(row["size"]), sum(float(row[name]) for name in names)) for row in measured]
        parts.append(chart(title, [row for row in rows if row[2] > 0], LEFT + place * (WIDTH + GAP)))
    for place, (way, colour) in enumerate(COLOURS.items()):
        x = LEFT + place * 130
        parts.append(f'<rect x="{x}" y="12" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="18">{way}</text>')
    return "\n".join([*parts, "</svg>", ""])


def chart(title: str, rows: list[tuple[str, float, float]], left: int) -> str:
    """Return one chart: passages across, the value upwards, both logarithmic."""
    sizes = sorted({size for _, size, _ in rows})
    low = math.floor(math.log10(min(value for *_, value in rows)))
    high = max(math.ceil(math.log10(max(value for *_, value in rows))), low + 1)
    span = max(math.log10(sizes[-1] / sizes[0]), 1e-9)

    def across(size: float) -> float:
        return left + WIDTH * math.log10(size / sizes[0]) / span

    def up(value: float) -> float:
        return TOP + HEIGHT * (1 - (math.log10(value) - low) / (high - low))

    parts = [f'<text x="{left}" y="{TOP - 14}" font-weight="bold">{title}</text>']
    for power in range(low, high + 1):
        y = up(10**power)
        parts.append(f'<line x1="{left}" x2="{left + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    parts += [
        f'<text x="{across(size):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{size:,.0f}</text>'
        for size in sizes
    ]
    for way, colour in COLOURS.items():
        points = [(across(size), up(value)) for name, size, value in rows if name == way]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return "\n".join(parts)
