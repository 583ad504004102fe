// SPDX-License-Identifier: GPL-2.0-only
/* Planted fault: the VM front end looks into the RM client. */
#include "rm_core.h"
