// What the host hands to kernels by value or in arrays. The host, the kernels and the tests read these definitions.
#ifndef GPU_STRUCTS_H
#define GPU_STRUCTS_H

/// An operand that is repeated along some axes to have a larger shape, batch axis included.
typedef struct GPUBroadcast {
    int rank;
    /// The number of the operand's elements.
    int operand;
    /// The larger shape.
    int shape[8];
    /// The distance between the operand's elements along each axis; 0 where it is repeated.
    int strides[8];
} GPUBroadcast;

/// Images of NHWC and a window that slides over them.
typedef struct GPUWindow {
    int images, channels;
    int inputHeight, inputWidth, outputHeight, outputWidth;
    int kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth;
    int paddingTop, paddingLeft;
} GPUWindow;

/// The address of a step's random numbers, as in `RandomStream`.
typedef struct GPUStepNumbers {
    unsigned key[2];
    unsigned epoch, index, purpose;
} GPUStepNumbers;

/// What happens to an image, as in `StoredImages.Change`.
typedef struct GPUImageChange {
    /// The factors of the result's row and column, and the offset.
    double row[3], column[3];
    int isWarped, isMirrored, isUpsideDown;
    /// The rows and columns of the result that become 0: the first, and the one after the last.
    int erasedRows[2], erasedColumns[2];
} GPUImageChange;

/// The pixels outside of an image.
enum { GPU_OUTSIDE_NEAREST, GPU_OUTSIDE_CONSTANT, GPU_OUTSIDE_REFLECT, GPU_OUTSIDE_WRAP };

/// At most 1024 elements of one parameter.
typedef struct GPUChunk {
    /// The distance of the first weight from the start of all weights, in elements.
    long long weight;
    /// The same for the gradient and for the slots.
    int offset;
    int count;
    /// The factors of the penalty on these weights.
    float l1, l2;
    int trainable;
    int parameter;
} GPUChunk;

/// A matrix of weights, and where its transpose lies: distances in elements.
typedef struct GPUMatrix {
    long long source;
    int target;
    int rows, columns;
} GPUMatrix;

/// A step of an optimizer as a program for a stack machine.
typedef struct GPUUpdateProgram {
    int count;
    unsigned char code[124];
    float constants[32];
} GPUUpdateProgram;

/// The number of intermediate results that a program may have at the same time.
enum { GPU_STACK_DEPTH = 16 };

/// The instructions of an update. The number of a slot or of a constant is the byte after the instruction.
enum {
    GPU_GRADIENT, GPU_WEIGHT, GPU_SLOT, GPU_CONSTANT, GPU_ADD, GPU_SUBTRACT, GPU_MULTIPLY, GPU_DIVIDE, GPU_ROOT,
    GPU_SET_WEIGHT, GPU_SET_SLOT
};

typedef struct GPULossSettings {
    int kind;
    int units, rows, samples;
    /// Targets become `kept * t + spread`.
    float kept, spread;
    /// The factor of the gradient.
    float weight;
    /// The factors of a penalty.
    float l1, l2;
    /// What a single output has to exceed to say yes.
    float threshold;
} GPULossSettings;

enum {
    GPU_CATEGORICAL_FROM_LOGITS, GPU_CATEGORICAL, GPU_BINARY_FROM_LOGITS, GPU_BINARY, GPU_SQUARED_ERROR,
    GPU_WEIGHTED_SUM, GPU_PENALTY
};

/// The functions of single elements, in the order of `ActivationFunction`. Softmax has kernels of its own.
enum {
    GPU_LINEAR = 0, GPU_RELU = 1, GPU_SIGMOID = 2, GPU_TANH = 3, GPU_RECTIFIER = 6, GPU_ELU = 7, GPU_SELU = 8,
    GPU_CELU = 9, GPU_SILU = 10, GPU_GELU = 11, GPU_APPROXIMATE_GELU = 12, GPU_MISH = 13, GPU_SOFTPLUS = 14,
    GPU_SOFTSIGN = 15, GPU_EXPONENTIAL = 16, GPU_HARD_SIGMOID = 17, GPU_HARD_SILU = 18
};

#endif
