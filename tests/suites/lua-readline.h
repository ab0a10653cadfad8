/* SPDX-License-Identifier: MIT
 * Included before Lua's lua.c: how it reads a line, as GNU readline does when nobody sits at a terminal: what is typed is shown. Lua's
 * main.lua wants to see it, its authors build with readline. The names are lua.c's own, for such a header. */
#define lua_initreadline(L) ((void)(L))
#define lua_readline(L, line, prompt) \
	((void)(L), fputs(prompt, stdout), fflush(stdout), fgets(line, LUA_MAXINPUT, stdin) && fputs(line, stdout) >= 0)
#define lua_saveline(L, line) ((void)(L), (void)(line))
#define lua_freeline(L, line) ((void)(L), (void)(line))
