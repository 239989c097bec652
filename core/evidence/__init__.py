"""How good it is: a fixed test split, scores on it, and what follows from them."""
