/* SPDX-License-Identifier: MIT
 *
 * SDL2, loaded when the first window is opened (emu/host/library.h). All of it is used by the window's thread alone, but for what
 * SDL allows any (SDL_PushEvent).
 */
#ifndef EMU_DISPLAY_SDL_H
#define EMU_DISPLAY_SDL_H

#define SDL_MAIN_HANDLED
#include <SDL2/SDL.h>
#include "emu/host/library.h"

#define SDL_FUNCTIONS(F) \
	F(SDL_Init) F(SDL_QuitSubSystem) F(SDL_GetError) F(SDL_SetHint) F(SDL_EnableScreenSaver) F(SDL_CreateWindow) \
	F(SDL_DestroyWindow) F(SDL_SetWindowTitle) F(SDL_SetWindowSize) F(SDL_GetWindowFlags) F(SDL_SetWindowFullscreen) \
	F(SDL_SetWindowKeyboardGrab) F(SDL_SetRelativeMouseMode) F(SDL_CreateRenderer) F(SDL_DestroyRenderer) \
	F(SDL_GetRendererOutputSize) F(SDL_GetWindowSize) F(SDL_SetRenderDrawColor) F(SDL_RenderClear) F(SDL_RenderCopy) \
	F(SDL_RenderPresent) F(SDL_CreateTexture) F(SDL_DestroyTexture) F(SDL_UpdateTexture) F(SDL_SetTextureScaleMode) \
	F(SDL_WaitEventTimeout) F(SDL_PollEvent) F(SDL_PushEvent) F(SDL_GetCurrentVideoDriver)

struct sdl { LIBRARY_POINTERS(SDL_FUNCTIONS) };

/* As library_load(). */
int sdl_load(struct sdl *s, char why[LIBRARY_WHY]);
/*
 * Before SDL_Init(): an error of an X server's does not end the process, as Xlib's own handler does and SDL leaves it, until
 * its last connection is closed.  A request then has no effect (a window manager was faster, the window is gone), which the
 * guest need not die of.
 */
void sdl_survive_errors(void);

#endif
