"""Trained models: model cards, export as SavedModels, and loading."""
