#!/usr/bin/env python3
"""Plots the time per event by the number of webhooks.

The results are from the bench `index`, and from the bench `matching` of benches/peers. Run both,
then `python3 benches/plot.py`. It reads the output of criterion, writes src/performance.svg, and
prints the results as ratios in Markdown tables. The ratios of a row are from one run. It needs only
the standard library of Python.
"""

import argparse
import json
import math
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKLOADS = ("spec", "selective")
# Engine, colour and width. The colours have contrast on white and on dark grey. Everything that is
# not a line has the colour of the page's text.
LINES = (
    ("index", "#e4572e", 3.5),
    ("copying the ids", "#8d8d8d", 1.5),
    ("linear scan", "#4f9d69", 1.5),
    ("compiled scan", "#2b8ccb", 1.5),
    ("wirefilter", "#7d7ae8", 1.5),
    ("cel", "#c26bb8", 1.5),
    ("a-tree", "#c78b1e", 1.5),
)
PANEL_WIDTH, PANEL_HEIGHT = 300, 300
LEFT, TOP, BETWEEN, BELOW = 74, 40, 162, 52


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--criterion", type=Path, action="append", metavar="DIR",
                        help="a directory with output of criterion; may be repeated")
    parser.add_argument("--svg", type=Path, default=ROOT / "src/performance.svg")
    arguments = parser.parse_args()
    directories = arguments.criterion or [
        ROOT / "target/criterion", ROOT / "benches/peers/target/criterion"]
    figures = read(directories)
    if not any(lines(figures, workload) for workload in WORKLOADS):
        raise SystemExit(f"there are no results under {', '.join(map(str, directories))}; "
                         "run the benches first")
    arguments.svg.write_text(svg(figures))
    print_tables(figures)


def read(directories):
    """Returns nanoseconds per event: {group: {engine: {webhooks: ns}}}."""
    figures = defaultdict(lambda: defaultdict(dict))
    for directory in directories:
        for path in sorted(directory.glob("**/new/benchmark.json")):
            bench = json.loads(path.read_text())
            if bench["value_str"] is None or not bench["throughput"]:
                continue
            estimates = json.loads((path.parent / "estimates.json").read_text())
            estimate = estimates.get("slope") or estimates["mean"]
            events = bench["throughput"]["Elements"]
            engines = figures[bench["group_id"]]
            webhooks = int(bench["value_str"])
            engines[bench["function_id"]][webhooks] = estimate["point_estimate"] / events
    return figures


def print_tables(figures):
    for workload in WORKLOADS:
        own = figures[workload]
        table(f"{workload}: the index, in one run", own, "index",
              [("copying the ids", False), ("compiled scan", True)])
    for workload in WORKLOADS:
        peers = figures[f"peers, {workload}"]
        table(f"{workload}: every engine, as multiples of the index", peers, "index",
              [(name, True) for name, _, _ in LINES if name != "index"])
    for case in ("hit", "miss"):
        peers = figures[f"peers, one filter, {case}"]
        table(f"one filter, one event, {case}: as multiples of the compiled filter", peers,
              "compiled scan", [(name, True) for name, _, _ in LINES])


def table(title, engines, base, others):
    """Prints a row for each engine: its time divided by that of the base, or the inverse."""
    sizes = sorted(engines.get(base, ()))
    if not sizes:
        return
    print(f"\n{title}\n")
    print("| | " + " | ".join(f"{size:,}" for size in sizes) + " |")
    print("|---|" + "---|" * len(sizes))
    print(f"| {base}, ns per event | " + " | ".join(f"{engines[base][size]:,.0f}" for size in sizes)
          + " |")
    for name, over in others:
        if name == base or name not in engines:
            continue
        cells = []
        for size in sizes:
            if size not in engines[name]:
                cells.append("")
                continue
            ratio = engines[name][size] / engines[base][size]
            cells.append(times(ratio if over else 1 / ratio))
        label = name if over else f"{base} over {name}"
        print(f"| {label} | " + " | ".join(cells) + " |")


def times(ratio):
    return f"{ratio:,.{0 if ratio >= 100 else 1 if ratio >= 10 else 2}f} x"


def svg(figures):
    panels = {workload: lines(figures, workload) for workload in WORKLOADS}
    points = [p for panel in panels.values() for line in panel.values() for p in line.items()]
    scale = Scale([x for x, _ in points], [y for _, y in points])
    width = LEFT + 2 * (PANEL_WIDTH + BETWEEN) - 56
    height = TOP + PANEL_HEIGHT + BELOW
    # Each element has a line, and no line is empty, so Markdown treats all of it as HTML.
    out = [
        f'<svg viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" font-size="12" '
        'fill="currentColor" style="max-width:100%;height:auto">',
        "<title>Time per event against the number of webhooks, both axes logarithmic</title>",
    ]
    for place, workload in enumerate(WORKLOADS):
        left = LEFT + place * (PANEL_WIDTH + BETWEEN)
        out.append(f'<g transform="translate({left} {TOP})">')
        out += axes(scale, workload, place == 0)
        out += curves(scale, panels[workload])
        out.append("</g>")
    out.append("</svg>")
    return "\n".join(out) + "\n"


def lines(figures, workload):
    """Uses the crate's own run of an engine if there is one, because it has more webhooks."""
    own, peers = figures[workload], figures[f"peers, {workload}"]
    both = {name: own.get(name) or peers.get(name) for name, _, _ in LINES}
    return {name: dict(sorted(line.items())) for name, line in both.items() if line}


class Scale:
    """Maps webhooks and nanoseconds to positions in a panel. The axes have whole decades."""

    def __init__(self, xs, ys):
        self.x = [math.floor(math.log10(min(xs))), math.ceil(math.log10(max(xs)))]
        self.y = [math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))]
        self.x[1] = max(self.x[1], self.x[0] + 1)
        self.y[1] = max(self.y[1], self.y[0] + 1)

    def place(self, x, y):
        right = (math.log10(x) - self.x[0]) / (self.x[1] - self.x[0]) * PANEL_WIDTH
        down = (self.y[1] - math.log10(y)) / (self.y[1] - self.y[0]) * PANEL_HEIGHT
        return right, down


def axes(scale, workload, first):
    middle = PANEL_WIDTH / 2
    yield f'<text x="{middle}" y="-16" text-anchor="middle" font-weight="bold">{workload}</text>'
    yield (f'<text x="{middle}" y="{PANEL_HEIGHT + 40}" text-anchor="middle">'
           "webhooks</text>")
    if first:
        yield (f'<text transform="translate(-62 {PANEL_HEIGHT / 2}) rotate(-90)" '
               'text-anchor="middle">time per event</text>')
    for decade in range(scale.x[0], scale.x[1] + 1):
        right, _ = scale.place(10 ** decade, 10 ** scale.y[0])
        yield grid(right, 0, right, PANEL_HEIGHT)
        label = f"{10 ** decade:,}" if decade < 6 else f"{10 ** (decade - 6)} M"
        yield f'<text x="{right:.1f}" y="{PANEL_HEIGHT + 18}" text-anchor="middle">{label}</text>'
    for decade in range(scale.y[0], scale.y[1] + 1):
        _, down = scale.place(10 ** scale.x[0], 10 ** decade)
        yield grid(0, down, PANEL_WIDTH, down)
        yield f'<text x="-8" y="{down + 4:.1f}" text-anchor="end">{duration(decade)}</text>'


def grid(x1, y1, x2, y2):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            'stroke="currentColor" stroke-opacity="0.2"/>')


def duration(decade):
    unit = min(decade // 3, 3) if decade > 0 else 0
    return f"{10 ** (decade - 3 * unit):g} {('ns', 'µs', 'ms', 's')[unit]}"


def curves(scale, panel):
    ends = []
    # The index is drawn last, so that it is on top.
    for name, colour, width in reversed(LINES):
        if name not in panel:
            continue
        places = [scale.place(x, y) for x, y in panel[name].items()]
        path = " ".join(f"{right:.1f},{down:.1f}" for right, down in places)
        yield (f'<polyline points="{path}" fill="none" stroke="{colour}" '
               f'stroke-width="{width}" stroke-linejoin="round"/>')
        for right, down in places:
            yield f'<circle cx="{right:.1f}" cy="{down:.1f}" r="{width * 0.9:.1f}" fill="{colour}"/>'
        ends.append((*places[-1], name, colour))
    yield from labels(ends)


def labels(ends):
    """Labels the lines beside the panel, in the order of their ends.

    Labels that would overlap are moved apart. A thin line connects each with the end of its line.
    """
    apart = 15
    ends.sort(key=lambda end: end[1])
    places, least = [], 0
    for _, down, _, _ in ends:
        places.append(max(down, least))
        least = places[-1] + apart
    most = PANEL_HEIGHT
    for place in reversed(range(len(places))):
        places[place] = min(places[place], most)
        most = places[place] - apart
    for (right, down, name, colour), place in zip(ends, places):
        yield (f'<line x1="{right:.1f}" y1="{down:.1f}" x2="{PANEL_WIDTH + 8}" y2="{place:.1f}" '
               f'stroke="{colour}" stroke-opacity="0.6" stroke-dasharray="2 3"/>')
        weight = ' font-weight="bold"' if name == "index" else ""
        yield (f'<text x="{PANEL_WIDTH + 12}" y="{place + 4:.1f}" fill="{colour}"{weight}>'
               f"{name}</text>")


if __name__ == "__main__":
    main()
