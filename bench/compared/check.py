"""Whether ratios have fallen since they were recorded: one sentence a ratio, good or bad, as tools/run_suite.sh counts them."""


class Judged:
    """One ratio beside the recorded one. now None: it could not be measured, which is as bad as a worse one."""

    def __init__(self, row, name, now, before, tolerance):
        self.row, self.name, self.now, self.before = row, name, now, before
        self.is_good = now is not None and now >= before * (1 - tolerance)

    def sentence(self):
        found = "not measured" if self.now is None else f"{self.now:.1f}x of {self.name}"
        return f"{'ok  ' if self.is_good else 'FAIL'} bench {self.row.key} {found} (recorded {self.before:.1f})"


def judged(comparison, recorded, tolerance):
    """tolerance: the part (0 to 1) of what is recorded by which a ratio may have fallen."""
    found = []
    for row in comparison.asked:
        ratios = recorded["rows"].get(row.key, {}).get("ratios", {})
        found += [Judged(row, name, comparison.ratio(row, name), ratios[name], tolerance)
                  for name in comparison.names() if ratios.get(name)]
    return found


def better(first, again):
    """A machine that was busy elsewhere makes a ratio worse once; what made it worse for good does so twice."""
    repeated = {(each.row.key, each.name): each for each in again}
    return [each if each.is_good else repeated.get((each.row.key, each.name), each) for each in first]
