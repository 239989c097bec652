"""Training models and logging them to an MLflow store; the demo is made of it."""
