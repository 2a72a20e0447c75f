"""Two sides measured in turn: medians, least values, their ratio, and whether the difference is more than chance."""

import math
import statistics

CHANCE = 0.05  # so seldom do equal sides look unequal
SMALL = 0.06   # what the control has found between equal programs, laid out in memory anew


def chance(count, turns):
    """How probable it is that of so many turns as many or more agree, when it is all the same (a sign test, both sides)."""
    most = max(count, turns - count)
    return min(1.0, 2 * sum(math.comb(turns, agreeing) for agreeing in range(most, turns + 1)) / 2**turns)


class Point:
    """One run of one side."""

    def __init__(self, value, note, calls=None):
        self.value, self.note, self.calls = value, note, calls


class Pairs:
    """values: (as built, without) of each turn; calls: system calls of an operation likewise, where the kernel lets us count."""

    def __init__(self, lever, row):
        self.lever, self.row, self.values, self.calls, self.notes = lever, row, [], [], []

    def add(self, built, without):
        """Two of the class Point."""
        for note in (built.note, without.note):
            if note and note not in self.notes:
                self.notes.append(note)
        if built.value is not None and without.value is not None:
            self.values.append((built.value, without.value))
        if built.calls is not None and without.calls is not None:
            self.calls.append((built.calls, without.calls))

    def side(self, number, of=statistics.median):
        return of([pair[number] for pair in self.values])

    def ratio(self, of=statistics.median):
        built = self.side(0, of)
        return self.side(1, of) / built if built else None

    def more_count(self):
        """Turns in which more was taken without the lever."""
        return sum(without > built for built, without in self.values)

    def verdict(self):
        turns = sum(built != without for built, without in self.values)
        if chance(self.more_count(), turns) > CHANCE:
            return "within the noise"
        ratio = self.ratio()
        if ratio is not None and abs(ratio - 1) < SMALL:
            return "within the noise"
        return "it helps" if self.side(1) > self.side(0) else "it costs"

    def shown(self, value):
        return f"{value:.{self.row.digits + (self.row.unit == 's')}f}"

    def line(self):
        if not self.values:
            return [self.lever.title, self.row.title, "-", "-", "-", "-", "-", "-", "; ".join(self.notes) or "not measured"]
        counts = " / ".join(f"{statistics.median(pair[side] for pair in self.calls):.1f}" for side in (0, 1)) if self.calls else "-"
        ratios = ["-" if ratio is None else f"{ratio:.2f}" for ratio in (self.ratio(), self.ratio(min))]
        return [self.lever.title, self.row.title + (f", {self.row.unit}" if self.row.unit else ""), self.shown(self.side(0)),
                self.shown(self.side(1)), *ratios, f"{self.more_count()} of {len(self.values)}", counts,
                self.verdict()]

    def as_object(self):
        return {"lever": self.lever.key, "row": self.row.key, "title": self.row.title, "unit": self.row.unit,
                "values": self.values, "system_calls": self.calls, "notes": self.notes,
                "ratio": self.ratio() if self.values else None, "verdict": self.verdict()}


HEADS = ["lever", "what is measured", "as built", "without it", "ratio", "of the least", "more without", "system calls", "verdict"]
