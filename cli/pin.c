// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "attach.h"
#include "pin.h"
#include "units.h"

#define BPFFS	"/sys/fs/bpf"
#define ROOT	BPFFS "/dpcnic"

static void replace(char *text, char from, char to)
{
	for (; *text; text++)
		if (*text == from)
			*text = to;
}

static void path_of(char path[PATH_MAX], const char *dev, const char *tail)
{
	char name[IF_NAMESIZE];

	snprintf(name, sizeof(name), "%s", dev);
	replace(name, '.', ':');
	snprintf(path, PATH_MAX, ROOT "/%s%s", name, tail);
}

void pin_path(char path[PATH_MAX], const char *dev)
{
	path_of(path, dev, "/throttle");
}

static enum exit_code pin_failed(const char *dev, const char *what, int error)
{
	char path[PATH_MAX];

	pin_path(path, dev);
	if (error == EPERM && attach_has(CAP_SYS_ADMIN))
		return attach_forbidden("throttle");
	if (error == EPERM || error == EACCES)
		return fail(DPCTOOL_UNABLE, "as root", "throttle: no permission to %s %s", what,
			    path);
	return fail(DPCTOOL_REFUSED, "ls " ROOT ", to see what is there",
		    "throttle: cannot %s %s: %s", what, path, strerror(error));
}

enum exit_code pin_ready(void)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) || (__u64)fs.f_type != BPF_FS_MAGIC)
		return fail(DPCTOOL_UNABLE, "mount -t bpf none " BPFFS,
			    "throttle: no BPF file system at " BPFFS
			    ", where the policy would outlive this command");
	return DPCTOOL_OK;
}

static __u64 own_netns(void)
{
	struct stat ns;

	return stat("/proc/self/ns/net", &ns) ? 0 : ns.st_ino;
}

void pin_note(struct pin_about *about, __u32 ifindex)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	about->since_ns = (__u64)now.tv_sec * NSEC_PER_SEC + (__u64)now.tv_nsec;
	about->netns = own_netns();
	about->ifindex = ifindex;
}

static int read_about(struct pin_about *about, const char *dev)
{
	char path[PATH_MAX];
	__u32 zero = 0;
	int fd, error;

	path_of(path, dev, "/throttle/about");
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	error = bpf_map_lookup_elem(fd, &zero, about) ? -errno : 0;
	close(fd);
	return error;
}

/* A new map, as a map cannot be written half. */
static int write_about(const struct pin_about *about, const char *path)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "throttle_about", sizeof(__u32),
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

int pin_open_link(const char *dev)
{
	char path[PATH_MAX];
	int fd;

	path_of(path, dev, "/throttle/link");
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

/* The kernel's number of the policy's map that the link holds; 0 if it was detached. */
static __u32 map_of_link(int fd)
{
	struct bpf_link_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return 0;
	return info.struct_ops.map_id;
}

static enum pin_state state_of(const struct pin_about *about, const char *dev, __u32 map_id)
{
	char name[IF_NAMESIZE];

	if (!map_id)
		return PIN_DETACHED;
	if (about->netns != own_netns())
		return PIN_ELSEWHERE;
	if (!if_indextoname(about->ifindex, name))
		return PIN_GONE;
	if (strcmp(name, dev))
		return PIN_ELSEWHERE;
	return map_id == about->map_id ? PIN_ATTACHED : PIN_REPLACED;
}

enum exit_code pin_find(struct pin *pin, const char *dev)
{
	int link = pin_open_link(dev);
	int error;

	*pin = (struct pin){ .state = PIN_NONE };
	if (link == -ENOENT)
		return DPCTOOL_OK;
	if (link < 0)
		return pin_failed(dev, "read", -link);
	error = read_about(&pin->about, dev);
	pin->state = state_of(&pin->about, dev, map_of_link(link));
	close(link);
	return error ? pin_failed(dev, "read", -error) : DPCTOOL_OK;
}

void pin_visit(void (*found)(const char *dev, void *context), void *context)
{
	char name[IF_NAMESIZE];
	struct dirent *entry;
	DIR *dir;

	dir = opendir(ROOT);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(name))
			continue;
		memcpy(name, entry->d_name, strlen(entry->d_name) + 1);
		replace(name, ':', '.');
		found(name, context);
	}
	if (dir)
		closedir(dir);
}

/* The directories may be there already, and may hold what is not ours. */
static int make_directories(const char *dev)
{
	static const char *const tails[] = { "", "/throttle" };
	char path[PATH_MAX];

	if (mkdir(ROOT, 0700) && errno != EEXIST)
		return -errno;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		path_of(path, dev, tails[i]);
		if (mkdir(path, 0700) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static void remove_directories(const char *dev)
{
	char path[PATH_MAX];

	path_of(path, dev, "/throttle");
	rmdir(path);
	path_of(path, dev, "");
	rmdir(path);
	rmdir(ROOT);
}

/* The link last: what has a link has all. */
enum exit_code pin_link(const char *dev, int link_fd, const struct pin_about *about)
{
	char path[PATH_MAX];
	int error;

	error = make_directories(dev);
	path_of(path, dev, "/throttle/about");
	if (!error)
		error = write_about(about, path);
	if (error) {
		remove_directories(dev);
		return pin_failed(dev, "pin the policy in", -error);
	}
	path_of(path, dev, "/throttle/link");
	if (!bpf_obj_pin(link_fd, path))
		return DPCTOOL_OK;
	error = errno;
	path_of(path, dev, "/throttle/about");
	unlink(path);
	remove_directories(dev);
	return pin_failed(dev, "pin the policy in", error);
}

enum exit_code pin_update(const char *dev, const struct pin_about *about)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	int error;

	path_of(path, dev, "/throttle/about");
	path_of(fresh, dev, "/throttle/about-new");
	unlink(fresh);
	error = write_about(about, fresh);
	if (!error && rename(fresh, path))
		error = -errno;
	return error ? pin_failed(dev, "note the policy in", -error) : DPCTOOL_OK;
}

/*
 * Detached first, so that it is when this returns: the last reference to a link takes its policy
 * along some time later. A link that knows no detaching is left to that.
 */
enum exit_code pin_remove(const char *dev)
{
	char path[PATH_MAX];
	int link = pin_open_link(dev);

	if (link < 0)
		return pin_failed(dev, "open", -link);
	bpf_link_detach(link);
	close(link);
	path_of(path, dev, "/throttle/link");
	if (unlink(path))
		return pin_failed(dev, "remove", errno);
	path_of(path, dev, "/throttle/about");
	unlink(path);
	remove_directories(dev);
	return DPCTOOL_OK;
}
