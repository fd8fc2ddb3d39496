// libpng reports errors by longjmp, which must not cross Swift frames, so these calls are in C.

#include "png_reading.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

struct source {
    const uint8_t *next;
    size_t left;
    int status;
    char *message;
};

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    struct source *source = png_get_io_ptr(png);
    if (count > source->left) {
        source->status = PNG_READING_TRUNCATED;
        png_error(png, "the data end early");
    }
    memcpy(target, source->next, count);
    source->next += count;
    source->left -= count;
}

static void fail(png_structp png, png_const_charp message) {
    struct source *source = png_get_error_ptr(png);
    snprintf(source->message, 128, "%s", message);
    png_longjmp(png, 1);
}

// libpng only warns about chunks that do not affect the pixels.
static void ignore(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

// When setjmp returns a second time, changed local variables are lost, so everything needed after a failure belongs to
// the caller.
static int read_image(png_structp png, png_infop info, uint32_t width, uint32_t height, uint8_t *pixels) {
    if (setjmp(png_jmpbuf(png))) return 0;
    // Skip texts and profiles: each could inflate some hundred kilobytes to many megabytes.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, info);
    png_set_palette_to_rgb(png);
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height
        || png_get_rowbytes(png, info) != (size_t)3 * width) {
        png_error(png, "its header contradicts itself");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t row = 0; row < height; row++) png_read_row(png, pixels + (size_t)3 * width * row, NULL);
    }
    png_read_end(png, NULL);
    return 1;
}

int png_reading_rgb(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *pixels, char message[128]) {
    struct source source = {bytes, count, PNG_READING_DAMAGED, message};
    snprintf(message, 128, "there is not enough memory");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    int status = PNG_READING_DAMAGED;
    if (info) {
        png_set_read_fn(png, &source, read_bytes);
        status = read_image(png, info, width, height, pixels) ? PNG_READING_DONE : source.status;
    }
    png_destroy_read_struct(&png, &info, NULL);
    return status;
}
