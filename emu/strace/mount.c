/* SPDX-License-Identifier: MIT
 *
 * The newer mount calls.
 */
#include "emu/strace/internal.h"

LIST(fsopenflags) { { 1, "FSOPEN_CLOEXEC" } };
DEFINE(fsopenflags, 0, "FSOPEN_???")
LIST(fsconfigcmd) {
	{ 0, "FSCONFIG_SET_FLAG" }, { 1, "FSCONFIG_SET_STRING" }, { 2, "FSCONFIG_SET_BINARY" }, { 3, "FSCONFIG_SET_PATH" },
	{ 4, "FSCONFIG_SET_PATH_EMPTY" }, { 5, "FSCONFIG_SET_FD" }, { 6, "FSCONFIG_CMD_CREATE" },
	{ 7, "FSCONFIG_CMD_RECONFIGURE" }, { 8, "FSCONFIG_CMD_CREATE_EXCL" },
};
DEFINE(fsconfigcmd, ENUM, "FSCONFIG_???")
LIST(fsmountflags) { { 1, "FSMOUNT_CLOEXEC" } };
DEFINE(fsmountflags, 0, "FSMOUNT_???")
LIST(mountattr) {
	{ 1, "MOUNT_ATTR_RDONLY" }, { 2, "MOUNT_ATTR_NOSUID" }, { 4, "MOUNT_ATTR_NODEV" }, { 8, "MOUNT_ATTR_NOEXEC" },
	{ 0x10, "MOUNT_ATTR_NOATIME" }, { 0x20, "MOUNT_ATTR_STRICTATIME" }, { 0x80, "MOUNT_ATTR_NODIRATIME" },
	{ 0x100000, "MOUNT_ATTR_IDMAP" }, { 0x200000, "MOUNT_ATTR_NOSYMFOLLOW" },
};
DEFINE(mountattr, 0, "MOUNT_ATTR_???")
LIST(fspickflags) {
	{ 1, "FSPICK_CLOEXEC" }, { 2, "FSPICK_SYMLINK_NOFOLLOW" }, { 4, "FSPICK_NO_AUTOMOUNT" }, { 8, "FSPICK_EMPTY_PATH" },
};
DEFINE(fspickflags, 0, "FSPICK_???")
LIST(opentree) {
	{ 1, "OPEN_TREE_CLONE" }, { 02000000, "OPEN_TREE_CLOEXEC" }, { 0x100, "AT_SYMLINK_NOFOLLOW" },
	{ 0x800, "AT_NO_AUTOMOUNT" }, { 0x1000, "AT_EMPTY_PATH" }, { 0x8000, "AT_RECURSIVE" },
};
DEFINE(opentree, 0, "OPEN_TREE_???")
LIST(movemount) {
	{ 1, "MOVE_MOUNT_F_SYMLINKS" }, { 2, "MOVE_MOUNT_F_AUTOMOUNTS" }, { 4, "MOVE_MOUNT_F_EMPTY_PATH" },
	{ 0x10, "MOVE_MOUNT_T_SYMLINKS" }, { 0x20, "MOVE_MOUNT_T_AUTOMOUNTS" }, { 0x40, "MOVE_MOUNT_T_EMPTY_PATH" },
	{ 0x100, "MOVE_MOUNT_SET_GROUP" }, { 0x200, "MOVE_MOUNT_BENEATH" },
};
DEFINE(movemount, 0, "MOVE_MOUNT_???")
LIST(setattrflags) {
	{ 0x100, "AT_SYMLINK_NOFOLLOW" }, { 0x800, "AT_NO_AUTOMOUNT" }, { 0x1000, "AT_EMPTY_PATH" }, { 0x8000, "AT_RECURSIVE" },
};
DEFINE(setattrflags, 0, "AT_???")
