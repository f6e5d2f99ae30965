"""Learning on demand from recorded outcomes; no stage runs it.

`outcome_collection` reads the rows to learn from, `weight_training` learns the weights of the
score and installs them, `training_report` shows the result, and `model_artefact` composes the
similarity model's artefact from encoder files.
"""
