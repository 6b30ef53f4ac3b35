// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <cap-ng.h>
#include <pwd.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "privileges.h"

/* Asks the kernel, not the library. */
static bool dropped(uid_t uid, gid_t gid)
{
	uid_t real_uid, effective_uid, saved_uid;
	gid_t real_gid, effective_gid, saved_gid;

	return !capng_get_caps_process() &&
	       capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE &&
	       capng_have_permitted_capabilities() == CAPNG_NONE &&
	       !getresuid(&real_uid, &effective_uid, &saved_uid) && real_uid == uid &&
	       effective_uid == uid && saved_uid == uid &&
	       !getresgid(&real_gid, &effective_gid, &saved_gid) && real_gid == gid &&
	       effective_gid == gid && saved_gid == gid;
}

enum exit_code privileges_drop(const char *user)
{
	const struct passwd *entry = user ? getpwnam(user) : NULL;
	uid_t uid = entry ? entry->pw_uid : geteuid();
	gid_t gid = entry ? entry->pw_gid : getegid();
	int error;

	if (user && !entry)
		return fail(DPCTOOL_USAGE, "one of those in getent passwd",
			    "user: no such user: '%s'", user);
	capng_clear(CAPNG_SELECT_BOTH);
	error = user ? capng_change_id((int)uid, (int)gid,
				       CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING) :
		       capng_apply(CAPNG_SELECT_CAPS);
	if (error || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || !dropped(uid, gid))
		return fail(DPCTOOL_UNABLE, "as root, or without user",
			    "cannot give up its privileges%s%s", user ? " and become " : "",
			    user ? user : "");
	return DPCTOOL_OK;
}
