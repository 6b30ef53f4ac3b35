// SPDX-License-Identifier: GPL-2.0
/* dpctool: shows what the dpcnic driver's DPCs do. Starts at the command line's tables (args.c). */
#include "args.h"
#include "attach.h"
#include "device.h"

int main(int argc, char **argv)
{
	struct request request;
	enum exit_code code;

	code = parse_request(&request, argc, argv);
	if (code)
		return code;
	/* a recording has names of its own */
	request.called = request.device;
	if (request.device && !request.input)
		request.device = device_own_name(request.device);
	attach_log(request.debug);
	return request.command->run(&request);
}
