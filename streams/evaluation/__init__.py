"""Evaluation of the deployed search and of its baselines on judged queries; no stage runs it."""
