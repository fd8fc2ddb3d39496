// Joins small JPEGs into a large one and splits it again, without decoding a pixel: coefficients are moved.
//
//     jpegs join LARGE.jpg < NAMES      joins the files of the list, one name a line
//     jpegs split LARGE.jpg < NAMES     writes those files again
//
// All files have one size, which is a whole number of blocks, and the same tables. Then one header serves them all, and
// JPEG XL, which compresses coefficients, learns from all of them. `join` refuses a file that `split` would not write
// bit for bit.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>

enum { columns = 32, longest = 4096 };

typedef struct { unsigned char *bytes; unsigned long count; } File;

static void fail(const char *what, const char *name) {
    fprintf(stderr, "jpegs: %s: %s\n", what, name);
    exit(1);
}

static File read_file(const char *name) {
    FILE *stream = fopen(name, "rb");
    if (!stream || fseek(stream, 0, SEEK_END)) fail("cannot be read", name);
    File file = {NULL, (unsigned long)ftell(stream)};
    rewind(stream);
    file.bytes = malloc(file.count + 1);
    if (!file.bytes || fread(file.bytes, 1, file.count, stream) != file.count) fail("cannot be read", name);
    fclose(stream);
    return file;
}

static void write_file(const char *name, File file) {
    FILE *stream = fopen(name, "wb");
    if (!stream || fwrite(file.bytes, 1, file.count, stream) != file.count || fclose(stream)) {
        fail("cannot be written", name);
    }
}

static char **read_names(int *count) {
    char **names = NULL, line[longest];
    for (*count = 0; fgets(line, sizeof line, stdin); ++*count) {
        line[strcspn(line, "\n")] = 0;
        // Doubled at each power of two.
        if ((*count & (*count - 1)) == 0) names = realloc(names, (size_t)(*count ? 2 * *count : 1) * sizeof *names);
        if (!names || !(names[*count] = strdup(line))) fail("no memory for", line);
    }
    if (*count == 0) fail("no names", "standard input");
    return names;
}

typedef struct { struct jpeg_decompress_struct info; struct jpeg_error_mgr errors; jvirt_barray_ptr *blocks; } Source;

/// The coefficients of a file.
static void open_source(Source *source, File file) {
    source->info.err = jpeg_std_error(&source->errors);
    jpeg_create_decompress(&source->info);
    jpeg_mem_src(&source->info, file.bytes, file.count);
    jpeg_read_header(&source->info, TRUE);
    source->blocks = jpeg_read_coefficients(&source->info);
}

static void close_source(Source *source) { jpeg_destroy_decompress(&source->info); }

typedef struct { struct jpeg_compress_struct info; struct jpeg_error_mgr errors; jvirt_barray_ptr blocks[4]; } Target;

/// Room for the coefficients of an image with the tables of `like`.
static void open_target(Target *target, struct jpeg_decompress_struct *like, int width, int height, File *file) {
    target->info.err = jpeg_std_error(&target->errors);
    jpeg_create_compress(&target->info);
    *file = (File){NULL, 0};
    jpeg_mem_dest(&target->info, &file->bytes, &file->count);
    jpeg_copy_critical_parameters(like, &target->info);
    target->info.image_width = (JDIMENSION)width;
    target->info.image_height = (JDIMENSION)height;
    for (int c = 0; c < like->num_components; c++) {
        jpeg_component_info *part = like->comp_info + c;
        JDIMENSION across = (JDIMENSION)(width * part->h_samp_factor / (8 * like->max_h_samp_factor));
        JDIMENSION down = (JDIMENSION)(height * part->v_samp_factor / (8 * like->max_v_samp_factor));
        target->blocks[c] = target->info.mem->request_virt_barray(
            (j_common_ptr)&target->info, JPOOL_IMAGE, TRUE, across, down, (JDIMENSION)part->v_samp_factor);
    }
    // Realizes the arrays too. The coefficients are only read at the end.
    jpeg_write_coefficients(&target->info, target->blocks);
}

static void close_target(Target *target) {
    jpeg_finish_compress(&target->info);
    jpeg_destroy_compress(&target->info);
}

/// Copies one small image's blocks into its place in the large image, or out of it.
static void move(Source *source, Target *target, int small_width, int small_height, int place, int into_large) {
    struct jpeg_decompress_struct *like = &source->info;
    for (int c = 0; c < like->num_components; c++) {
        jpeg_component_info *part = like->comp_info + c;
        int across = small_width * part->h_samp_factor / (8 * like->max_h_samp_factor);
        int down = small_height * part->v_samp_factor / (8 * like->max_v_samp_factor);
        int left = place % columns * across, top = place / columns * down;
        for (int row = 0; row < down; row++) {
            int from = into_large ? row : top + row, to = into_large ? top + row : row;
            JBLOCKROW read = like->mem->access_virt_barray(
                (j_common_ptr)like, source->blocks[c], (JDIMENSION)from, 1, FALSE)[0];
            JBLOCKROW write = target->info.mem->access_virt_barray(
                (j_common_ptr)&target->info, target->blocks[c], (JDIMENSION)to, 1, TRUE)[0];
            memcpy(write + (into_large ? left : 0), read + (into_large ? 0 : left), (size_t)across * sizeof(JBLOCK));
        }
    }
}

/// A small image again, from its place in the large one.
static File small(Source *large, int width, int height, int place) {
    Target target;
    File file;
    open_target(&target, &large->info, width, height, &file);
    move(large, &target, width, height, place, 0);
    close_target(&target);
    return file;
}

int main(int count, char **arguments) {
    if (count != 3 || (strcmp(arguments[1], "join") && strcmp(arguments[1], "split"))) {
        fputs("usage: jpegs join|split LARGE.jpg < NAMES\n", stderr);
        return 2;
    }
    int joins = !strcmp(arguments[1], "join"), names_count;
    char **names = read_names(&names_count);
    int rows = (names_count + columns - 1) / columns;
    File large_file;
    Source large;
    int width, height;

    if (joins) {
        Target target;
        Source first;
        File file = read_file(names[0]);
        open_source(&first, file);
        width = (int)first.info.image_width, height = (int)first.info.image_height;
        open_target(&target, &first.info, columns * width, rows * height, &large_file);
        for (int place = 0; place < names_count; place++) {
            File file = read_file(names[place]);
            Source source;
            open_source(&source, file);
            if ((int)source.info.image_width != width || (int)source.info.image_height != height
                || source.info.num_components != first.info.num_components) fail("has another shape", names[place]);
            move(&source, &target, width, height, place, 1);
            close_source(&source);
            free(file.bytes);
        }
        close_target(&target);
        close_source(&first);
        free(file.bytes);
    } else {
        large_file = read_file(arguments[2]);
    }

    open_source(&large, large_file);
    if (!joins) width = (int)large.info.image_width / columns, height = (int)large.info.image_height / rows;
    for (int place = 0; place < names_count; place++) {
        File again = small(&large, width, height, place);
        if (joins) {
            File file = read_file(names[place]);
            if (file.count != again.count || memcmp(file.bytes, again.bytes, file.count)) {
                fail("would not be the same bytes", names[place]);
            }
            free(file.bytes);
        } else {
            write_file(names[place], again);
        }
        free(again.bytes);
    }
    close_source(&large);
    if (joins) write_file(arguments[2], large_file);
    return 0;
}
