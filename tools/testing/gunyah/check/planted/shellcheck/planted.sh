#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Planted fault: a variable that is not quoted.
rm $1
