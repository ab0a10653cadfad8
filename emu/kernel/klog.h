/* SPDX-License-Identifier: MIT
 *
 * The kernel log: what dmesg and /dev/kmsg show, and, up to options.log_level, stderr.
 */
#ifndef EMU_KERNEL_KLOG_H
#define EMU_KERNEL_KLOG_H

#include <stddef.h>
#include <stdint.h>

struct machine;

enum klog_level { KLOG_EMERG, KLOG_ALERT, KLOG_CRIT, KLOG_ERR, KLOG_WARNING, KLOG_NOTICE, KLOG_INFO, KLOG_DEBUG };

int klog_new(struct machine *m);
void klog_free(struct machine *m);
/* One line, no newline at its end. What comes from programs has a facility, too: level + 8 * facility. */
void klog(struct machine *m, enum klog_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

struct klog_record { uint64_t seq, time_ns; enum klog_level level; const char *text; };
/* The record with sequence number seq or the oldest after it. 0, or -EAGAIN if there is none yet. */
int klog_read(struct machine *m, uint64_t seq, struct klog_record *out);
uint64_t klog_next_seq(struct machine *m);
/* Woken by each new record. */
struct wait_queue *klog_wait(struct machine *m);

#endif
