#include "loader/internal.h"
#include <errno.h>
#include <string.h>
bool bflt_is(const struct loader_head *head) { return memcmp(head->bytes, "bFLT", 4) == 0; }
int bflt_load(struct loader *l, const struct loader_file *file, const struct loader_head *head, struct loader_image *out)
{ (void)l;(void)file;(void)head;(void)out; return -ENOEXEC; }
