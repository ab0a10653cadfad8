/* SPDX-License-Identifier: MIT
 *
 * What drivers/mtd/chips of Linux needs of a kernel, for a program of the host: run.sh has every header of the kernel
 * that is not in include/linux/mtd include this one.  There is one thread.  Delays let the chip's time pass; a lock
 * that is taken twice, or a driver that would sleep until somebody else lets go of the chip, is an error.
 */
#ifndef TESTS_LINUX_MTD_KERNEL_H
#define TESTS_LINUX_MTD_KERNEL_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* --- Configuration --- */

#define CONFIG_MTD_COMPLEX_MAPPINGS 1
#define CONFIG_MTD_MAP_BANK_WIDTH_2 1
#define CONFIG_MTD_MAP_BANK_WIDTH_4 1
#define CONFIG_MTD_CFI_I1 1
#define CONFIG_MTD_CFI_I2 1
#define CONFIG_MTD_CFI_I4 1
#define CONFIG_MTD_CFI_INTELEXT 1
#define CONFIG_MTD_CFI_AMDSTD 1
#define CONFIG_OF 1
#define BITS_PER_LONG 64

/* --- The compiler, types, numbers --- */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint64_t resource_size_t;
#define __iomem
#define __init
#define __exit
#define __packed __attribute__((packed))
#define __maybe_unused __attribute__((unused))
#define __counted_by(member)
#define fallthrough __attribute__((fallthrough))
#define BUG() abort()
#define BUG_ON(x) do { if (x) abort(); } while (0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define BIT(n) (1ul << (n))
#define DIV_ROUND_UP(a, b) (((a) + (b) - 1) / (b))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(t, a, b) ((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define swap(a, b) do { __typeof__(a) swap_ = a; a = b; b = swap_; } while (0)
#define struct_size(p, member, n) (sizeof(*(p)) + sizeof((p)->member[0]) * (n))
#define cpu_to_le16(x) (x)
#define cpu_to_le32(x) (x)
#define cpu_to_le64(x) (x)
#define le16_to_cpu(x) (x)
#define le32_to_cpu(x) (x)
#define le64_to_cpu(x) (x)
#define cpu_to_be16(x) __builtin_bswap16(x)
#define cpu_to_be32(x) __builtin_bswap32(x)
#define cpu_to_be64(x) __builtin_bswap64(x)
#define be16_to_cpu(x) __builtin_bswap16(x)
#define be32_to_cpu(x) __builtin_bswap32(x)
#define be64_to_cpu(x) __builtin_bswap64(x)
#define get_unaligned(p) ({ __typeof__(*(p)) value_; memcpy(&value_, p, sizeof(value_)); value_; })

static inline void set_bit(unsigned n, unsigned long *map) { map[n / 64] |= 1ul << n % 64; }
static inline void clear_bit(unsigned n, unsigned long *map) { map[n / 64] &= ~(1ul << n % 64); }
static inline bool test_bit(unsigned n, const unsigned long *map) { return map[n / 64] >> n % 64 & 1; }
#define for_each_clear_bit(bit, map, n) for (bit = 0; bit < (int)(n); bit++) if (!test_bit((unsigned)bit, map))
#define BITS_TO_LONGS(n) ((n) / 64 + 1)
#define bitmap_zalloc(n, flags) calloc(BITS_TO_LONGS(n), sizeof(long))
#define bitmap_free(map) free(map)

/* --- Memory, the log, modules --- */

#define kmalloc(n, flags) malloc(n)
#define kzalloc(n, flags) calloc(1, n)
#define kcalloc(n, size, flags) calloc(n, size)
#define kmalloc_array(n, size, flags) calloc(n, size)
#define kfree(p) free((void *)(p))
#define KERN_ERR "E: "
#define KERN_WARNING "W: "
#define KERN_NOTICE "N: "
#define KERN_INFO "I: "
#define KERN_DEBUG "D: "
void kernel_log(const char *fmt, ...);
#define printk kernel_log
#define pr_err(...) kernel_log(KERN_ERR __VA_ARGS__)
#define pr_warn(...) kernel_log(KERN_WARNING __VA_ARGS__)
#define pr_debug(...) do { if (0) kernel_log(__VA_ARGS__); } while (0)

struct module;
#define THIS_MODULE NULL
#define EXPORT_SYMBOL(x)
#define EXPORT_SYMBOL_GPL(x)
#define MODULE_LICENSE(x)
#define MODULE_AUTHOR(x)
#define MODULE_DESCRIPTION(x)
#define MODULE_ALIAS(x)
#define module_init(init) int kernel_module_init(void) { return init(); }	/* cfi_probe.c is the only one that has one */
#define module_exit(x)
#define __module_get(m) do { } while (0)

/* --- Time and tasks --- */

void kernel_delay(long us);
long kernel_jiffies(void);	/* milliseconds */
void kernel_sleep(void);
#define HZ 1000
#define jiffies kernel_jiffies()
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define usecs_to_jiffies(us) ((us) / 1000 + 1)
#define msecs_to_jiffies(ms) (ms)
#define jiffies_to_usecs(j) ((j) * 1000)
#define udelay(us) kernel_delay(us)
#define msleep(ms) kernel_delay((ms) * 1000l)
#define schedule() kernel_sleep()
#define cond_resched() do { } while (0)
#define mb() do { } while (0)
#define local_irq_disable() do { } while (0)
#define local_irq_enable() do { } while (0)

struct mutex { int held; };
#define mutex_init(m) ((m)->held = 0)
#define mutex_lock(m) do { if ((m)->held++) abort(); } while (0)
#define mutex_unlock(m) do { if (--(m)->held) abort(); } while (0)
#define mutex_trylock(m) (!(m)->held && ((m)->held = 1))

typedef struct { int none; } wait_queue_head_t;
#define DECLARE_WAITQUEUE(name, task) int name __attribute__((unused)) = 0
#define init_waitqueue_head(q) do { } while (0)
#define add_wait_queue(q, w) do { } while (0)
#define remove_wait_queue(q, w) do { } while (0)
#define wake_up(q) do { (void)(q); } while (0)
#define set_current_state(s) do { } while (0)

struct list_head { struct list_head *next, *prev; };
struct notifier_block { int (*notifier_call)(struct notifier_block *, unsigned long, void *); };
#define container_of(p, type, member) ((type *)(void *)((char *)(p) - offsetof(type, member)))
#define NOTIFY_DONE 0
#define register_reboot_notifier(n) do { } while (0)
#define unregister_reboot_notifier(n) do { } while (0)

struct device_node { int none; };
#define of_property_read_bool(node, name) 1	/* use-advanced-sector-protection */

#endif
