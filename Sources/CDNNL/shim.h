#ifndef DNNL_SHIM_H
#define DNNL_SHIM_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>
#include <stdlib.h>

#if DNNL_VERSION_MAJOR < 2 || (DNNL_VERSION_MAJOR == 2 && DNNL_VERSION_MINOR < 6)
#error "oneDNN 2.6 or later is needed; setup.sh says how to get it"
#endif

// All differences between oneDNN 2 and 3 that matter to the backend are in this file.
//
// The backend is written for version 3. Functions that version 2 lacks are defined here, under version 3's names.
// Functions with different arguments in both versions have wrappers named `onednn_...`.

// MARK: - Layouts

// In version 3 a layout is opaque. In version 2 it is a plain structure, which is allocated here, so that both versions
// pass layouts by pointer. The caller that creates a layout destroys it.

#if DNNL_VERSION_MAJOR < 3
typedef const dnnl_memory_desc_t *const_dnnl_memory_desc_t;
#endif

static inline dnnl_status_t onednn_layout_copy(const_dnnl_memory_desc_t *copy, const_dnnl_memory_desc_t layout) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_clone((dnnl_memory_desc_t *)copy, layout);
#else
    dnnl_memory_desc_t *made = malloc(sizeof *made);
    if (!made) return dnnl_out_of_memory;
    *made = *layout;
    *copy = made;
    return dnnl_success;
#endif
}

/// A layout of 32-bit floats.
static inline dnnl_status_t onednn_layout_create(
    const_dnnl_memory_desc_t *layout, int rank, const dnnl_dim_t *dimensions, dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_tag((dnnl_memory_desc_t *)layout, rank, dimensions, dnnl_f32, tag);
#else
    dnnl_memory_desc_t made;
    dnnl_status_t status = dnnl_memory_desc_init_by_tag(&made, rank, dimensions, dnnl_f32, tag);
    return status == dnnl_success ? onednn_layout_copy(layout, &made) : status;
#endif
}

/// The part of `whole` that begins at `offsets`.
static inline dnnl_status_t onednn_layout_slice(
    const_dnnl_memory_desc_t *slice, const_dnnl_memory_desc_t whole, const dnnl_dim_t *dimensions,
    const dnnl_dim_t *offsets) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_submemory((dnnl_memory_desc_t *)slice, whole, dimensions, offsets);
#else
    dnnl_memory_desc_t made;
    dnnl_status_t status = dnnl_memory_desc_init_submemory(&made, whole, dimensions, offsets);
    return status == dnnl_success ? onednn_layout_copy(slice, &made) : status;
#endif
}

static inline void onednn_layout_destroy(const_dnnl_memory_desc_t layout) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_destroy((dnnl_memory_desc_t)layout);
#else
    free((dnnl_memory_desc_t *)layout);
#endif
}

/// The `rank` dimensions of a layout. The pointer, like all pointers read from a layout, points into the layout.
static inline const dnnl_dim_t *onednn_layout_dimensions(const_dnnl_memory_desc_t layout, int *rank) {
#if DNNL_VERSION_MAJOR >= 3
    const dnnl_dim_t *dimensions = NULL;
    dnnl_memory_desc_query(layout, dnnl_query_ndims_s32, rank);
    dnnl_memory_desc_query(layout, dnnl_query_dims, &dimensions);
    return dimensions;
#else
    *rank = layout->ndims;
    return layout->dims;
#endif
}

/// The blocks of a layout, each a few elements of one or more dimensions side by side.
typedef struct {
    /// The offset of the first element, in elements.
    dnnl_dim_t offset;
    /// The distance from block to block in elements, one for each dimension.
    const dnnl_dim_t *strides;
    int blocks;
    /// For each block, its number of elements and their dimension.
    const dnnl_dim_t *sizes, *dimensions;
} onednn_blocking;

/// - Returns: whether the layout consists of strides and blocks.
static inline bool onednn_layout_blocking(const_dnnl_memory_desc_t layout, onednn_blocking *blocking) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_format_kind_t kind = dnnl_format_kind_undef;
    return dnnl_memory_desc_query(layout, dnnl_query_format_kind, &kind) == dnnl_success && kind == dnnl_blocked
        && dnnl_memory_desc_query(layout, dnnl_query_submemory_offset_s64, &blocking->offset) == dnnl_success
        && dnnl_memory_desc_query(layout, dnnl_query_strides, &blocking->strides) == dnnl_success
        && dnnl_memory_desc_query(layout, dnnl_query_inner_nblks_s32, &blocking->blocks) == dnnl_success
        && dnnl_memory_desc_query(layout, dnnl_query_inner_blks, &blocking->sizes) == dnnl_success
        && dnnl_memory_desc_query(layout, dnnl_query_inner_idxs, &blocking->dimensions) == dnnl_success;
#else
    if (layout->format_kind != dnnl_blocked) return false;
    const dnnl_blocking_desc_t *blocks = &layout->format_desc.blocking;
    *blocking = (onednn_blocking){
        layout->offset0, blocks->strides, blocks->inner_nblks, blocks->inner_blks, blocks->inner_idxs};
    return true;
#endif
}

// MARK: - Macros that Swift does not see

/// The second source of the first operation after a primitive's own.
static const int onednn_argument_addend = DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;

// MARK: - Functions with other names or arguments

/// Whether a normalization's gradient takes the shift, on which it does not depend. Version 2 requires it, version 3
/// refuses it.
static const bool onednn_normalization_gradient_takes_shift = DNNL_VERSION_MAJOR < 3;

#if DNNL_VERSION_MAJOR < 3
/// Copies the layouts into one array, which the caller frees.
static inline dnnl_memory_desc_t *onednn_layouts_in_a_row(int count, const const_dnnl_memory_desc_t *layouts) {
    dnnl_memory_desc_t *row = malloc((size_t)count * sizeof *row);
    for (int i = 0; row && i < count; i++) row[i] = *layouts[i];
    return row;
}
#endif

static inline dnnl_status_t onednn_concat_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const_dnnl_memory_desc_t destination, int count,
    int dimension, const const_dnnl_memory_desc_t *sources, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_concat_primitive_desc_create(result, engine, destination, count, dimension, sources, attributes);
#else
    dnnl_memory_desc_t *row = onednn_layouts_in_a_row(count, sources);
    if (!row) return dnnl_out_of_memory;
    dnnl_status_t status =
        dnnl_concat_primitive_desc_create(result, destination, count, dimension, row, attributes, engine);
    free(row);
    return status;
#endif
}

static inline dnnl_status_t onednn_sum_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const_dnnl_memory_desc_t destination, int count,
    const float *scales, const const_dnnl_memory_desc_t *sources, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_sum_primitive_desc_create(result, engine, destination, count, scales, sources, attributes);
#else
    dnnl_memory_desc_t *row = onednn_layouts_in_a_row(count, sources);
    if (!row) return dnnl_out_of_memory;
    dnnl_status_t status =
        dnnl_sum_primitive_desc_create(result, destination, count, scales, row, attributes, engine);
    free(row);
    return status;
#endif
}

static inline dnnl_status_t onednn_post_ops_append_eltwise(
    dnnl_post_ops_t operations, dnnl_alg_kind_t algorithm, float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_eltwise(operations, algorithm, alpha, beta);
#else
    return dnnl_post_ops_append_eltwise(operations, 1, algorithm, alpha, beta);
#endif
}

// MARK: - Version 3's functions for version 2

// Version 2 first describes an operation in a structure, and creates the primitive's descriptor from it. If it has only
// one layout for source and destination, the destination's is ignored.

#if DNNL_VERSION_MAJOR < 3

static inline dnnl_status_t onednn_described(
    dnnl_status_t status, dnnl_primitive_desc_t *result, const_dnnl_op_desc_t operation,
    const_dnnl_primitive_attr_t attributes, dnnl_engine_t engine, const_dnnl_primitive_desc_t hint) {
    return status == dnnl_success ? dnnl_primitive_desc_create(result, operation, attributes, engine, hint) : status;
}

static inline dnnl_status_t dnnl_convolution_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t bias,
    const_dnnl_memory_desc_t destination, const dnnl_dim_t *strides, const dnnl_dim_t *dilates,
    const dnnl_dim_t *leading, const dnnl_dim_t *trailing, const_dnnl_primitive_attr_t attributes) {
    dnnl_convolution_desc_t operation;
    dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
        &operation, kind, algorithm, source, weights, bias, destination, strides, dilates, leading, trailing);
    return onednn_described(status, result, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t dnnl_convolution_backward_data_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t weights,
    const_dnnl_memory_desc_t destination_gradient, const dnnl_dim_t *strides, const dnnl_dim_t *dilates,
    const dnnl_dim_t *leading, const dnnl_dim_t *trailing, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_convolution_desc_t operation;
    dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
        &operation, algorithm, source_gradient, weights, destination_gradient, strides, dilates, leading, trailing);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

static inline dnnl_status_t dnnl_convolution_backward_weights_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t weights_gradient, const_dnnl_memory_desc_t bias_gradient,
    const_dnnl_memory_desc_t destination_gradient, const dnnl_dim_t *strides, const dnnl_dim_t *dilates,
    const dnnl_dim_t *leading, const dnnl_dim_t *trailing, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_convolution_desc_t operation;
    dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
        &operation, algorithm, source, weights_gradient, bias_gradient, destination_gradient, strides, dilates,
        leading, trailing);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

static inline dnnl_status_t dnnl_inner_product_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t bias, const_dnnl_memory_desc_t destination,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_inner_product_desc_t operation;
    dnnl_status_t status =
        dnnl_inner_product_forward_desc_init(&operation, kind, source, weights, bias, destination);
    return onednn_described(status, result, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t dnnl_inner_product_backward_data_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const_dnnl_memory_desc_t source_gradient,
    const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t destination_gradient,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attributes) {
    dnnl_inner_product_desc_t operation;
    dnnl_status_t status =
        dnnl_inner_product_backward_data_desc_init(&operation, source_gradient, weights, destination_gradient);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

static inline dnnl_status_t dnnl_inner_product_backward_weights_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t weights_gradient, const_dnnl_memory_desc_t bias_gradient,
    const_dnnl_memory_desc_t destination_gradient, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_inner_product_desc_t operation;
    dnnl_status_t status = dnnl_inner_product_backward_weights_desc_init(
        &operation, source, weights_gradient, bias_gradient, destination_gradient);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

static inline dnnl_status_t dnnl_batch_normalization_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t destination, float epsilon, unsigned flags, const_dnnl_primitive_attr_t attributes) {
    dnnl_batch_normalization_desc_t operation;
    dnnl_status_t status = dnnl_batch_normalization_forward_desc_init(&operation, kind, source, epsilon, flags);
    return onednn_described(status, result, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t dnnl_batch_normalization_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t destination_gradient,
    const_dnnl_memory_desc_t source, float epsilon, unsigned flags, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_batch_normalization_desc_t operation;
    dnnl_status_t status = dnnl_batch_normalization_backward_desc_init(
        &operation, kind, destination_gradient, source, epsilon, flags);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

/// Ignores dilation.
static inline dnnl_status_t dnnl_pooling_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t destination, const dnnl_dim_t *strides,
    const dnnl_dim_t *kernel, const dnnl_dim_t *dilates, const dnnl_dim_t *leading, const dnnl_dim_t *trailing,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_pooling_desc_t operation;
    dnnl_status_t status = dnnl_pooling_forward_desc_init(
        &operation, kind, algorithm, source, destination, strides, kernel, leading, trailing);
    return onednn_described(status, result, &operation, attributes, engine, NULL);
}

/// Ignores dilation.
static inline dnnl_status_t dnnl_pooling_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t destination_gradient,
    const dnnl_dim_t *strides, const dnnl_dim_t *kernel, const dnnl_dim_t *dilates, const dnnl_dim_t *leading,
    const dnnl_dim_t *trailing, const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attributes) {
    dnnl_pooling_desc_t operation;
    dnnl_status_t status = dnnl_pooling_backward_desc_init(
        &operation, algorithm, source_gradient, destination_gradient, strides, kernel, leading, trailing);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

static inline dnnl_status_t dnnl_eltwise_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t destination, float alpha, float beta,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_eltwise_desc_t operation;
    dnnl_status_t status = dnnl_eltwise_forward_desc_init(&operation, kind, algorithm, source, alpha, beta);
    return onednn_described(status, result, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t dnnl_eltwise_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t destination_gradient,
    const_dnnl_memory_desc_t source, float alpha, float beta, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_eltwise_desc_t operation;
    dnnl_status_t status =
        dnnl_eltwise_backward_desc_init(&operation, algorithm, destination_gradient, source, alpha, beta);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

/// With `dnnl_softmax_accurate`, the only algorithm here.
static inline dnnl_status_t dnnl_softmax_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t destination, int axis,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_softmax_desc_t operation;
    dnnl_status_t status = dnnl_softmax_forward_desc_init(&operation, kind, source, axis);
    return onednn_described(status, result, &operation, attributes, engine, NULL);
}

/// With `dnnl_softmax_accurate`, the only algorithm here.
static inline dnnl_status_t dnnl_softmax_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t destination_gradient,
    const_dnnl_memory_desc_t destination, int axis, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_softmax_desc_t operation;
    dnnl_status_t status = dnnl_softmax_backward_desc_init(&operation, destination_gradient, destination, axis);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

static inline dnnl_status_t dnnl_resampling_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const float *factors, const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t destination,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_resampling_desc_t operation;
    dnnl_status_t status =
        dnnl_resampling_forward_desc_init(&operation, kind, algorithm, factors, source, destination);
    return onednn_described(status, result, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t dnnl_resampling_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const float *factors,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t destination_gradient,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attributes) {
    dnnl_resampling_desc_t operation;
    dnnl_status_t status =
        dnnl_resampling_backward_desc_init(&operation, algorithm, factors, source_gradient, destination_gradient);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

static inline dnnl_status_t dnnl_lrn_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t destination, dnnl_dim_t size, float alpha, float beta,
    float k, const_dnnl_primitive_attr_t attributes) {
    dnnl_lrn_desc_t operation;
    dnnl_status_t status = dnnl_lrn_forward_desc_init(&operation, kind, algorithm, source, size, alpha, beta, k);
    return onednn_described(status, result, &operation, attributes, engine, NULL);
}

static inline dnnl_status_t dnnl_lrn_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t destination_gradient,
    const_dnnl_memory_desc_t source, dnnl_dim_t size, float alpha, float beta, float k,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attributes) {
    dnnl_lrn_desc_t operation;
    dnnl_status_t status = dnnl_lrn_backward_desc_init(
        &operation, algorithm, destination_gradient, source, size, alpha, beta, k);
    return onednn_described(status, result, &operation, attributes, engine, hint);
}

#endif

#endif
