#define ELEMENT float
#include "kernels.h"
