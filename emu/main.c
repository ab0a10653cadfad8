/* SPDX-License-Identifier: MIT */
#include "emu/commands.h"
#include "emu/host/channel.h"

int main(int argc, char **argv)
{
	struct options o;
	int status;

	channel_reserve_stdio();
	status = options_parse(argc, argv, &o);
	if (status < 0) {
		switch (o.command) {
		case COMMAND_RUN:
			status = command_run(&o);
			break;
		case COMMAND_BOOT:
			status = command_boot(&o);
			break;
		case COMMAND_INSPECT:
			status = command_inspect(&o);
			break;
		case COMMAND_MACHINE:
			status = command_machine(&o);
			break;
		}
	}
	options_free(&o);
	return status;
}
