"""Everything that speaks HTTP: pages, figures, words."""
