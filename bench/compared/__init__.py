"""Sallyport beside other servers, measured alike: bench/compare is the command, METHOD.md tells how and what it is worth.

machine       processes, ports, CPUs, certificates
servers       the gateway and its peers: how each is started, its version, which process does the work
measurements  the rows of the table: a run of sallyport-load each, and the figure that is taken from it
tables        medians and ratios as text, Markdown, JSON and SVG
check         ratios beside those that were recorded
"""
