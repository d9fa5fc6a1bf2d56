"""Recognition: classifiers, segmenters and text encoders."""
