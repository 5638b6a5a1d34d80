/* sources: */
/* test_lg_list.c: the intrusive list keeps its order and forgets what is removed. */
#include "check.h"
#include "lg_list.h"

static size_t
length(const struct lg_list *list)
{
    size_t n = 0;
    for (const struct lg_node *node = list->head.next; node != &list->head;
         node = node->next) {
        n++;
    }
    return n;
}

int
main(void)
{
    struct lg_list list;
    struct lg_list other;
    struct lg_node a = {0};
    struct lg_node b = {0};
    struct lg_node c = {0};
    lg_list_init(&list);
    lg_list_init(&other);
    CHECK(lg_list_empty(&list));
    CHECK(lg_list_first(&list) == NULL);

    lg_list_push_back(&list, &b);
    lg_list_push_back(&list, &c);
    lg_list_push_front(&list, &a);
    CHECK(lg_list_first(&list) == &a);
    CHECK(a.next == &b);
    CHECK(b.next == &c);
    CHECK_EQ_U64(length(&list), 3);

    lg_list_remove(&b);
    CHECK(a.next == &c);
    CHECK(c.previous == &a);
    CHECK(b.previous == NULL);
    CHECK_EQ_U64(length(&list), 2);

    lg_list_remove(&b); /* in no list: nothing happens */
    CHECK_EQ_U64(length(&list), 2);

    lg_list_push_back(&other, &b);
    lg_list_remove(&a);
    lg_list_remove(&c);
    CHECK(lg_list_empty(&list));
    CHECK(lg_list_first(&other) == &b);
    return check_result();
}
