"""Sallyport beside other servers, measured alike: bench/compare is the command,
bench/scaling, bench/profile, bench/levers and bench/idle_memory have parts of it; METHOD.md tells how and what it is worth.

machine       processes, ports, CPUs, certificates
servers       the gateway and its peers: how each is started, its version, which process does the work
measurements  the rows of the table: a run of sallyport-load each, and the figure that is taken from it
tables        medians and ratios as text, Markdown, JSON and SVG
check         ratios beside those that were recorded
perf          whether there is one, and how it is put around a command (for bench/scaling and bench/profile)
counting      what the kernel counts of a server (for bench/scaling)
sampling      where a server was, a thousand times a second (for bench/profile)
classes       of which part of the work each such place is
floor         what the primitives and the kernel take at least
levers        what was done for speed, and how each is taken away (for bench/levers)
variant       the program without one of them, built beside (for bench/levers)
pairs         two sides in turn, and whether they differ by more than chance (for bench/levers)
memory        of a process and of the kernel (for bench/idle_memory)
"""
