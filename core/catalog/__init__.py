"""What exists: registered models, their versions, experiments and runs."""
