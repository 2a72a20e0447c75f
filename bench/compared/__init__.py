"""Sallyport beside other servers, measured alike: bench/compare is the command,
bench/scaling and bench/idle_memory have parts of it; METHOD.md tells how and what it is worth.

machine       processes, ports, CPUs, certificates
servers       the gateway and its peers: how each is started, its version, which process does the work
measurements  the rows of the table: a run of sallyport-load each, and the figure that is taken from it
tables        medians and ratios as text, Markdown, JSON and SVG
check         ratios beside those that were recorded
counting      what the kernel counts of a server (for bench/scaling)
memory        of a process and of the kernel (for bench/idle_memory)
"""
