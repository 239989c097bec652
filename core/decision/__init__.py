"""May it go, and did it: who may act, what was decided, on what evidence."""
