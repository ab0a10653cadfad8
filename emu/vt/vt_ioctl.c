/* SPDX-License-Identifier: MIT
 *
 * vt_k_ioctl() and vt_ioctl() of drivers/tty/vt/vt_ioctl.c, tioclinux() of vt.c, as far as programs on a screen ask for it. The key map
 * can be read, and fonts are not to be had.
 */
#include <errno.h>
#include "emu/sys/user.h"
#include "emu/vt/vt.h"

enum {
	GIO_CMAP = 0x4b70, PIO_CMAP = 0x4b71, KIOCSOUND = 0x4b2f, KDMKTONE = 0x4b30, KDGETLED = 0x4b31, KDSETLED = 0x4b32,
	KDGKBTYPE = 0x4b33, KDSETMODE = 0x4b3a, KDGETMODE = 0x4b3b, KDMAPDISP = 0x4b3c, KDUNMAPDISP = 0x4b3d, KDGKBMODE = 0x4b44,
	KDSKBMODE = 0x4b45, KDGKBENT = 0x4b46, KDSKBENT = 0x4b47, KDKBDREP = 0x4b52, KDGKBMETA = 0x4b62, KDSKBMETA = 0x4b63,
	KDGKBLED = 0x4b64, KDSKBLED = 0x4b65,
	VT_OPENQRY = 0x5600, VT_GETMODE, VT_SETMODE, VT_GETSTATE, VT_SENDSIG, VT_RELDISP, VT_ACTIVATE, VT_WAITACTIVE,
	VT_DISALLOCATE, VT_RESIZE, VT_RESIZEX, VT_LOCKSWITCH, VT_UNLOCKSWITCH,
	TIOCLINUX = 0x541c,
};
enum { CAP_SYS_ADMIN_ = 21, CAP_SYS_TTY_CONFIG_ = 26 };

static int64_t put_byte(struct task *t, uint32_t arg, uint8_t value)
{
	return user_write(t, arg, &value, 1);
}

/* --- The keyboard --- */

static int64_t key_entry(struct task *t, uint32_t arg)
{
	struct { uint8_t table, index; uint16_t value; } e;
	int value;

	if (user_read(t, &e, arg, sizeof e))
		return -EFAULT;
	value = vt_key_entry(e.table, e.index);
	/* vt_kdgkbent(): of a map that is not there K_NOSUCHMAP is its first key, K_HOLE all others. */
	e.value = value >= 0 ? (uint16_t)value : e.index ? 0x200 : 0x27f;
	return user_write(t, arg, &e, sizeof e);
}

/* The rate cannot be changed; it says what it is. */
static int64_t repeat_rate(struct task *t, uint32_t arg)
{
	struct { int32_t delay, period; } rate;

	if (user_read(t, &rate, arg, sizeof rate))
		return -EFAULT;
	rate.delay = 250;
	rate.period = 33;
	return user_write(t, arg, &rate, sizeof rate);
}

static int64_t keyboard_ioctl(struct vt *v, struct task *t, uint32_t cmd, uint32_t arg, bool perm)
{
	switch (cmd) {
	case KDGKBTYPE: return put_byte(t, arg, 2 /* KB_101 */);
	case KDGKBMODE: return user_put32(t, arg, v->kb_mode);
	case KDSKBMODE:
		if (!perm)
			return -EPERM;
		if (arg > K_OFF)
			return -EINVAL;
		v->kb_mode = (uint8_t)arg;
		return 0;
	case KDGKBMETA: return user_put32(t, arg, v->meta);
	case KDSKBMETA:
		if (arg != 3 && arg != 4)
			return -EINVAL;
		v->meta = (uint8_t)arg;
		return 0;
	case KDGKBENT: return key_entry(t, arg);
	case KDSKBENT: return perm ? -EINVAL : -EPERM;
	case KDKBDREP: return perm ? repeat_rate(t, arg) : -EPERM;
	case KDGETLED: return put_byte(t, arg, v->leds_set ? v->leds : v->all->locks);
	case KDSETLED:
		if (!perm)
			return -EPERM;
		v->leds_set = !(arg & ~7u);
		v->leds = arg & 7;
		return 0;
	case KDGKBLED: return put_byte(t, arg, v->all->locks);
	case KDSKBLED:
		if (!perm)
			return -EPERM;
		if (arg & ~0x77u)
			return -EINVAL;
		v->all->locks = arg & 7;
		return 0;
	}
	return TTY_NOT_MINE;
}

/* --- The screen --- */

static int64_t put_colours(struct vt *v, struct task *t, uint32_t arg, bool perm)
{
	uint8_t rgb[48];

	if (!perm)
		return -EPERM;
	if (user_read(t, rgb, arg, sizeof rgb))
		return -EFAULT;
	for (unsigned i = 0; i < 16; i++)
		v->screen.colour[i] = (uint32_t)rgb[3 * i] << 16 | (uint32_t)rgb[3 * i + 1] << 8 | rgb[3 * i + 2];
	vt_screen_touch(&v->screen);
	return 0;
}

static int64_t get_colours(const struct vt *v, struct task *t, uint32_t arg)
{
	uint8_t rgb[48];

	for (unsigned i = 0; i < 48; i++)
		rgb[i] = (uint8_t)(v->screen.colour[i / 3] >> (16 - i % 3 * 8));
	return user_write(t, arg, rgb, sizeof rgb);
}

static int64_t display_ioctl(struct vt *v, struct task *t, uint32_t cmd, uint32_t arg, bool perm)
{
	switch (cmd) {
	case KDGETMODE: return user_put32(t, arg, v->kd_mode);
	case KDSETMODE:
		if (!perm)
			return -EPERM;
		if (arg > 3)
			return -EINVAL;
		vt_set_kd_mode(v, arg == KD_GRAPHICS ? KD_GRAPHICS : KD_TEXT);
		return 0;
	case KIOCSOUND: case KDMKTONE: return perm ? 0 : -EPERM;	/* there is no bell */
	case KDMAPDISP: case KDUNMAPDISP: return -EINVAL;
	case GIO_CMAP: return get_colours(v, t, arg);
	case PIO_CMAP: return put_colours(v, t, arg, perm);
	}
	return TTY_NOT_MINE;
}

/* --- Terminals --- */

static int64_t set_mode(struct vt *v, struct task *t, uint32_t arg)
{
	struct vt_mode mode;

	if (user_read(t, &mode, arg, sizeof mode))
		return -EFAULT;
	if (mode.mode != VT_AUTO && mode.mode != VT_PROCESS)
		return -EINVAL;
	v->mode = mode;
	v->mode.unused = 0;
	v->owner = t->process->pid;
	return 0;
}

static int64_t get_state(struct vts *s, struct task *t, uint32_t arg)
{
	struct { uint16_t active, signal, state; } state = { .active = (uint16_t)s->active, .state = 1 };

	for (unsigned i = 0; i < VT_COUNT; i++)
		if (vt_in_use(&s->vt[i]))
			state.state |= (uint16_t)(2u << i);
	return user_write(t, arg, &state, sizeof state);
}

/* The first one that nobody has open. */
static int64_t first_free(struct vts *s, struct task *t, uint32_t arg)
{
	uint32_t n = 0;

	while (n < VT_COUNT && vt_in_use(&s->vt[n]))
		n++;
	return user_put32(t, arg, n < VT_COUNT ? n + 1 : UINT32_MAX);
}

static int64_t wait_active(struct vts *s, struct task *t, uint32_t number)
{
	if (!number || number > VT_COUNT)
		return -ENXIO;
	if (s->active == number)
		return 0;
	wait_on(&s->switched, t);
	return task_block(t);
}

static int64_t resize_all(struct vts *s, struct task *t, uint32_t arg)
{
	uint16_t size[3];
	int err = 0;

	if (user_read(t, size, arg, sizeof size))
		return -EFAULT;
	for (unsigned i = 0; i < VT_COUNT && !err; i++)
		if (s->vt[i].made)
			err = vt_resize(&s->vt[i], size[0], size[1]);
	return err;
}

static int64_t terminals_ioctl(struct vt *v, struct task *t, uint32_t cmd, uint32_t arg, bool perm)
{
	struct vts *s = v->all;

	switch (cmd) {
	case VT_OPENQRY: return first_free(s, t, arg);
	case VT_GETMODE: return user_write(t, arg, &v->mode, sizeof v->mode);
	case VT_SETMODE: return perm ? set_mode(v, t, arg) : -EPERM;
	case VT_GETSTATE: return get_state(s, t, arg);
	case VT_RELDISP: return perm ? vt_released(v, arg) : -EPERM;
	case VT_ACTIVATE: return perm ? vt_switch(s, arg) : -EPERM;
	case VT_WAITACTIVE: return perm ? wait_active(s, t, arg) : -EPERM;
	case VT_DISALLOCATE:
		if (arg > VT_COUNT)
			return -ENXIO;
		return arg && (arg == s->active || vt_in_use(&s->vt[arg - 1])) ? -EBUSY : 0;
	case VT_RESIZE: return perm ? resize_all(s, t, arg) : -EPERM;
	case VT_LOCKSWITCH: case VT_UNLOCKSWITCH:
		if (!task_capable(t, CAP_SYS_TTY_CONFIG_))
			return -EPERM;
		s->locked = cmd == VT_LOCKSWITCH;
		return 0;
	}
	return TTY_NOT_MINE;
}

/* tioclinux(): 6 tells the modifiers, 12 who is in front. */
static int64_t tioclinux(struct vt *v, struct task *t, uint32_t arg)
{
	uint8_t what;

	if (t->process->tty != &v->tty && !task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (user_read(t, &what, arg, 1))
		return -EFAULT;
	switch (what) {
	case 6: return put_byte(t, arg, v->all->shifts);
	case 12: return v->all->active - 1;
	}
	return -EINVAL;
}

int64_t vt_ioctl(struct tty *tty, struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct vt *v = vt_of(tty);
	bool perm = t->process->tty == tty || task_capable(t, CAP_SYS_TTY_CONFIG_);
	int64_t r;

	(void)f;
	if (cmd == TIOCLINUX)
		return tioclinux(v, t, arg);
	r = keyboard_ioctl(v, t, cmd, arg, perm);
	if (r == TTY_NOT_MINE)
		r = display_ioctl(v, t, cmd, arg, perm);
	return r == TTY_NOT_MINE ? terminals_ioctl(v, t, cmd, arg, perm) : r;
}
