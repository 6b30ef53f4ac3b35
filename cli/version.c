// SPDX-License-Identifier: GPL-2.0
/* "dpctool version". */
#include <bpf/libbpf.h>
#include <jansson.h>
#include <libsmartcols.h>
#include <stdio.h>

#include "args.h"
#include "version.h"

static enum exit_code run(const struct request *request)
{
	const char *smartcols;

	scols_get_library_version(&smartcols);
	if (request->format == OUTPUT_TEXT)
		printf("dpctool %s\nlibbpf %s, libsmartcols %s, libjansson %s\nJSON schema %s\n",
		       DPCTOOL_VERSION, libbpf_version_string(), smartcols, jansson_version_str(),
		       DPCTOOL_SCHEMA);
	else
		json_print(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "schema", DPCTOOL_SCHEMA,
				     "object", "version", "dpctool", DPCTOOL_VERSION, "libbpf",
				     libbpf_version_string(), "libsmartcols", smartcols,
				     "libjansson", jansson_version_str()),
			   request->format == OUTPUT_PRETTY);
	return output_end(false, 0);
}

const struct command version_command = {
	.name = "version",
	.help = "the versions of dpctool, of its libraries and of its JSON",
	.run = run,
};
