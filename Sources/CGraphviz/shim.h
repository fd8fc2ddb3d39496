// Graphviz's layout is only accessible through casting macros, its kinds of graphs are global variables, and names are
// `char *`. Swift needs functions.
#ifndef CGRAPHVIZ_SHIM_H
#define CGRAPHVIZ_SHIM_H

#include <gvc.h>
#include <stdio.h>

static inline Agraph_t *CGraphviz_open_directed(void) { return agopen((char *)"", Agdirected, NULL); }

// A subgraph that the layout keeps together, which it does if the name begins with "cluster". Names are unique.
static inline Agraph_t *CGraphviz_open_cluster(Agraph_t *graph) {
    char name[40];
    snprintf(name, sizeof name, "cluster%d-%d", (int)AGSEQ(graph), agnsubg(graph));
    return agsubg(graph, name, 1);
}

// Sets an attribute of a graph, a node or an edge.
static inline int CGraphviz_set(void *object, const char *name, const char *value) {
    return agsafeset(object, (char *)name, (char *)value, (char *)"");
}

// Sets the default of an attribute for the graph (AGRAPH), its nodes (AGNODE) or its edges (AGEDGE).
static inline int CGraphviz_set_default(Agraph_t *graph, int kind, const char *name, const char *value) {
    return agattr(graph, kind, (char *)name, (char *)value) ? 0 : -1;
}

static inline boxf CGraphviz_bounds(Agraph_t *graph) { return GD_bb(graph); }
static inline pointf CGraphviz_center(Agnode_t *node) { return ND_coord(node); }
static inline splines *CGraphviz_splines(Agedge_t *edge) { return ED_spl(edge); }

#endif
