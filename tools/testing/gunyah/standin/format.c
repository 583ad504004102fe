// SPDX-License-Identifier: GPL-2.0-only
/*
 * A printf() of what the stand-in prints: %s %c %d %u %x with l, field width,
 * zero padding and '#', and %%.
 */
#include <stdarg.h>
#include <string.h>

#include "standin.h"

struct spec {
	bool alt;
	bool zero;
	bool is_long;
	unsigned int width;
};

static const char *parse_spec(const char *fmt, struct spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	for (;; fmt++) {
		if (*fmt == '#')
			spec->alt = true;
		else if (*fmt == '0')
			spec->zero = true;
		else
			break;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		spec->width = spec->width * 10 + (*fmt - '0');
	for (; *fmt == 'l' || *fmt == 'z'; fmt++)
		spec->is_long = true;
	return fmt;
}

static void put_number(void (*put)(void *arg, char c), void *arg, u64 val, unsigned int base,
		       bool negative, const struct spec *spec)
{
	char digits[24];
	unsigned int n = 0, len;

	do {
		digits[n++] = "0123456789abcdef"[val % base];
		val /= base;
	} while (val);

	len = n + negative;
	for (; !spec->zero && len < spec->width; len++)
		put(arg, ' ');
	if (negative)
		put(arg, '-');
	if (spec->alt && base == 16) {
		put(arg, '0');
		put(arg, 'x');
	}
	for (; len < spec->width; len++)
		put(arg, '0');
	while (n)
		put(arg, digits[--n]);
}

static void put_string(void (*put)(void *arg, char c), void *arg, const char *s)
{
	for (s = s ? s : "(null)"; *s; s++)
		put(arg, *s);
}

/**
 * format() - format a text
 * @put: called for each character
 * @arg: handed to @put
 * @fmt: format
 * @ap: arguments
 */
void format(void (*put)(void *arg, char c), void *arg, const char *fmt, va_list ap)
{
	struct spec spec;
	u64 uval;
	s64 val;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(arg, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &spec);
		switch (*fmt) {
		case 's':
			put_string(put, arg, va_arg(ap, const char *));
			break;
		case 'c':
			put(arg, (char)va_arg(ap, int));
			break;
		case 'd':
			val = spec.is_long ? va_arg(ap, long) : va_arg(ap, int);
			put_number(put, arg, val < 0 ? -(u64)val : (u64)val, 10, val < 0, &spec);
			break;
		case 'u':
		case 'x':
			uval = spec.is_long ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int);
			put_number(put, arg, uval, *fmt == 'x' ? 16 : 10, false, &spec);
			break;
		case '\0':
			return;
		default:
			put(arg, *fmt);
		}
	}
}

struct buf {
	char *text;
	size_t size;
	size_t len;
};

static void put_buf(void *arg, char c)
{
	struct buf *buf = arg;

	if (buf->len + 1 < buf->size)
		buf->text[buf->len] = c;
	buf->len++;
}

/**
 * format_buf() - format into a buffer
 * @buf: buffer, always terminated
 * @size: its size, not 0
 * @fmt: format
 *
 * Return: length of the whole text, which may be longer than the buffer.
 */
size_t format_buf(char *buf, size_t size, const char *fmt, ...)
{
	struct buf out = { .text = buf, .size = size };
	va_list ap;

	va_start(ap, fmt);
	format(put_buf, &out, fmt, ap);
	va_end(ap);
	buf[out.len < size ? out.len : size - 1] = '\0';
	return out.len;
}
