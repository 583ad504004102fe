// SPDX-License-Identifier: GPL-2.0-only
/* Planted fault: the model leans on user space. */
#include <stdlib.h>
