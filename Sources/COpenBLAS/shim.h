#include <cblas.h>

// LAPACK's subroutines that are used here. They are part of OpenBLAS, but cblas.h does not declare them.
#ifdef __cplusplus
extern "C" {
#endif
void dgeqrf_(const blasint *m, const blasint *n, double *a, const blasint *lda, double *tau, double *work,
             const blasint *lwork, blasint *info);
void dorgqr_(const blasint *m, const blasint *n, const blasint *k, double *a, const blasint *lda, const double *tau,
             double *work, const blasint *lwork, blasint *info);
#ifdef __cplusplus
}
#endif
