// Included once for every BLOCK width, which gives moments16, moments8 and so on.

#define JOINED_(a, b) a##b
#define JOINED(a, b) JOINED_(a, b)
#define NAME(name) JOINED(name, BLOCK)
#define INLINE static inline __attribute__((always_inline))

/// The channels of one pixel. Planes start at a cache line or in its middle; arrays per channel may start anywhere.
typedef float NAME(pixel) __attribute__((vector_size(BLOCK * 4)));
typedef float NAME(anywhere) __attribute__((vector_size(BLOCK * 4), aligned(4)));
typedef int NAME(mask) __attribute__((vector_size(BLOCK * 4)));
#define PIXEL NAME(pixel)
#define ANYWHERE NAME(anywhere)
#define MASK NAME(mask)
#define AT(p, i) (*(const PIXEL *)((p) + (i) * BLOCK))
#define CHANNELS(p) ((PIXEL)(*(const ANYWHERE *)(p)))
// NaN propagates, so that it is noticed.
#define POSITIVE(v) ((PIXEL)((MASK)(v) & ~((v) <= 0)))

INLINE void NAME(moments)(const float *x, size_t pixels, float *mean, float *squares,
                          const enum rectification rectify) {
    // Two independent sums, so that the processor need not wait for each addition.
    PIXEL sum[2] = {{0}}, square[2] = {{0}};
    for (size_t i = 0; i < pixels; i++) sum[i & 1] += rectify == RECTIFY_INPUT ? POSITIVE(AT(x, i)) : AT(x, i);
    const PIXEL m = (sum[0] + sum[1]) / (float)pixels;
    for (size_t i = 0; i < pixels; i++) {
        PIXEL d = (rectify == RECTIFY_INPUT ? POSITIVE(AT(x, i)) : AT(x, i)) - m;
        square[i & 1] += d * d;
    }
    *(ANYWHERE *)mean = m;
    *(ANYWHERE *)squares = square[0] + square[1];
}

INLINE void NAME(normalize)(const float *x, float *y, size_t pixels, const float *mean, const float *scale,
                            const float *shift, const enum rectification rectify) {
    const PIXEL m = CHANNELS(mean), s = CHANNELS(scale), b = CHANNELS(shift);
    for (size_t i = 0; i < pixels; i++) {
        PIXEL v = rectify == RECTIFY_INPUT ? POSITIVE(AT(x, i)) : AT(x, i);
        v = (v - m) * s + b;
        __builtin_nontemporal_store(rectify == RECTIFY_OUTPUT ? POSITIVE(v) : v, (PIXEL *)(y + i * BLOCK));
    }
}

/// The gradient `g` of the normalized value of pixel i, and `d = x - mean` there.
#define GRADIENT(g, d)                                                                                        \
    PIXEL d = (rectify == RECTIFY_INPUT ? POSITIVE(AT(x, i)) : AT(x, i)) - m;                                 \
    PIXEL g = AT(gradients[0], i);                                                                            \
    for (int p = 1; p < parts; p++) g += AT(gradients[p], i);                                                 \
    /* The same expression as in the forward pass, so that both have the same sign. */                        \
    if (rectify == RECTIFY_OUTPUT) g = (PIXEL)((MASK)g & ~(d * s + b <= 0));

INLINE void NAME(gradient_sums)(const float *x, const float *const *gradients, int parts, size_t pixels,
                                const float *mean, const float *scale, const float *shift, float *sum, float *product,
                                const enum rectification rectify) {
    const PIXEL m = CHANNELS(mean), s = CHANNELS(scale), b = CHANNELS(shift);
    PIXEL sums = {0}, products = {0};
    for (size_t i = 0; i < pixels; i++) {
        GRADIENT(g, d)
        sums += g;
        products += g * d;
    }
    *(ANYWHERE *)sum = sums;
    *(ANYWHERE *)product = products;
}

INLINE void NAME(input_gradient)(const float *x, const float *const *gradients, int parts,
                                 const float *const *passing, int others, float *dx, size_t pixels,
                                 const float *mean, const float *scale, const float *shift, const float *gMean,
                                 const float *slope, const enum rectification rectify) {
    const PIXEL m = CHANNELS(mean), s = CHANNELS(scale), b = CHANNELS(shift), a = CHANNELS(gMean), k = CHANNELS(slope);
    for (size_t i = 0; i < pixels; i++) {
        GRADIENT(g, d)
        PIXEL v = s * (g - a - d * k);
        if (rectify == RECTIFY_INPUT) v = (PIXEL)((MASK)v & ~(AT(x, i) <= 0));
        for (int p = 0; p < others; p++) v += AT(passing[p], i);
        __builtin_nontemporal_store(v, (PIXEL *)(dx + i * BLOCK));
    }
}

#undef GRADIENT
#undef POSITIVE
#undef CHANNELS
#undef AT
#undef MASK
#undef ANYWHERE
#undef PIXEL
#undef INLINE
#undef NAME
#undef JOINED
#undef JOINED_
