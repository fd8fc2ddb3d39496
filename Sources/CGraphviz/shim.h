// Graphviz hands out what it has laid out through macros that cast, describes kinds of graphs by global variables, and
// takes names as `char *`; Swift imports functions.
#ifndef CGRAPHVIZ_SHIM_H
#define CGRAPHVIZ_SHIM_H

#include <gvc.h>

static inline Agraph_t *CGraphviz_open_directed(void) { return agopen((char *)"", Agdirected, NULL); }

// Sets an attribute of a graph, a node or an edge.
static inline int CGraphviz_set(void *object, const char *name, const char *value) {
    return agsafeset(object, (char *)name, (char *)value, (char *)"");
}

// Sets what nodes (AGNODE) or edges (AGEDGE) have that are not told otherwise.
static inline int CGraphviz_set_default(Agraph_t *graph, int kind, const char *name, const char *value) {
    return agattr(graph, kind, (char *)name, (char *)value) ? 0 : -1;
}

static inline boxf CGraphviz_bounds(Agraph_t *graph) { return GD_bb(graph); }
static inline pointf CGraphviz_center(Agnode_t *node) { return ND_coord(node); }
static inline splines *CGraphviz_splines(Agedge_t *edge) { return ED_spl(edge); }

#endif
