// SPDX-License-Identifier: GPL-2.0
/* dpctool: shows what the dpcnic driver's DPCs do. Starts at the command line's tables (args.c). */
#include "args.h"
#include "attach.h"

int main(int argc, char **argv)
{
	struct request request;
	enum exit_code code;

	code = parse_request(&request, argc, argv);
	if (code)
		return code;
	attach_log(request.debug);
	return request.command->run(&request);
}
