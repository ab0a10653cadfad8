/* SPDX-License-Identifier: MIT */
#include "mm/request.h"

#include <errno.h>

#include "mm/internal.h"

/* What a source can do: its own answer, or the default of its kind; -EINVAL for a kind without one. */
static int capabilities(struct mm_source *s)
{
	unsigned caps;

	if (s->ops->capabilities)
		caps = s->ops->capabilities(s);
	else if (s->kind == MM_REGULAR || s->kind == MM_BLOCK)
		caps = MM_CAN_COPY;
	else if (s->kind == MM_CHAR)
		caps = MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE;
	else
		return -EINVAL;
	if (!s->ops->direct)
		caps &= ~(unsigned)MM_CAN_DIRECT;
	if (!s->ops->read)
		caps &= ~(unsigned)MM_CAN_COPY;
	return (int)caps;
}

/* Which of the protections asked for a direct mapping cannot have. */
static bool direct_denied(uint32_t prot, unsigned caps)
{
	return ((prot & LX_PROT_READ) && !(caps & MM_CAN_READ)) ||
	       ((prot & LX_PROT_WRITE) && !(caps & MM_CAN_WRITE)) ||
	       ((prot & LX_PROT_EXEC) && !(caps & MM_CAN_EXEC));
}

static int check_shared(struct mm *mm, const struct mm_map *m, unsigned *caps)
{
	if ((m->prot & LX_PROT_WRITE) && !m->writable)
		return -EACCES;
	if (m->append && m->writable)
		return -EACCES;
	if (!(*caps & MM_CAN_DIRECT))
		return -ENODEV;
	if (direct_denied(m->prot, *caps)) {
		mm_log(mm, "nommu: MAP_SHARED not completely supported on !MMU");
		return -EINVAL;
	}
	/* What is shared must not become private behind the caller's back. */
	*caps &= ~(unsigned)MM_CAN_COPY;
	return 0;
}

static int check_private(const struct mm_map *m, unsigned *caps)
{
	/* Even where it can be mapped directly: it may turn out not to lie in one piece. */
	if (!(*caps & MM_CAN_COPY))
		return -ENODEV;
	if ((m->prot & LX_PROT_WRITE) || direct_denied(m->prot, *caps))
		*caps &= ~(unsigned)MM_CAN_DIRECT;
	return 0;
}

static int check_source(struct mm *mm, const struct mm_map *m, struct request *out)
{
	int err, found;
	unsigned caps;

	if (!m->source)
		return -ENODEV;
	found = capabilities(m->source);
	if (found < 0)
		return found;
	caps = (unsigned)found;
	if (!m->readable)
		return -EACCES;
	out->shared = (m->flags & LX_MAP_TYPE) == LX_MAP_SHARED;
	err = out->shared ? check_shared(mm, m, &caps) : check_private(m, &caps);
	if (err)
		return err;
	if (m->noexec && (m->prot & LX_PROT_EXEC))
		return -EPERM;
	out->source = m->source;
	out->copy = caps & MM_CAN_COPY;
	out->direct = caps & MM_CAN_DIRECT;
	out->io = caps & MM_CAN_IO;
	/* Not writable, nor by a debugger: it can show what others see of the file. */
	out->overlay = !out->shared && !(m->prot & LX_PROT_WRITE) && !m->traced;
	out->pgoff = m->pgoff;
	out->pgend = m->pgoff + out->len / FLAT_PAGE_SIZE;
	return 0;
}

/*
 * "Supplying MAP_FIXED or a requesting a particular mapping address will result in an error": the text.
 * The kernel looks at MAP_FIXED only and maps wherever there is room, so that a caller who needed the
 * address finds out later, or never.
 */
static bool wants_place(const struct mm *mm, const struct mm_map *m)
{
	if (m->flags & LX_MAP_FIXED)
		return true;
	return !mm->config.compat_linux && (m->addr || (m->flags & LX_MAP_FIXED_NOREPLACE));
}

int request_check(struct mm *mm, const struct mm_map *m, struct request *out)
{
	uint32_t type = m->flags & LX_MAP_TYPE;
	uint64_t len = page_up(m->len);

	*out = (struct request){ .len = len, .prot = m->prot };
	if (wants_place(mm, m))
		return -EINVAL;
	if (type != LX_MAP_PRIVATE && type != LX_MAP_SHARED)
		return -EINVAL;
	if (len == 0)
		return -EINVAL;
	if (len > UINT32_MAX)
		return -ENOMEM;
	/* The kernel counts pages of a file in 32 bits here. */
	if (m->pgoff + len / FLAT_PAGE_SIZE > UINT32_MAX)
		return -EOVERFLOW;
	if (!(m->flags & LX_MAP_ANONYMOUS))
		return check_source(mm, m, out);
	/* Shared or private is the same: there is no fork() to share it across. */
	out->copy = true;
	out->clear = !(m->flags & LX_MAP_UNINITIALIZED) || mm->config.ignore_uninitialized;
	return 0;
}
