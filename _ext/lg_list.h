/* lg_list.h: intrusive doubly linked list; nodes live inside their owners. */
#ifndef LG_LIST_H
#define LG_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct lg_node {
    struct lg_node *previous; /* NULL: in no list */
    struct lg_node *next;
};

struct lg_list {
    struct lg_node head;
};

static inline void
lg_list_init(struct lg_list *list)
{
    list->head.previous = &list->head;
    list->head.next = &list->head;
}

static inline bool
lg_list_empty(const struct lg_list *list)
{
    return list->head.next == &list->head;
}

static inline struct lg_node *
lg_list_first(const struct lg_list *list)
{
    return lg_list_empty(list) ? NULL : list->head.next;
}

static inline void
lg_list_insert(struct lg_node *after, struct lg_node *node)
{
    node->previous = after;
    node->next = after->next;
    after->next->previous = node;
    after->next = node;
}

static inline void
lg_list_push_front(struct lg_list *list, struct lg_node *node)
{
    lg_list_insert(&list->head, node);
}

static inline void
lg_list_push_back(struct lg_list *list, struct lg_node *node)
{
    lg_list_insert(list->head.previous, node);
}

/* Takes the node out of the list it is in, if any. */
static inline void
lg_list_remove(struct lg_node *node)
{
    if (node->previous == NULL) {
        return;
    }
    node->previous->next = node->next;
    node->next->previous = node->previous;
    node->previous = NULL;
    node->next = NULL;
}

#endif /* LG_LIST_H */
