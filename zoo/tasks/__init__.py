"""The tasks, one package each.

`base.py` has the training base class, `trained.py` the methods of a loaded model, `folder.py` the function
over image files, and `preview.py` the images that a run writes each period.
"""

from zoo.saved.load import load
from zoo.tasks.generation.trained import TrainedGenerator
from zoo.tasks.recognition.trained import TrainedRecognizer
from zoo.tasks.restoration.trained import TrainedRestorer
from zoo.tasks.super_resolution.trained import TrainedEnlarger
from zoo.tasks.tagging.trained import TrainedTagger
from zoo.tasks.text_to_image.trained import TrainedTextToImage
from zoo.tasks.translation.trained import TrainedTranslator

__all__ = [
    "TrainedEnlarger",
    "TrainedGenerator",
    "TrainedRecognizer",
    "TrainedRestorer",
    "TrainedTagger",
    "TrainedTextToImage",
    "TrainedTranslator",
    "load",
]
