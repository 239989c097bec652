"""One step each; never change one that has been released."""
