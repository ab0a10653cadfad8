/* SPDX-License-Identifier: MIT
 *
 * The flash (chip.c), for drive.c, which is compiled with the kernel's headers.
 */
#ifndef TESTS_LINUX_MTD_CHIP_H
#define TESTS_LINUX_MTD_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void chip_up(bool amd, unsigned time, uint32_t size, uint32_t erase);
uint32_t chip_load(uint32_t offset);
uint8_t chip_load_byte(uint32_t offset);
void chip_store(uint32_t offset, uint32_t value);
void chip_wait(uint64_t us);
uint64_t chip_ms(void);
const uint8_t *chip_array(void);
bool chip_locked(uint32_t offset);

#endif
