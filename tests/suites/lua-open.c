/* SPDX-License-Identifier: MIT
 * luaL_openlibs() of a Lua without dynamic loading that has LPeg and LuaFileSystem built in: they are found by require(). Lua's own
 * is compiled under the name lua_own_openlibs. */
#include "lua.h"
#include "lauxlib.h"
#include "lualib.h"

void lua_own_openlibs(lua_State *L);
int luaopen_lpeg(lua_State *L);
int luaopen_lfs(lua_State *L);

void luaL_openlibs(lua_State *L)
{
	static const luaL_Reg built_in[] = { { "lpeg", luaopen_lpeg }, { "lfs", luaopen_lfs }, { NULL, NULL } };

	lua_own_openlibs(L);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	luaL_setfuncs(L, built_in, 0);
	lua_pop(L, 1);
}
