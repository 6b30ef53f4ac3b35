/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Breaking off what takes long and waits for nothing but files, where watch.h is of no use: SIGINT
 * and SIGTERM make what blocks fail, and are sent again once everything is tidied up.
 */
#ifndef DPCTOOL_INTERRUPT_H
#define DPCTOOL_INTERRUPT_H

#include <stdbool.h>

/** interrupt_catch() - from now on the signals are just noted, until interrupt_release() */
void interrupt_catch(void);

/** interrupt_came() - has there been one? */
bool interrupt_came(void);

/** interrupt_release() - the signals do again what they did; one that came does so now */
void interrupt_release(void);

#endif /* DPCTOOL_INTERRUPT_H */
