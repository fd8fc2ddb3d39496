#ifndef PNG_READING_H
#define PNG_READING_H

#include <stddef.h>
#include <stdint.h>

enum { PNG_READING_DONE, PNG_READING_TRUNCATED, PNG_READING_DAMAGED };

/// Decodes a PNG of any kind into 8-bit RGB, row by row without gaps: `pixels` holds 3 * width * height bytes.
/// Alpha and gamma are ignored, and 16 bits are cut to the upper 8, as in OpenCV.
/// If it fails, `message` holds libpng's message.
int png_reading_rgb(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *pixels, char message[128]);

#endif
