/* list.h - doubly linked lists of records by index; 0 is none.
 *
 * The links lie inside the records; `struct links` says where. A record is in at most one list by
 * one link. Constant time throughout. */
#ifndef TERN_BASE_LIST_H
#define TERN_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link {
    uint32_t next, prev;
};

struct list {
    uint32_t head, tail;
};

/* Where record i's link is: at + i * stride_bytes. Made anew for each use, never kept. */
struct links {
    uint8_t *at;
    size_t stride_bytes;
};

static inline struct link *link_at(struct links links, uint32_t index)
{
    return (struct link *)(void *)(links.at + (size_t)index * links.stride_bytes);
}

static inline void list_push(struct list *list, struct links links, uint32_t index)
{
    *link_at(links, index) = (struct link){0, list->tail};
    if (list->tail != 0)
        link_at(links, list->tail)->next = index;
    else
        list->head = index;
    list->tail = index;
}

static inline void list_remove(struct list *list, struct links links, uint32_t index)
{
    struct link *l = link_at(links, index);

    if (l->prev != 0)
        link_at(links, l->prev)->next = l->next;
    else
        list->head = l->next;
    if (l->next != 0)
        link_at(links, l->next)->prev = l->prev;
    else
        list->tail = l->prev;
    *l = (struct link){0, 0};
}

#endif
