"""References in bulk: the line format of `hub import` and `hub export` (docs/bulk.md), and what reads and writes it."""
