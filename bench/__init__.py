"""The benchmarks: `hub bench NAME` (docs/performance.md). Part of the checkout, not of what is installed.

Each benchmark is a module of its name with a function `measure`, whose parameters are the options of the command.
Everything is measured on real processes, which are ended by their number; nothing is left behind.
"""
