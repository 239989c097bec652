"""How sure: intervals of each version's metrics, and paired differences to the baseline.

Rows are a sample; a version is fixed. Whatever is compared was scored on the same rows, so the differences
are paired: two versions whose scores agree on most rows are told apart by the few on which they do not.
"""
