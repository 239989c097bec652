"""Pieces of layout that several pages use."""
