// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "attach.h"
#include "pin.h"
#include "watch.h"

#define BPFFS	"/sys/fs/bpf"
#define ROOT	BPFFS "/dpcnic"

static void replace(char *text, char from, char to)
{
	for (; *text; text++)
		if (*text == from)
			*text = to;
}

const char *const pin_states[PIN_STATES] = {
	[PIN_ATTACHED] = "attached",
	[PIN_REPLACED] = "replaced",
	[PIN_DETACHED] = "detached",
	[PIN_GONE] = "gone",
	[PIN_ELSEWHERE] = "elsewhere",
};

/* The path of @tail, "" or "/<name>", in the directory of the device, or with @kind in that's. */
static void path_of(char path[PATH_MAX], const struct pin_kind *kind, const char *dev,
		    const char *tail)
{
	char name[IF_NAMESIZE];

	snprintf(name, sizeof(name), "%s", dev);
	replace(name, '.', ':');
	snprintf(path, PATH_MAX, ROOT "/%s%s%s%s", name, kind ? "/" : "", kind ? kind->name : "",
		 tail);
}

void pin_path(char path[PATH_MAX], const struct pin_kind *kind, const char *dev)
{
	path_of(path, kind, dev, "");
}

const char *pin_name(const struct pin_kind *kind, const char *called, const char *own)
{
	char path[PATH_MAX];

	pin_path(path, kind, called);
	return access(path, F_OK) ? own : called;
}

static enum exit_code pin_failed(const struct pin_kind *kind, const char *dev, const char *what,
				 int error)
{
	char path[PATH_MAX];

	pin_path(path, kind, dev);
	if (error == EPERM && attach_has(CAP_SYS_ADMIN))
		return attach_forbidden(kind->command);
	if (error == EPERM || error == EACCES)
		return fail(DPCTOOL_UNABLE, "as root", "%s: no permission to %s %s", kind->command,
			    what, path);
	if (error == EPROTO)
		return fail(DPCTOOL_REFUSED, "the dpctool that attached it",
			    "%s: %s is of another version of dpctool", kind->command, path);
	return fail(DPCTOOL_REFUSED, "ls " ROOT ", to see what is there",
		    "%s: cannot %s %s: %s", kind->command, what, path, strerror(error));
}

enum exit_code pin_ready(const struct pin_kind *kind)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) || (__u64)fs.f_type != BPF_FS_MAGIC)
		return fail(DPCTOOL_UNABLE, "mount -t bpf none " BPFFS,
			    "%s: no BPF file system at " BPFFS
			    ", where the policy would outlive this command", kind->command);
	return DPCTOOL_OK;
}

void pin_note(struct pin_about *about, __u32 ifindex)
{
	about->since_ns = now_realtime_ns();
	about->netns = device_netns();
	about->ifindex = ifindex;
}

/* Another version of dpctool may have had more to say; -EPROTO if so. */
static int check_about(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return -errno;
	return info.type == BPF_MAP_TYPE_ARRAY && info.value_size == sizeof(struct pin_about) ?
	       0 : -EPROTO;
}

static int read_about(struct pin_about *about, const struct pin_kind *kind, const char *dev)
{
	char path[PATH_MAX];
	__u32 zero = 0;
	int fd, error;

	path_of(path, kind, dev, "/about");
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	error = check_about(fd);
	if (!error && bpf_map_lookup_elem(fd, &zero, about))
		error = -errno;
	close(fd);
	return error;
}

/* A new map, as a map cannot be written half. */
static int write_about(const struct pin_about *about, const char *path)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "dpctool_about", sizeof(__u32),
				sizeof(*about), 1, NULL);
	__u32 zero = 0;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (bpf_map_update_elem(fd, &zero, about, BPF_ANY) || bpf_obj_pin(fd, path))
		error = -errno;
	close(fd);
	return error;
}

int pin_open(const struct pin_kind *kind, const char *dev)
{
	char path[PATH_MAX];
	int fd;

	path_of(path, kind, dev, "/link");
	fd = bpf_obj_get(path);
	if (fd < 0 && errno == ENOENT) {
		path_of(path, kind, dev, "/program");
		fd = bpf_obj_get(path);
	}
	return fd < 0 ? -errno : fd;
}

static enum pin_state state_of(const struct pin_about *about, const char *dev, __u32 held)
{
	char name[IF_NAMESIZE];

	/* whether another program calls it, only that name space can tell */
	if (about->netns != device_netns())
		return held || about->chained ? PIN_ELSEWHERE : PIN_DETACHED;
	if (!if_indextoname(about->ifindex, name))
		return PIN_GONE;
	if (!held)
		return PIN_DETACHED;
	if (strcmp(name, dev))
		return PIN_ELSEWHERE;
	return held == about->id ? PIN_ATTACHED : PIN_REPLACED;
}

enum exit_code pin_find(struct pin *pin, const struct pin_kind *kind, const char *dev)
{
	int fd = pin_open(kind, dev);
	int error;

	*pin = (struct pin){ .state = PIN_NONE };
	if (fd == -ENOENT)
		return DPCTOOL_OK;
	if (fd < 0)
		return pin_failed(kind, dev, "read", -fd);
	error = read_about(&pin->about, kind, dev);
	pin->state = state_of(&pin->about, dev, kind->held(fd, &pin->about));
	close(fd);
	return error ? pin_failed(kind, dev, "read", -error) : DPCTOOL_OK;
}

static bool is_foreign(const struct pin *pin)
{
	return pin->state == PIN_ELSEWHERE && pin->about.netns != device_netns();
}

/* Where a policy is called from another one, removing its pin does not detach it. */
static enum exit_code foreign(const struct pin *pin, const struct pin_kind *kind, const char *dev)
{
	char path[PATH_MAX], try[PATH_MAX + 192];

	path_of(path, kind, dev, "/link");
	snprintf(try, sizeof(try), "dpctool %s detach dev %s there (nsenter --net=FILE, of "
		 "/run/netns or /proc/PID/ns/net)%s%s", kind->command, dev,
		 pin->about.chained ? "" : ", or rm ", pin->about.chained ? "" : path);
	return fail(DPCTOOL_REFUSED, try,
		    "%s: the policy of that name is at work in another network namespace, "
		    "net:[%llu]", dev, pin->about.netns);
}

static enum exit_code attached_already(const struct pin *pin, const struct pin_kind *kind,
				       const char *dev)
{
	const struct pin_about *about = &pin->about;
	char try[64];

	if (is_foreign(pin))
		return foreign(pin, kind, dev);
	if (pin->state == PIN_ELSEWHERE) {
		snprintf(try, sizeof(try), "dpctool %s detach, if that policy may go",
			 kind->command);
		return fail(DPCTOOL_REFUSED, try,
			    "%s: its place is taken by the policy of a device that was renamed",
			    dev);
	}
	snprintf(try, sizeof(try), "dpctool %s replace", kind->command);
	return fail(DPCTOOL_REFUSED, try, "%s: has a policy already: %s%s%s", dev, about->policy,
		    *about->parameters ? " " : "", about->parameters);
}

enum exit_code pin_find_some(struct pin *pin, const struct pin_kind *kind, const char *dev,
			     const char *verb)
{
	enum exit_code code = pin_find(pin, kind, dev);
	char try[64];

	if (code || pin->state != PIN_NONE)
		return code;
	snprintf(try, sizeof(try), "dpctool %s %s", kind->command, verb);
	return fail(DPCTOOL_NOT_FOUND, try, "%s: has no policy that dpctool attached", dev);
}

enum exit_code pin_find_own(struct pin *pin, const struct pin_kind *kind, const char *dev,
			    const char *verb)
{
	enum exit_code code = pin_find_some(pin, kind, dev, verb);

	if (code || !is_foreign(pin))
		return code;
	return foreign(pin, kind, dev);
}

enum exit_code pin_admit(const struct pin *pin, const struct pin_kind *kind, const char *dev,
			 bool replace)
{
	bool stale = pin->state == PIN_GONE || pin->state == PIN_DETACHED;
	bool attached = pin->state == PIN_ATTACHED || pin->state == PIN_REPLACED;
	char try[64];

	if (replace && attached)
		return DPCTOOL_OK;
	if (replace) {
		snprintf(try, sizeof(try), "dpctool %s attach", kind->command);
		return fail(DPCTOOL_NOT_FOUND, try, "%s: has no policy that could be replaced",
			    dev);
	}
	if (stale)
		return pin_remove(kind, dev);
	return pin->state == PIN_NONE ? DPCTOOL_OK : attached_already(pin, kind, dev);
}

void pin_visit(const struct pin_kind *kind, void (*found)(const char *dev, void *context),
	       void *context)
{
	char name[IF_NAMESIZE], path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	dir = opendir(ROOT);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(name))
			continue;
		memcpy(name, entry->d_name, strlen(entry->d_name) + 1);
		replace(name, ':', '.');
		pin_path(path, kind, name);
		if (!access(path, F_OK))
			found(name, context);
	}
	if (dir)
		closedir(dir);
}

/* The directories may be there already, and may hold what is not ours. */
static int make_directories(const struct pin_kind *kind, const char *dev)
{
	const struct pin_kind *const kinds[] = { NULL, kind };
	char path[PATH_MAX];

	if (mkdir(ROOT, 0700) && errno != EEXIST)
		return -errno;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		path_of(path, kinds[i], dev, "");
		if (mkdir(path, 0700) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static void remove_directories(const struct pin_kind *kind, const char *dev)
{
	char path[PATH_MAX];

	path_of(path, kind, dev, "");
	rmdir(path);
	path_of(path, NULL, dev, "");
	rmdir(path);
	rmdir(ROOT);
}

/* A file of bpffs in the place of another; @fd: what is pinned, or else @about is written. */
static int put_anew(const struct pin_kind *kind, const char *dev, const char *tail, int fd,
		    const struct pin_about *about)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	int error;

	path_of(path, kind, dev, tail);
	path_of(fresh, kind, dev, "/new");
	unlink(fresh);
	if (fd < 0)
		error = write_about(about, fresh);
	else
		error = bpf_obj_pin(fd, fresh) ? -errno : 0;
	if (!error && rename(fresh, path))
		error = -errno;
	return error;
}

/*
 * Several dpctools may be about to pin, where nothing says before that there is room for one only.
 * Returns what to close when done, or -errno: -ENOENT if the directory is there no more.
 */
static int lock_directory(const struct pin_kind *kind, const char *dev)
{
	char path[PATH_MAX];
	struct stat held;
	int fd, error;

	path_of(path, kind, dev, "");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) || fstat(fd, &held))
		goto failed;
	if (!held.st_nlink) {
		errno = ENOENT; /* who had the lock removed it */
		goto failed;
	}
	path_of(path, kind, dev, "/program");
	if (!access(path, F_OK)) {
		errno = EEXIST;
		goto failed;
	}
	return fd;

failed:
	error = -errno;
	close(fd);
	return error;
}

/*
 * The link last: what has a link has all. Without one, what it is about may be there all the same:
 * of a policy whose link the user removed, or that dpctool was killed over.
 */
enum exit_code pin_keep(const struct pin_kind *kind, const char *dev, int fd,
			const struct pin_about *about)
{
	char path[PATH_MAX];
	int error, lock = -1;

	do {
		error = make_directories(kind, dev);
		if (!error)
			lock = lock_directory(kind, dev);
	} while (!error && lock == -ENOENT);
	if (!error && lock < 0)
		error = lock;
	if (!error)
		error = put_anew(kind, dev, "/about", -1, about);
	if (error)
		goto remove_directories;
	path_of(path, kind, dev, about->chained ? "/program" : "/link");
	if (!bpf_obj_pin(fd, path))
		goto unlock;
	error = -errno;
	path_of(path, kind, dev, "/about");
	unlink(path);
remove_directories:
	remove_directories(kind, dev);
unlock:
	if (lock >= 0)
		close(lock);
	return error ? pin_failed(kind, dev, "pin the policy in", -error) : DPCTOOL_OK;
}

/* The link has it already, and what it had before may be gone. */
static enum exit_code not_noted(const struct pin_kind *kind, const char *dev,
				const struct pin_about *about, int error)
{
	char path[PATH_MAX], try[64];

	pin_path(path, kind, dev);
	snprintf(try, sizeof(try), "dpctool %s replace, once more", kind->command);
	return fail(DPCTOOL_REFUSED, try,
		    "%s: %s took over and is at work, but cannot be noted in %s, so that it will "
		    "seem to be another program's: %s", dev, about->policy, path, strerror(error));
}

/* What it is about last: that tells which program is meant. */
enum exit_code pin_update(const struct pin_kind *kind, const char *dev, int fd,
			  const struct pin_about *about)
{
	int error = 0;

	if (about->chained)
		error = put_anew(kind, dev, "/program", fd, NULL);
	if (!error)
		error = put_anew(kind, dev, "/about", -1, about);
	if (error && about->chained)
		return pin_failed(kind, dev, "note the policy in", -error);
	return error ? not_noted(kind, dev, about, -error) : DPCTOOL_OK;
}

/*
 * Detached first, so that it is when this returns: the last reference to a link takes its policy
 * along some time later. A link that knows no detaching is left to that.
 */
enum exit_code pin_remove(const struct pin_kind *kind, const char *dev)
{
	static const char *const tails[] = { "/link", "/program", "/new", "/about" };
	char path[PATH_MAX];
	int fd = pin_open(kind, dev);

	if (fd < 0)
		return pin_failed(kind, dev, "open", -fd);
	bpf_link_detach(fd);
	close(fd);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		path_of(path, kind, dev, tails[i]);
		if (unlink(path) && errno != ENOENT)
			return pin_failed(kind, dev, "remove", errno);
	}
	remove_directories(kind, dev);
	return DPCTOOL_OK;
}
