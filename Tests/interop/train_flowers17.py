#!/usr/bin/env python3
"""Trains MiniVGGNet on Flowers-17 in Keras, with the recipe and the split of our chapter 2.

    train_flowers17.py FOLDER [--plain] [--epochs 100] [--seed 42]

FOLDER has image_0001.jpg to image_1360.jpg. With --plain nothing is augmented. Needs Pillow and SciPy.

Pictures are resized by Pillow's box filter, which is nearly OpenCV's INTER_AREA. The last lines are the validation
accuracy after the last epoch, and the mean of the last ten.
"""
import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

SIDE = 64
NUMBERED = (
    "daffodil snowdrop lilyvalley bluebell crocus iris tigerlily tulip fritillary sunflower daisy coltsfoot dandelion "
    "cowslip buttercup windflower pansy"
).split()


def picture(path):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    if width < height:
        image = image.resize((SIDE, int(height * SIDE / width)), Image.BOX)
        cut = (image.size[1] - SIDE) // 2
        image = image.crop((0, cut, SIDE, image.size[1] - cut))
    else:
        image = image.resize((int(width * SIDE / height), SIDE), Image.BOX)
        cut = (image.size[0] - SIDE) // 2
        image = image.crop((cut, 0, image.size[0] - cut, SIDE))
    return np.asarray(image.resize((SIDE, SIDE), Image.BOX), dtype=np.float32) / 255


def mini_vggnet(classes):
    layers = keras.layers
    model = keras.Sequential([layers.Input((SIDE, SIDE, 3))])
    for filters in (32, 64):
        for _ in range(2):
            model.add(layers.Conv2D(filters, (3, 3), padding="same"))
            model.add(layers.Activation("relu"))
            model.add(layers.BatchNormalization())
        model.add(layers.MaxPooling2D())
        model.add(layers.Dropout(0.25))
    for layer in (
        layers.Flatten(), layers.Dense(512), layers.Activation("relu"), layers.BatchNormalization(), layers.Dropout(0.5),
        layers.Dense(classes), layers.Activation("softmax"),
    ):
        model.add(layer)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=42)
    arguments = parser.parse_args()

    keras.utils.set_random_seed(arguments.seed)
    numbers = [NUMBERED.index(name) * 80 + place for name in sorted(NUMBERED) for place in range(80)]
    images = np.stack([picture(os.path.join(arguments.folder, f"image_{n + 1:04d}.jpg")) for n in numbers])
    labels = keras.utils.to_categorical(np.arange(len(numbers)) // 80, len(NUMBERED))
    # train_test_split(test_size=0.25, random_state=42)
    order = np.random.RandomState(42).permutation(len(numbers))
    test, train = order[:340], order[340:]

    model = mini_vggnet(len(NUMBERED))
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(0.05), metrics=["accuracy"])
    validation = (images[test], labels[test])
    if arguments.plain:
        history = model.fit(
            images[train], labels[train], batch_size=32, epochs=arguments.epochs, validation_data=validation, verbose=2)
    else:
        # The book's shear of 0.2 was in radians.
        generator = ImageDataGenerator(
            rotation_range=30, width_shift_range=0.1, height_shift_range=0.1, shear_range=0.2 * 180 / np.pi,
            zoom_range=0.2, horizontal_flip=True, fill_mode="nearest")
        batches = generator.flow(images[train], labels[train], batch_size=32, seed=arguments.seed)
        history = model.fit(batches, epochs=arguments.epochs, validation_data=validation, verbose=2)
    accuracies = history.history["val_accuracy"]
    print(f"validation accuracy: {accuracies[-1]:.4f}")
    print(f"mean of the last ten epochs: {np.mean(accuracies[-10:]):.4f}")


if __name__ == "__main__":
    main()
