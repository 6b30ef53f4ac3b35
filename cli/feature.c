// SPDX-License-Identifier: GPL-2.0
/* "dpctool feature": how much of each device can be seen here, and why not more. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "ability.h"
#include "args.h"
#include "figures.h"
#include "generic.h"
#include "listing.h"
#include "observer.h"
#include "version.h"

enum feature_field {
	FEATURE_DEV, FEATURE_DRIVER, FEATURE_LEVEL, FEATURE_HAD, FEATURE_COLUMNS, FEATURE_WHY,
	FEATURE_TRY,
	FEATURE_FIELDS
};

static const struct field fields[FEATURE_FIELDS] = {
	[FEATURE_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_SHOWN, 0, "the network device" },
	[FEATURE_DRIVER] = { "DRIVER", "driver", FIELD_TEXT, FIELD_SHOWN, 0, "its driver" },
	[FEATURE_LEVEL] = { "LEVEL", "level", FIELD_TEXT, FIELD_SHOWN, 0,
		"a level, in ascending order; each has also what those before it have: L0, /proc "
		"and sysfs; L1, the kernel's tracepoints; L2, its functions; L3, dpcnic's "
		"tracepoints" },
	[FEATURE_HAD] = { "HAD", "had", FIELD_TEXT, FIELD_SHOWN, 0,
		"yes, or no: no command can observe the device at this level" },
	[FEATURE_COLUMNS] = { "COLUMNS", "columns", FIELD_WORDS, FIELD_EXTRA, 0,
		"the columns of \"dpctool show\" that this level adds" },
	[FEATURE_WHY] = { "WHY", "why", FIELD_TEXT, FIELD_SHOWN, 0, "why not; - if it is had" },
	[FEATURE_TRY] = { "TRY", "try", FIELD_TEXT, FIELD_EXTRA, 0, "what to do about that" },
};

/* Does it the way show does, and for no longer than that takes. */
static bool try_level(struct obstacle *obstacle, const struct device *device, enum level level)
{
	struct device_list list = { .count = 1, .devices = { *device } };
	const struct observer_request asked = { .list = &list, .exact = true, .counting = true };
	struct observer *observer;
	int error;

	list.devices[0].level = level;
	if (level < LEVEL_3)
		generic_size(&list.devices[0]);
	error = observer_try(&observer, &asked);
	if (error)
		attach_explain(obstacle, level, error);
	else
		observer_free(observer);
	return !error;
}

/* Names of the columns that @level has more than the one below; "" if there are none. */
static void list_columns(char *columns, size_t size, enum level level)
{
	__u64 below = level ? figures_of_level(level - 1) : 0;
	__u64 more = figures_of_level(level) & ~below;
	size_t length = 0;

	*columns = '\0';
	for (enum figure figure = FIGURE_INTR; figure < FIGURES; figure++)
		if (more & 1ULL << figure && length < size)
			length += (size_t)snprintf(columns + length, size - length, "%s%s",
						   length ? "," : "", figures[figure].name);
}

static void add_level(struct listing *listing, const struct device *device, enum level level)
{
	struct value values[FEATURE_FIELDS];
	struct obstacle obstacle;
	char columns[512];
	bool had;

	had = !ability_obstacle(&obstacle, device, level) && try_level(&obstacle, device, level);
	list_columns(columns, sizeof(columns), level);
	values[FEATURE_DEV] = value_text(device->name);
	values[FEATURE_DRIVER] = value_maybe(*device->driver ? device->driver : NULL);
	values[FEATURE_LEVEL] = value_text(level_names[level]);
	values[FEATURE_HAD] = value_text(had ? "yes" : "no");
	values[FEATURE_COLUMNS] = value_text(columns);
	values[FEATURE_WHY] = value_maybe(had ? NULL : obstacle.what);
	values[FEATURE_TRY] = value_maybe(had ? NULL : obstacle.try);
	listing_add(listing, values);
}

static enum exit_code run(const struct request *request)
{
	struct device_list list;
	struct listing listing;
	struct utsname kernel;
	enum exit_code code;

	code = ability_devices(&list, request);
	code = code ? code : listing_start(&listing, request, fields, FEATURE_FIELDS);
	if (code)
		return code;
	for (size_t i = 0; i < list.count; i++)
		for (enum level level = LEVEL_0; level < LEVELS; level++)
			add_level(&listing, &list.devices[i], level);
	uname(&kernel);
	code = listing_end(&listing, request,
			   json_pack("{s:s, s:s, s:s}", "kernel", kernel.release, "dpctool",
				     DPCTOOL_VERSION, "libbpf", libbpf_version_string() + 1));
	if (!code && request->format == OUTPUT_TEXT)
		printf("-- kernel %s, dpctool %s, libbpf %s\n", kernel.release, DPCTOOL_VERSION,
		       libbpf_version_string() + 1);
	return code ? code : output_end(false, 0);
}

static const char *const text[] = {
	"A row per device and level. It is tried as \"dpctool show\" would do it: loaded, attached and "
	"taken away again. What a device's level cannot know, other commands show as -: \"dpctool -o "
	"+COLUMNS feature\" says which columns come with which level.",
	"The levels of dpcnic's devices are tried, too: --level gives one lower than the highest.",
	NULL
};

const struct command feature_command = {
	.name = "feature",
	.help = "how much of each device can be seen here, and why not more",
	.text = text,
	.keywords = 1 << KEYWORD_DEV,
	.fields = fields,
	.field_count = FEATURE_FIELDS,
	.has_columns = true,
	.run = run,
};
