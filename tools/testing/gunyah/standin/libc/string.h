/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of string.h that libfdt and the model need; see string.c. */
#ifndef STANDIN_LIBC_STRING_H
#define STANDIN_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strrchr(const char *s, int c);

#endif /* STANDIN_LIBC_STRING_H */
