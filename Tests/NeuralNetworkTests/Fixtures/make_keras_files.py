"""Writes GENERATION_OPTIMIZER.hdf5 and, beside each, GENERATION_OPTIMIZER_io.hdf5: models that Keras saved after two
steps of training, what it predicts with them, and its third step.

    python make_keras_files.py keras3; python make_keras_files.py keras2; python make_keras_files.py keras2_legacy

Further arguments are the only cases to write. The case every_layer has, beside convolution and dense, the layers,
activations, initializers and penalties that the network of the other cases does not have. The case frozen has frozen
layers with penalties, which are part of the loss in Keras 2 only. The loss of from_logits expects logits and stands
behind a softmax; that of linear stands behind a softmax and an activation that changes nothing. In accumulation, the
file is saved between the steps of an update. In nested, models are called more than once, and are outputs of models.

Keras 3.15.1; tf_keras 2.21.0, with its new optimizers and with those that it calls legacy; TensorFlow-CPU 2.21.0,
h5py 3.14.0. The layout is that of Tests/Fixtures/keras_models; hash_images is that of Tests/Fixtures/README.md.
"""
import json
import pathlib
import sys

import h5py
import numpy as np

generation = sys.argv[1]
if generation == "keras3":
    import keras
else:
    import tf_keras as keras
layers = keras.layers
optimizers = keras.optimizers.legacy if generation == "keras2_legacy" else keras.optimizers
# Legacy optimizers have a decay over time; of RMSprop and Adagrad they add epsilon to the root, the others under it, and
# a small one would not show which.
decay = {"decay": 0.05} if generation == "keras2_legacy" else {}
cases = {
    "sgd": lambda: optimizers.SGD(0.01),
    "momentum": lambda: optimizers.SGD(0.01, momentum=0.9, nesterov=True, **decay),
    "adam": lambda: optimizers.Adam(0.001, epsilon=1e-6, **decay),
    "rmsprop": lambda: optimizers.RMSprop(0.001, rho=0.85, epsilon=0.01),
    "adagrad": lambda: optimizers.Adagrad(0.01, initial_accumulator_value=0.2, epsilon=0.1),
    "adadelta": lambda: optimizers.Adadelta(1.0),
    "nadam": lambda: optimizers.Nadam(0.002),
}
if generation != "keras2_legacy":
    for name in "every_layer", "frozen", "from_logits", "linear", "nested":
        cases[name] = lambda: optimizers.SGD(0.01, momentum=0.9)
if generation == "keras3":
    cases["accumulation"] = lambda: optimizers.SGD(0.1, gradient_accumulation_steps=3)
if generation == "keras2":
    # Its step, compiled, multiplies the product of the moments once for every weight.
    del cases["nadam"]
cases = {name: make for name, make in cases.items() if name in sys.argv[2:] or len(sys.argv) == 2}
SHAPE, CLASSES, BATCH = (12, 9, 3), 5, 8


def hash_uniform(name, count, low, high):
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (low + (z >> np.uint64(40)) / 16777216.0 * (high - low)).astype(np.float32)


def hash_images(key, count):
    height, width, channels = SHAPE
    blocks = (count, -(-height // 8), -(-width // 8), channels)
    coarse = hash_uniform(key + "/coarse", np.prod(blocks), -1, 1).reshape(blocks)
    fine = hash_uniform(key + "/fine", count * np.prod(SHAPE), -0.25, 0.25).reshape(count, *SHAPE)
    return coarse.repeat(8, axis=1)[:, :height].repeat(8, axis=2)[:, :, :width] + fine


def network():
    keras.utils.set_random_seed(3)
    keras.backend.clear_session()
    decayed = keras.regularizers.l2(5e-4)
    image = layers.Input(SHAPE)
    x = layers.Conv2D(6, (3, 2), padding="same", kernel_regularizer=decayed)(image)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Activation("relu")(x)
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, layers.Dense(CLASSES, kernel_regularizer=decayed, activation="softmax")(x))


def every_layer():
    keras.utils.set_random_seed(4)
    keras.backend.clear_session()
    l1, l2, l1l2 = keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2
    bounded = layers.ReLU(4.0, 0.1, 0.2)
    image = layers.Input(SHAPE)
    x = layers.Rescaling([0.5, 1.5, 2.0], [0.1, 0.2, 0.3])(image)
    x = layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 1.5, 2.0])(x)
    x = layers.Conv2D(
        8, 3, padding="same", dilation_rate=2, activation="silu", kernel_initializer="lecun_normal",
        kernel_regularizer=l1l2(0.001, 0.002), bias_regularizer=l1(0.01))(x)
    x = layers.Conv2D(12, 3, padding="same", groups=4, activation="gelu", kernel_initializer="orthogonal")(x)
    x = layers.BatchNormalization(momentum=0.9, scale=False, beta_regularizer=l2(0.01))(x)
    x = layers.ReLU(6.0)(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, activation="leaky_relu")(x)
    x = layers.BatchNormalization(momentum=0.9, center=False, gamma_regularizer=l2(0.01))(x)
    x = layers.LeakyReLU(0.15)(x)
    x = layers.SeparableConv2D(16, 3, padding="same", activation=bounded, depthwise_regularizer=l2(0.01))(x)
    x = layers.PReLU(shared_axes=[1, 2], alpha_initializer=keras.initializers.Constant(0.25))(x)
    gate = layers.Dense(16, activation="hard_sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.Multiply()([x, gate])
    y = layers.Conv2D(16, 1, activation="mish", activity_regularizer=l2(0.001))(x)
    mean = layers.Average()([x, y])
    x = layers.Maximum()([mean, layers.Subtract()([mean, y])])
    x = layers.Minimum()([x, layers.Activation("softplus")(y)])
    x = layers.UpSampling2D((2, 1), interpolation="bilinear")(x)
    x = layers.UpSampling2D(2)(layers.Cropping2D(((1, 2), (0, 1)))(x))
    x = layers.Activation("exponential")(layers.Activation("softsign")(layers.Activation("selu")(x)))
    flat = layers.Reshape((-1,))(layers.Dense(4, activation="relu6", kernel_initializer="random_normal")(x))
    x = layers.Concatenate()([layers.GlobalMaxPooling2D()(x), layers.Dense(8, activation="log_softmax")(flat)])
    return keras.Model(image, layers.Softmax()(layers.Dense(CLASSES)(x)))


def frozen():
    keras.utils.set_random_seed(5)
    keras.backend.clear_session()
    decayed = keras.regularizers.L2(0.05)
    image = layers.Input(SHAPE)
    x = layers.Conv2D(6, 3, padding="same", kernel_regularizer=decayed)(image)
    x = layers.BatchNormalization(momentum=0.9, gamma_regularizer=decayed)(x)
    x = layers.Conv2D(8, 3, activation="relu", kernel_regularizer=decayed)(x)
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, layers.Dense(CLASSES, kernel_regularizer=decayed, activation="softmax")(x))
    model.layers[1].trainable = model.layers[2].trainable = False
    return model


def linear():
    model = network()
    return keras.Model(model.input, layers.Activation("linear")(model.output))


def nested():
    keras.utils.set_random_seed(6)
    keras.backend.clear_session()
    image, features, more = layers.Input(SHAPE), layers.Input((6,)), layers.Input((6,))
    # Keras 2 mixes up the calls of a model that is called both inside of another one and outside.
    outer, inner = (keras.Model(features, layers.Dense(6, activation="tanh")(features)) for _ in range(2))
    once = inner(more)
    twice = keras.Model(more, [once, layers.Dense(6)(inner(layers.ReLU()(once)))])
    head = keras.Sequential([layers.Input((6,)), layers.Dense(6)])
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 3)(image))
    x = layers.Concatenate()([outer(outer(x)), *twice(x), head(head(x))])
    last = keras.Sequential([layers.Input((24,)), layers.Dense(CLASSES, activation="softmax")])
    return keras.Model(image, last(x))


LOSSES = {"from_logits": keras.losses.CategoricalCrossentropy(from_logits=True), "linear": "binary_crossentropy"}
for optimizer, make in cases.items():
    name = f"{generation}_{optimizer}"
    path = pathlib.Path(__file__).parent / name
    model = {"every_layer": every_layer, "frozen": frozen, "linear": linear, "nested": nested}.get(optimizer, network)()
    model.compile(loss=LOSSES.get(optimizer, "categorical_crossentropy"), optimizer=make(), metrics=["accuracy"])
    labels = [(7 * step + 3 * np.arange(BATCH) + 1) % CLASSES for step in range(3)]

    def train(step):
        images = hash_images(f"{name}/train_input/{step}", BATCH)
        return model.train_on_batch(images, np.eye(CLASSES, dtype=np.float32)[labels[step]])

    train(0), train(1)
    model.save(f"{path}.hdf5")
    prediction = np.asarray(model(hash_images(f"{name}/input", 4), training=False))
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.0
    model.make_train_function(force=True)
    loss = train(2)[0]
    kernels = [weight.numpy() for layer in model.layers for weight in layer.weights if "kernel" in weight.name]
    with h5py.File(f"{path}_io.hdf5", "w") as file:
        file.attrs["config_json"] = np.bytes_(json.dumps({
            "input_key": f"{name}/input", "input_shape": [4, *SHAPE], "total_params": model.count_params(),
            "continued_input_key": f"{name}/train_input/2", "writer": f"{generation} {keras.__version__}"}))
        file["prediction"] = prediction
        file["continued_step_labels"] = labels[2].astype(np.int32)
        file["continued_step_loss"] = np.array([loss], np.float32).reshape(1)
        file["after_first_conv_kernel"], file["after_final_kernel"] = kernels[0], kernels[-1]
