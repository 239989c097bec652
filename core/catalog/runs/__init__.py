"""The runs of experiments: read in pieces, kept as columns, asked by filter, order and group.

The door is core.catalog.run_index; `question` has the words that it is asked with.
"""
