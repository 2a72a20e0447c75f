"""Medians of the rounds, and the ratios of the peers to Sallyport: text, Markdown, JSON, SVG."""

import statistics

from . import machine, measurements

OURS = "sallyport"


class Comparison:
    """values[row key][server name]: one value a round. asked: the rows to be measured. about: what is said above every
    table."""

    def __init__(self, servers, asked, about):
        self.servers = [(server.name, server.version, server.tls) for server in servers]
        self.asked, self.about = asked, about
        self.values, self.notes = {}, {}

    def add(self, row, name, measured):
        if measured.value is not None:
            self.values.setdefault(row.key, {}).setdefault(name, []).append(measured.value)
        if measured.note:
            self.notes.setdefault(f"{row.key}, {name}", measured.note)

    def names(self):
        return [name for name, _version, _tls in self.servers]

    def median(self, row, name):
        values = self.values.get(row.key, {}).get(name)
        return statistics.median(values) if values else None

    def ratio(self, row, name):
        ours, theirs = self.median(row, OURS), self.median(row, name)
        return theirs / ours if ours and theirs is not None else None

    def rows(self):
        return [row for row in measurements.ROWS if row.key in self.values]

    def cell(self, row, name):
        """A peer's ratio to us stands behind its value."""
        value, ratio = self.median(row, name), self.ratio(row, name)
        if value is None:
            return "-"
        shown = f"{value:.{row.digits}f} {row.unit}"
        return shown if name == OURS or ratio is None else f"{shown} ({ratio:.1f})"

    def heads(self):
        return ["one worker on one core"] + [f"{name} {version}, {tls}" for name, version, tls in self.servers]

    def lines(self):
        return [[row.title] + [self.cell(row, name) for name in self.names()] for row in self.rows()]


def as_text(comparison):
    lines = [comparison.heads()] + comparison.lines()
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = [comparison.about, ""]
    for line in lines:
        text.append("  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip())
    text += ["", "In brackets: how many times Sallyport's figure. Less is better in every row."]
    text += [f"note: {what}: {note}" for what, note in comparison.notes.items()]
    return "\n".join(text) + "\n"


def as_markdown(comparison):
    lines = [comparison.heads(), ["---"] * (len(comparison.servers) + 1)] + comparison.lines()
    return comparison.about + "\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def as_object(comparison):
    """For JSON, and for check.py."""
    return {
        "about": comparison.about,
        "servers": [{"name": name, "version": version, "tls": tls} for name, version, tls in comparison.servers],
        "rows": {row.key: {
            "title": row.title, "unit": row.unit, "values": comparison.values[row.key],
            "medians": {name: comparison.median(row, name) for name in comparison.names()},
            "ratios": {name: comparison.ratio(row, name) for name in comparison.names() if name != OURS},
        } for row in comparison.rows()},
        "notes": comparison.notes,
    }


# ---------------------------------------------------------------------------------------------- SVG

COLOURS = ["#0b62c4", "#d9822b", "#3a8f5c", "#8a5bb5"]
WIDTH, LEFT, BAR, GAP = 900, 350, 16, 22


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def bars(comparison, row, top):
    """One bar a server, as long as its share of the row's largest value."""
    most = max(comparison.median(row, name) or 0 for name in comparison.names()) or 1
    parts = [f'<text x="{LEFT - 10}" y="{top + 12}" text-anchor="end">{escaped(row.title)}</text>']
    for number, name in enumerate(comparison.names()):
        value = comparison.median(row, name)
        if value is None:
            continue
        y, length = top + number * BAR, max(1, value / most * (WIDTH - LEFT - 190))
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 3}" fill="{COLOURS[number % 4]}"/>'
                     f'<text x="{LEFT + length + 6:.1f}" y="{y + 11}">{escaped(comparison.cell(row, name))}</text>')
    return "\n".join(parts)


def as_svg(comparison):
    height_of_row = len(comparison.servers) * BAR + GAP
    rows = comparison.rows()
    top = 62 + (len(comparison.servers) + 1) // 2 * 18
    height = top + len(rows) * height_of_row
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
             'style="background:#fff;color:#1b1f24" font-family="system-ui, sans-serif" font-size="12" fill="#1b1f24">',
             f"<title>{escaped(comparison.about)}</title>"]
    for number, (name, version, tls) in enumerate(comparison.servers):
        x, y = 20 + number % 2 * 430, 14 + number // 2 * 18
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{COLOURS[number % 4]}"/>'
                     f'<text x="{x + 18}" y="{y + 10}">{escaped(f"{name} {version}, {tls}")}</text>')
    parts.append(f'<text x="20" y="{top - 22}">Less is better. In brackets: how many times Sallyport\'s figure.</text>')
    parts += [bars(comparison, row, top + number * height_of_row) for number, row in enumerate(rows)]
    return "\n".join(parts) + "\n</svg>\n"


WORK = "TLS 1.3, X25519, TLS_AES_128_GCM_SHA256, P-256, leaf and intermediate on both sides"


def about(rounds, seconds):
    cpu, _others = machine.cpus()
    return (f"{WORK}; one worker on CPU {cpu}; medians of {rounds} rounds of {seconds} s, in turn")
