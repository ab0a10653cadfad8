/* SPDX-License-Identifier: MIT
 *
 * Names: walking, making, linking, renaming, removing, permissions; errnos as Linux gives them.
 */
#include "tests/unit/fs_kit.h"

static int mkdir_(const char *path) { return vfs_mkdir(&w, path, 0755); }
static int mknod_(const char *path) { return vfs_mknod(&w, path, S_IFREG | 0644, 0); }
static int rename_(const char *a, const char *b, unsigned flags) { return vfs_rename(&w, a, &w, b, flags); }

START_TEST(walks)
{
	char last[256], longname[300], buf[64];
	struct path_ref p;
	struct walk x = w;

	ck_assert_int_eq(walk_to(""), -ENOENT);
	ck_assert_int_eq(walk_to("/"), 0);
	ck_assert_int_eq(walk_to("///"), 0);
	ck_assert_int_eq(walk_to("."), 0);
	ck_assert_int_eq(walk_to("/.."), 0);
	ck_assert_int_eq(walk_to("/../../x"), -ENOENT);
	ck_assert_int_eq(mkdir_("/a"), 0);
	ck_assert_int_eq(mkdir_("/a/b"), 0);
	put_text("/a/f", "x");
	ck_assert_int_eq(walk_to("/a/b/../f"), 0);
	ck_assert_int_eq(walk_to("/a/f/"), -ENOTDIR);
	ck_assert_int_eq(walk_to("/a/f/x"), -ENOTDIR);
	ck_assert_int_eq(walk_to("/a/f/.."), -ENOTDIR);
	ck_assert_int_eq(walk_to("/a/b/"), 0);
	ck_assert_int_eq(walk_to("a/./b/."), 0);
	memset(longname, 'n', sizeof longname);
	longname[0] = '/';
	longname[257] = 0;
	ck_assert_int_eq(walk_to(longname), -ENAMETOOLONG);
	longname[256] = 0;
	ck_assert_int_eq(walk_to(longname), -ENOENT);
	x.flags = WALK_PARENT;
	ck_assert_int_eq(vfs_walk(&x, "/a/nothing", &p, last), 0);
	ck_assert_str_eq(last, "nothing");
	ck_assert_int_gt(vfs_path_name(&p, &fs.root, buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/a");
	path_put(&p);
	ck_assert_int_eq(vfs_walk(&x, "/a/..", &p, last), 0);
	ck_assert_str_eq(last, "..");
	path_put(&p);
	ck_assert_int_eq(vfs_walk(&x, "/", &p, last), 0);
	ck_assert_str_eq(last, "/");
	path_put(&p);
	x.flags = WALK_DIR;
	ck_assert_int_eq(vfs_walk(&x, "/a/f", &p, NULL), -ENOTDIR);
}
END_TEST

START_TEST(path_limit)
{
	char path[5000];

	memset(path, '/', sizeof path);
	path[4095] = 0;
	ck_assert_int_eq(walk_to(path), 0);
	path[4095] = '/';
	path[4096] = 0;
	ck_assert_int_eq(walk_to(path), -ENAMETOOLONG);
}
END_TEST

START_TEST(symbolic_links)
{
	char name[16], target[16], buf[16];
	struct walk x = w;
	struct path_ref p;

	ck_assert_int_eq(mkdir_("/d"), 0);
	put_text("/d/f", "hello");
	ck_assert_int_eq(vfs_symlink(&w, "d", "/l"), 0);
	ck_assert_int_eq(vfs_symlink(&w, "/d/f", "/abs"), 0);
	ck_assert_int_eq(vfs_symlink(&w, "../l/f", "/d/up"), 0);
	ck_assert_int_eq(vfs_symlink(&w, "", "/e"), -ENOENT);
	ck_assert_int_eq(vfs_symlink(&w, "x", "/l"), -EEXIST);
	ck_assert_str_eq(text_of("/l/up"), "hello");
	ck_assert_str_eq(text_of("/abs"), "hello");
	x.flags = 0;
	ck_assert_int_eq(vfs_walk(&x, "/l", &p, NULL), 0);
	ck_assert(S_ISLNK(p.dentry->inode->mode));
	ck_assert_uint_eq(p.dentry->inode->size, 1);
	ck_assert_int_eq(p.dentry->inode->ops->readlink(p.dentry->inode, buf, sizeof buf), 1);
	path_put(&p);
	ck_assert_int_eq(vfs_walk(&x, "/l/", &p, NULL), 0);
	ck_assert(S_ISDIR(p.dentry->inode->mode));
	path_put(&p);
	/* 40 links are the limit. */
	put_text("/s0", "end");
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof name, "/s%d", i);
		snprintf(target, sizeof target, "s%d", i - 1);
		ck_assert_int_eq(vfs_symlink(&w, target, name), 0);
	}
	ck_assert_int_eq(walk_to("/s40"), 0);
	ck_assert_int_eq(walk_to("/s41"), -ELOOP);
	ck_assert_int_eq(vfs_symlink(&w, "me", "/me"), 0);
	ck_assert_int_eq(walk_to("/me"), -ELOOP);
	ck_assert_int_eq(vfs_symlink(&w, "nowhere", "/dangling"), 0);
	ck_assert_int_eq(walk_to("/dangling"), -ENOENT);
	ck_assert_int_eq(try_open(&w, "/dangling", FO_CREAT | FO_EXCL | FO_WRONLY, 0644), -EEXIST);
	ck_assert_int_eq(try_open(&w, "/dangling", FO_CREAT | FO_WRONLY, 0644), 0);
	ck_assert_int_eq(walk_to("/nowhere"), 0);
	ck_assert_int_eq(try_open(&w, "/l", FO_NOFOLLOW, 0), -ELOOP);
	ck_assert_int_eq(try_open(&w, "/l", FO_NOFOLLOW | FO_PATH, 0), 0);
	x.flags = WALK_FOLLOW | WALK_NO_SYMLINKS;
	ck_assert_int_eq(vfs_walk(&x, "/l/f", &p, NULL), -ELOOP);
	x.flags = WALK_FOLLOW | WALK_BENEATH;
	ck_assert_int_eq(vfs_walk(&x, "abs", &p, NULL), -EXDEV);
	ck_assert_int_eq(vfs_walk(&x, "..", &p, NULL), -EXDEV);
	ck_assert_int_eq(vfs_walk(&x, "l/../d/f", &p, NULL), 0);
	path_put(&p);
}
END_TEST

START_TEST(creating)
{
	struct walk u = as(&user_cred);

	ck_assert_int_eq(mkdir_("/d"), 0);
	ck_assert_int_eq(mkdir_("/d"), -EEXIST);
	ck_assert_int_eq(mkdir_("/d/"), -EEXIST);
	ck_assert_int_eq(mkdir_("/e/"), 0);
	ck_assert_int_eq(mkdir_("/"), -EEXIST);
	ck_assert_int_eq(mkdir_("/d/."), -EEXIST);
	ck_assert_int_eq(mkdir_("/no/x"), -ENOENT);
	ck_assert_int_eq(mknod_("/n"), 0);
	ck_assert_int_eq(mknod_("/n"), -EEXIST);
	ck_assert_int_eq(mknod_("/m/"), -ENOENT);
	ck_assert_int_eq(mkdir_("/n/x"), -ENOTDIR);
	ck_assert_uint_eq(at("/d")->nlink, 2);
	ck_assert_int_eq(mkdir_("/d/1"), 0);
	ck_assert_int_eq(mkdir_("/d/2"), 0);
	ck_assert_uint_eq(at("/d")->nlink, 4);
	ck_assert_int_eq(vfs_rmdir(&w, "/d/1"), 0);
	ck_assert_uint_eq(at("/d")->nlink, 3);
	ck_assert_int_eq(vfs_mkdir(&u, "/d/u", 0755), -EACCES);
	ck_assert_int_eq(try_open(&u, "/d/u", FO_CREAT | FO_WRONLY, 0644), -EACCES);
	/* Set-group-ID directories hand their group down. */
	at("/d")->gid = 77;
	at("/d")->mode |= S_ISGID;
	ck_assert_int_eq(mkdir_("/d/g"), 0);
	ck_assert_uint_eq(at("/d/g")->gid, 77);
	ck_assert(at("/d/g")->mode & S_ISGID);
	ck_assert_int_eq(mknod_("/d/f"), 0);
	ck_assert_uint_eq(at("/d/f")->gid, 77);
	ck_assert(!(at("/d/f")->mode & S_ISGID));
}
END_TEST

START_TEST(opening)
{
	struct walk u = as(&user_cred);

	put_text("/f", "x");
	ck_assert_int_eq(mkdir_("/d"), 0);
	ck_assert_int_eq(try_open(&w, "/f", FO_CREAT | FO_EXCL | FO_RDWR, 0644), -EEXIST);
	ck_assert_int_eq(try_open(&w, "/d", FO_WRONLY, 0), -EISDIR);
	ck_assert_int_eq(try_open(&w, "/d", FO_CREAT | FO_RDONLY, 0644), -EISDIR);
	ck_assert_int_eq(try_open(&w, "/d/.", FO_CREAT | FO_RDONLY, 0644), -EISDIR);
	ck_assert_int_eq(try_open(&w, "/new/", FO_CREAT | FO_WRONLY, 0644), -EISDIR);
	ck_assert_int_eq(try_open(&w, "/f", FO_DIRECTORY, 0), -ENOTDIR);
	ck_assert_int_eq(try_open(&w, "/f/", FO_RDONLY, 0), -ENOTDIR);
	ck_assert_int_eq(try_open(&w, "/none", FO_RDONLY, 0), -ENOENT);
	at("/f")->mode = S_IFREG | 0600;
	ck_assert_int_eq(try_open(&u, "/f", FO_RDONLY, 0), -EACCES);
	ck_assert_int_eq(try_open(&u, "/f", FO_RDONLY | FO_PATH, 0), 0);
	at("/f")->mode = S_IFREG | 0444;
	ck_assert_int_eq(try_open(&u, "/f", FO_RDONLY, 0), 0);
	ck_assert_int_eq(try_open(&u, "/f", FO_RDONLY | FO_TRUNC, 0), -EACCES);
	ck_assert_int_eq(try_open(&u, "/f", FO_RDONLY | FO_NOATIME, 0), -EPERM);
	ck_assert_int_eq(try_open(&w, "/f", FO_RDWR, 0), 0);
	at("/f")->denied++;
	ck_assert_int_eq(try_open(&w, "/f", FO_RDWR, 0), -ETXTBSY);
	ck_assert_int_eq(try_open(&w, "/f", FO_RDONLY, 0), 0);
	ck_assert_int_eq(vfs_truncate(at("/f"), NULL, 0), -ETXTBSY);
	at("/f")->denied--;
	ck_assert_uint_eq(at("/f")->writers, 0);
	/* Nodes without a driver, sockets. */
	ck_assert_int_eq(vfs_mknod(&w, "/c", S_IFCHR | 0666, vfs_makedev(99, 1)), 0);
	ck_assert_int_eq(vfs_mknod(&u, "/t2", S_IFCHR | 0666, vfs_makedev(1, 3)), -EACCES);
	ck_assert_int_eq(try_open(&w, "/c", FO_RDONLY, 0), -ENXIO);
	ck_assert_int_eq(vfs_mknod(&w, "/s", S_IFSOCK | 0666, 0), 0);
	ck_assert_int_eq(try_open(&w, "/s", FO_RDONLY, 0), -ENXIO);
	ck_assert_int_eq(vfs_mknod(&w, "/null", S_IFCHR | 0666, vfs_makedev(1, 3)), 0);
	ck_assert_int_eq(try_open(&w, "/null", FO_RDWR | FO_TRUNC, 0), 0);
	/* A mode that does not allow what the open itself asks for is fine for the creator. */
	ck_assert_int_eq(vfs_mkdir(&w, "/t", 01777), 0);
	at("/t")->mode |= 0777;
	ck_assert_int_eq(try_open(&u, "/t/ro", FO_CREAT | FO_RDWR, 0400), 0);
	ck_assert_int_eq(try_open(&u, "/t/ro", FO_CREAT | FO_RDWR, 0400), -EACCES);
	ck_assert_uint_eq(at("/t/ro")->uid, 1000);
	/* Device nodes take more than the right to write. */
	ck_assert_int_eq(vfs_mknod(&u, "/t/null", S_IFCHR | 0666, vfs_makedev(1, 3)), -EPERM);
	ck_assert_int_eq(vfs_mknod(&u, "/t/fifo", S_IFIFO | 0666, 0), 0);
}
END_TEST

START_TEST(unlinking)
{
	struct walk u = as(&user_cred);
	struct file *f;

	ck_assert_int_eq(mkdir_("/d"), 0);
	put_text("/d/f", "data");
	ck_assert_int_eq(vfs_unlink(&w, "/d"), -EISDIR);
	ck_assert_int_eq(vfs_unlink(&w, "/d/"), -EISDIR);
	ck_assert_int_eq(vfs_unlink(&w, "/d/."), -EISDIR);
	ck_assert_int_eq(vfs_unlink(&w, "/d/f/"), -ENOTDIR);
	ck_assert_int_eq(vfs_unlink(&w, "/d/x"), -ENOENT);
	ck_assert_int_eq(vfs_rmdir(&w, "/d"), -ENOTEMPTY);
	ck_assert_int_eq(vfs_rmdir(&w, "/d/f"), -ENOTDIR);
	ck_assert_int_eq(vfs_rmdir(&w, "/d/."), -EINVAL);
	ck_assert_int_eq(vfs_rmdir(&w, "/d/.."), -ENOTEMPTY);
	ck_assert_int_eq(vfs_rmdir(&w, "/"), -EBUSY);
	f = must_open("/d/f", FO_RDONLY);
	ck_assert_int_eq(vfs_unlink(&w, "/d/f"), 0);
	ck_assert_uint_eq(f->inode->nlink, 0);
	{
		char buf[32];
		ck_assert_int_eq(file_read(f, buf, sizeof buf, NULL), 4);
		ck_assert_int_gt(vfs_path_name(&f->path, &fs.root, buf, sizeof buf), 0);
		ck_assert_str_eq(buf, "/d/f (deleted)");
	}
	file_put(f);
	f = must_open("/d", FO_RDONLY | FO_DIRECTORY);
	ck_assert_int_eq(vfs_rmdir(&w, "/d/"), 0);
	{	/* nothing can be made in a directory that has gone */
		struct walk x = w;

		x.start = f->path;
		ck_assert_int_eq(vfs_mkdir(&x, "new", 0755), -ENOENT);
		ck_assert_int_eq(try_open(&x, "new", FO_CREAT | FO_WRONLY, 0644), -ENOENT);
		ck_assert_int_eq(file_readdir(f, NULL, NULL), -ENOENT);
	}
	file_put(f);
	/* The sticky bit. */
	ck_assert_int_eq(vfs_mkdir(&w, "/t", 01777), 0);
	put_text("/t/root", "");
	ck_assert_int_eq(vfs_unlink(&u, "/t/root"), -EPERM);
	at("/t/root")->uid = 1000;
	ck_assert_int_eq(vfs_unlink(&u, "/t/root"), 0);
	ck_assert_int_eq(vfs_unlink(&u, "/t/root"), -ENOENT);
}
END_TEST

START_TEST(hard_links)
{
	struct file *f;
	struct path_ref p;

	put_text("/f", "one");
	ck_assert_int_eq(mkdir_("/d"), 0);
	ck_assert_int_eq(vfs_link(&w, "/f", &w, "/d/g"), 0);
	ck_assert_uint_eq(at("/f")->nlink, 2);
	ck_assert_ptr_eq(at("/f"), at("/d/g"));
	ck_assert_int_eq(vfs_link(&w, "/f", &w, "/d/g"), -EEXIST);
	ck_assert_int_eq(vfs_link(&w, "/d", &w, "/h"), -EPERM);
	ck_assert_int_eq(vfs_link(&w, "/none", &w, "/h"), -ENOENT);
	ck_assert_int_eq(vfs_link(&w, "/f", &w, "/h/"), -ENOENT);
	ck_assert_int_eq(vfs_unlink(&w, "/f"), 0);
	ck_assert_str_eq(text_of("/d/g"), "one");
	ck_assert_uint_eq(at("/d/g")->nlink, 1);
	/* A file without a name gets one. */
	f = must_open("/d", FO_TMPFILE | FO_DIRECTORY | FO_RDWR);
	ck_assert_uint_eq(f->inode->nlink, 0);
	ck_assert_int_eq(file_write(f, "tmp", 3, NULL), 3);
	ck_assert_int_eq(file_path(f, &p), 0);
	ck_assert_int_eq(vfs_link_ref(&p, &w, "/named"), 0);
	ck_assert_int_eq(vfs_unlink(&w, "/named"), 0);
	ck_assert_int_eq(vfs_link_ref(&p, &w, "/again"), -ENOENT);
	path_put(&p);
	file_put(f);
	f = must_open("/d", FO_TMPFILE | FO_DIRECTORY | FO_RDWR | FO_EXCL);
	ck_assert_int_eq(file_path(f, &p), 0);
	ck_assert_int_eq(vfs_link_ref(&p, &w, "/named"), -ENOENT);
	path_put(&p);
	file_put(f);
	ck_assert_int_eq(try_open(&w, "/d/g", FO_TMPFILE | FO_DIRECTORY | FO_RDWR, 0600), -ENOTDIR);
}
END_TEST

START_TEST(renaming)
{
	struct walk u = as(&user_cred);

	ck_assert_int_eq(mkdir_("/a"), 0);
	ck_assert_int_eq(mkdir_("/b"), 0);
	put_text("/a/f", "f");
	put_text("/b/g", "g");
	ck_assert_int_eq(rename_("/a/f", "/a/h", 0), 0);
	ck_assert_int_eq(walk_to("/a/f"), -ENOENT);
	ck_assert_int_eq(rename_("/a/h", "/b/g", 1), -EEXIST);
	ck_assert_int_eq(rename_("/a/h", "/b/g", 0), 0);
	ck_assert_str_eq(text_of("/b/g"), "f");
	ck_assert_int_eq(rename_("/a/x", "/a/y", 0), -ENOENT);
	ck_assert_int_eq(rename_("/b/g", "/a", 0), -EISDIR);
	ck_assert_int_eq(rename_("/a", "/b/g", 0), -ENOTDIR);
	ck_assert_int_eq(rename_("/a", "/b", 0), -ENOTEMPTY);
	ck_assert_int_eq(rename_("/b", "/a", 0), 0);
	ck_assert_str_eq(text_of("/a/g"), "f");
	ck_assert_uint_eq(at("/a")->nlink, 2);
	ck_assert_int_eq(rename_("/a", "/a/sub", 0), -EINVAL);
	ck_assert_int_eq(mkdir_("/a/sub"), 0);
	ck_assert_int_eq(rename_("/a", "/a/sub/deep", 0), -EINVAL);
	ck_assert_int_eq(rename_("/a/sub", "/a", 0), -ENOTEMPTY);
	ck_assert_int_eq(rename_("/a/.", "/x", 0), -EBUSY);
	ck_assert_int_eq(rename_("/a", "/x/..", 0), -ENOENT);
	ck_assert_int_eq(rename_("/a", "/a/..", 0), -EBUSY);
	ck_assert_int_eq(rename_("/a", "/", 1), -EEXIST);
	ck_assert_int_eq(rename_("/a/g", "/a/k/", 0), -ENOTDIR);
	ck_assert_int_eq(rename_("/a/g/", "/a/k", 0), -ENOTDIR);
	ck_assert_int_eq(rename_("/a/sub", "/a/sub2/", 0), 0);
	ck_assert_uint_eq(at("/a")->nlink, 3);
	/* To another parent and back: the link counts of parents follow. */
	ck_assert_int_eq(mkdir_("/c"), 0);
	ck_assert_int_eq(rename_("/a/sub2", "/c/s", 0), 0);
	ck_assert_uint_eq(at("/a")->nlink, 2);
	ck_assert_uint_eq(at("/c")->nlink, 3);
	/* Exchange. */
	ck_assert_int_eq(rename_("/a/g", "/c/s", 2), 0);
	ck_assert(S_ISDIR(at("/a/g")->mode));
	ck_assert_str_eq(text_of("/c/s"), "f");
	ck_assert_uint_eq(at("/a")->nlink, 3);
	ck_assert_uint_eq(at("/c")->nlink, 2);
	ck_assert_int_eq(rename_("/c/s", "/c/none", 2), -ENOENT);
	ck_assert_int_eq(rename_("/a", "/a/g", 2), -EINVAL);
	/* Two names of one file. */
	ck_assert_int_eq(vfs_link(&w, "/c/s", &w, "/c/t"), 0);
	ck_assert_int_eq(rename_("/c/s", "/c/t", 0), 0);
	ck_assert_int_eq(walk_to("/c/s"), 0);
	/* Permissions. */
	ck_assert_int_eq(vfs_rename(&u, "/c/s", &u, "/c/z", 0), -EACCES);
	at("/c")->mode |= 01777;
	ck_assert_int_eq(vfs_rename(&u, "/c/s", &u, "/c/z", 0), -EPERM);
}
END_TEST

START_TEST(renamed_over_while_open)
{
	struct file *f;
	char c;

	put_text("/old", "old");
	put_text("/new", "new");
	f = must_open("/old", FO_RDONLY);
	ck_assert_int_eq(rename_("/new", "/old", 0), 0);
	ck_assert_uint_eq(f->inode->nlink, 0);
	ck_assert_int_eq(file_read(f, &c, 1, NULL), 1);
	ck_assert_int_eq(c, 'o');
	file_put(f);
	ck_assert_str_eq(text_of("/old"), "new");
}
END_TEST

START_TEST(attributes)
{
	uint32_t groups[] = { 50 };
	struct vfs_cred member = { .uid = 1000, .gid = 1000, .ngroups = 1, .groups = groups };
	struct vfs_time t1 = { 1, 2 }, t2 = { 3, 4 };
	struct path_ref p;
	struct inode *i;

	put_text("/f", "x");
	ck_assert_int_eq(vfs_walk(&w, "/f", &p, NULL), 0);
	i = p.dentry->inode;
	ck_assert_int_eq(vfs_chmod(&p, 04755, &user_cred), -EPERM);
	ck_assert_int_eq(vfs_chmod(&p, 06755, &root_cred), 0);
	ck_assert_uint_eq(i->mode, S_IFREG | 06755);
	ck_assert_int_eq(vfs_chown(&p, 1000, UINT32_MAX, &user_cred), -EPERM);
	ck_assert_int_eq(vfs_chown(&p, 1000, 1000, &root_cred), 0);
	ck_assert_uint_eq(i->mode, S_IFREG | 0755);	/* set-user-ID and set-group-ID went */
	ck_assert_int_eq(vfs_chown(&p, UINT32_MAX, 50, &user_cred), -EPERM);
	ck_assert_int_eq(vfs_chown(&p, UINT32_MAX, 50, &member), 0);
	ck_assert_uint_eq(i->gid, 50);
	/* Not a member of the file's group: no set-group-ID. */
	ck_assert_int_eq(vfs_chmod(&p, 02755, &user_cred), 0);
	ck_assert_uint_eq(i->mode, S_IFREG | 0755);
	ck_assert_int_eq(vfs_chmod(&p, 02755, &member), 0);
	ck_assert_uint_eq(i->mode, S_IFREG | 02755);
	ck_assert_int_eq(vfs_utimes(&p, &t1, &t2, true, &user_cred), 0);
	ck_assert_int_eq(i->atime.sec, 1);
	ck_assert_uint_eq(i->mtime.nsec, 4);
	ck_assert_int_eq(vfs_utimes(&p, NULL, &t1, true, &user_cred), 0);
	ck_assert_int_eq(i->atime.sec, 1);
	ck_assert_int_eq(i->mtime.sec, 1);
	i->uid = 5;
	ck_assert_int_eq(vfs_utimes(&p, &t1, &t2, true, &user_cred), -EPERM);
	ck_assert_int_eq(vfs_utimes(&p, &t1, &t2, false, &user_cred), -EACCES);
	i->mode |= 2;
	ck_assert_int_eq(vfs_utimes(&p, &t1, &t2, false, &user_cred), 0);
	path_put(&p);
}
END_TEST

START_TEST(writing_takes_privileges)
{
	struct walk u = as(&user_cred);
	struct file *f;

	put_text("/f", "x");
	at("/f")->mode = S_IFREG | 06777;
	f = must_open("/f", FO_WRONLY);
	ck_assert_int_eq(file_write(f, "y", 1, NULL), 1);
	ck_assert_uint_eq(f->inode->mode, S_IFREG | 06777);
	file_put(f);
	ck_assert_int_eq(vfs_open(&u, "/f", FO_WRONLY, 0, &f), 0);
	ck_assert_int_eq(file_write(f, "y", 1, NULL), 1);
	ck_assert_uint_eq(f->inode->mode, S_IFREG | 0777);
	file_put(f);
}
END_TEST

START_TEST(permissions)
{
	struct inode *i;

	put_text("/f", "x");
	i = at("/f");
	i->mode = S_IFREG | 0604;
	i->gid = 1000;
	ck_assert_int_eq(vfs_permission(i, 4, &user_cred), -EACCES);	/* the group's bits, not the others' */
	i->gid = 0;
	ck_assert_int_eq(vfs_permission(i, 4, &user_cred), 0);
	ck_assert_int_eq(vfs_permission(i, 2, &user_cred), -EACCES);
	ck_assert_int_eq(vfs_permission(i, 6, &root_cred), 0);
	ck_assert_int_eq(vfs_permission(i, 1, &root_cred), -EACCES);	/* nobody may execute it */
	i->mode |= 1;
	ck_assert_int_eq(vfs_permission(i, 1, &root_cred), 0);
	ck_assert_int_eq(mkdir_("/d"), 0);
	at("/d")->mode = S_IFDIR;
	ck_assert_int_eq(vfs_permission(at("/d"), 7, &root_cred), 0);
	{
		struct walk u = as(&user_cred);
		struct path_ref p;

		put_text("/d/f", "x");
		ck_assert_int_eq(vfs_walk(&u, "/d/f", &p, NULL), -EACCES);
		ck_assert_int_eq(vfs_walk(&u, "/d", &p, NULL), 0);
		path_put(&p);
	}
}
END_TEST

struct seen { char names[4000]; unsigned n, stop; };

static int see(void *ctx, const char *name, size_t len, uint64_t ino, unsigned type, uint64_t next)
{
	struct seen *s = ctx;

	(void)ino;
	(void)type;
	(void)next;
	if (s->stop && s->n == s->stop)
		return 1;
	s->n++;
	snprintf(s->names + strlen(s->names), sizeof s->names - strlen(s->names), "%.*s ", (int)len, name);
	return 0;
}

START_TEST(reading_directories)
{
	struct seen s = { .stop = 4 };
	struct file *f;
	char name[16];

	ck_assert_int_eq(mkdir_("/d"), 0);
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof name, "/d/%d", i);
		put_text(name, "");
	}
	f = must_open("/d", FO_RDONLY);
	ck_assert_int_eq(file_readdir(f, &s, see), 0);
	ck_assert_str_eq(s.names, ". .. 0 1 ");
	/* What goes and comes between two reads changes nothing for the others. */
	ck_assert_int_eq(vfs_unlink(&w, "/d/2"), 0);
	ck_assert_int_eq(vfs_unlink(&w, "/d/0"), 0);
	put_text("/d/6", "");
	s.stop = 0;
	ck_assert_int_eq(file_readdir(f, &s, see), 0);
	ck_assert_str_eq(s.names, ". .. 0 1 3 4 5 6 ");
	ck_assert_int_eq(file_lseek(f, 0, 0), 0);
	memset(&s, 0, sizeof s);
	ck_assert_int_eq(file_readdir(f, &s, see), 0);
	ck_assert_str_eq(s.names, ". .. 1 3 4 5 6 ");
	file_put(f);
	f = must_open("/d/1", FO_RDONLY);
	ck_assert_int_eq(file_readdir(f, &s, see), -ENOTDIR);
	file_put(f);
}
END_TEST

START_TEST(many_names)
{
	struct seen s = { .n = 0 };
	struct file *f;
	char name[32];

	ck_assert_int_eq(mkdir_("/d"), 0);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "/d/file%d", i);
		ck_assert_int_eq(mknod_(name), 0);
	}
	for (int i = 0; i < 3000; i += 2) {
		snprintf(name, sizeof name, "/d/file%d", i);
		ck_assert_int_eq(vfs_unlink(&w, name), 0);
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "/d/file%d", i);
		ck_assert_int_eq(walk_to(name), i % 2 ? 0 : -ENOENT);
	}
	f = must_open("/d", FO_RDONLY);
	ck_assert_int_eq(file_readdir(f, &s, see), 0);
	ck_assert_uint_eq(s.n, 1502);
	file_put(f);
}
END_TEST

START_TEST(names_are_limited)
{
	char name[32];
	int err = 0, i;

	/* As much host memory as the guest has RAM, and then ENOSPC. */
	for (i = 0; !err; i++) {
		snprintf(name, sizeof name, "/n%d", i);
		err = mknod_(name);
	}
	ck_assert_int_eq(err, -ENOSPC);
	ck_assert_int_gt(i, 10000);
	ck_assert_uint_le(m->vfs->charged, m->vfs->charge_limit);
	ck_assert_int_eq(vfs_unlink(&w, "/n0"), 0);
	ck_assert_int_eq(mknod_("/n0"), 0);
}
END_TEST

START_TEST(deep_trees)
{
	struct path_ref p = fs.cwd;

	/* Deeper than any path is long; removed with the machine, without recursion. */
	for (int i = 0; i < 10000; i++) {
		struct walk x = w;

		x.start = p;
		ck_assert_int_eq(vfs_mkdir(&x, "d", 0755), 0);
		ck_assert_int_eq(vfs_walk(&x, "d", &p, NULL), 0);
		path_put(&p);	/* the tree holds it */
	}
	{
		char buf[4096];
		ck_assert_int_eq(vfs_path_name(&p, &fs.root, buf, sizeof buf), -ERANGE);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vfs_names");
	TCase *t = tcase_create("names");

	tcase_add_checked_fixture(t, kit_up, kit_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, walks);
	tcase_add_test(t, path_limit);
	tcase_add_test(t, symbolic_links);
	tcase_add_test(t, creating);
	tcase_add_test(t, opening);
	tcase_add_test(t, unlinking);
	tcase_add_test(t, hard_links);
	tcase_add_test(t, renaming);
	tcase_add_test(t, renamed_over_while_open);
	tcase_add_test(t, attributes);
	tcase_add_test(t, writing_takes_privileges);
	tcase_add_test(t, permissions);
	tcase_add_test(t, reading_directories);
	tcase_add_test(t, many_names);
	tcase_add_test(t, names_are_limited);
	tcase_add_test(t, deep_trees);
	suite_add_tcase(s, t);
	return kit_run(s);
}
