"""Core type -> figure. Computes nothing, knows no Dash."""
