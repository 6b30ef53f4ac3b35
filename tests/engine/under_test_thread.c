// SPDX-License-Identifier: GPL-2.0
/* The engine under test; see Kbuild. */
#include "count_atomics.h"
#include "engine/thread.c"
