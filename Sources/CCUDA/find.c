#include "CCUDA.h"

#include <dlfcn.h>

#define FIND(result, name, arguments)                              \
    functions->name = (result(*) arguments)dlsym(library, #name);  \
    if (!functions->name) return #name;

const char *ccuda_find_driver(void *library, CUDADriver *functions) {
    CCUDA_DRIVER_FUNCTIONS(FIND)
    return NULL;
}

const char *ccuda_find_compiler(void *library, CUDACompiler *functions) {
    CCUDA_COMPILER_FUNCTIONS(FIND)
    return NULL;
}

const char *ccuda_find_blas(void *library, CUDABLAS *functions) {
    CCUDA_BLAS_FUNCTIONS(FIND)
    return NULL;
}

const char *ccuda_find_dnn(void *library, CUDADNN *functions) {
    CCUDA_DNN_FUNCTIONS(FIND)
    return NULL;
}
