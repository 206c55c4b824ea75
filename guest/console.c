/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.c: lines of text out of strings and numbers. A line is put together
 * in memory and handed to the architecture in one piece, so that lines of
 * several vCPUs do not mix.
 */
#include <stdarg.h>
#include "guest.h"

static struct spinlock console_lock;

static void line_put(struct line *line, char c)
{
	if (line->length < sizeof(line->text))
		line->text[line->length++] = c;
}

static void line_number(struct line *line, uint64_t n, unsigned int base, unsigned int width)
{
	char digits[20]; /* 2^64 has 20 in decimal */
	unsigned int i = 0;

	do {
		digits[i++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	for (; width > i; width--)
		line_put(line, '0');
	while (i)
		line_put(line, digits[--i]);
}

static void line_signed(struct line *line, int64_t n, unsigned int width)
{
	if (n < 0)
		line_put(line, '-');
	line_number(line, n < 0 ? -(uint64_t)n : (uint64_t)n, 10, width);
}

void line_vadd(struct line *line, const char *format, va_list args)
{
	const char *s;

	for (; *format; format++) {
		unsigned int width = 0;
		int is_long = 0;

		if (*format != '%') {
			line_put(line, *format);
			continue;
		}
		for (format++; *format >= '0' && *format <= '9'; format++)
			width = 10 * width + (unsigned int)(*format - '0');
		if (*format == 'l') {
			is_long = 1;
			format++;
		}
		switch (*format) {
		case 's':
			for (s = va_arg(args, const char *); *s; s++)
				line_put(line, *s);
			break;
		case 'd': line_signed(line, is_long ? va_arg(args, long) : va_arg(args, int), width); break;
		case 'u':
		case 'x':
			line_number(line, is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned int),
			            *format == 'x' ? 16 : 10, width);
			break;
		default:
			/* The compiler checks formats, but knows more of them: let it be seen. */
			line_put(line, '?');
			return;
		}
	}
}

void line_add(struct line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line_vadd(line, format, args);
	va_end(args);
}

void line_print(const struct line *line)
{
	/* Whoever holds the lock may be the one that crashed. */
	int locked = !crashing;

	if (locked)
		spin_lock(&console_lock);
	arch_write(line->text, line->length);
	if (locked)
		spin_unlock(&console_lock);
}

int echo(struct line *line, char c)
{
	static const char stop[] = "stop";
	unsigned int i = 0;

	if (c != '\n' && c != '\r') {
		line_put(line, c);
		return 0;
	}
	while (i < line->length && i < sizeof(stop) && line->text[i] == stop[i])
		i++;
	if (i == line->length && i == sizeof(stop) - 1)
		return 1;
	if (line->length == sizeof(line->text))
		line->length--;
	line_put(line, '\n');
	line_print(line);
	line->length = 0;
	return 0;
}

void print(const char *format, ...)
{
	struct line line;
	va_list args;

	line.length = 0;
	va_start(args, format);
	line_vadd(&line, format, args);
	va_end(args);
	line_print(&line);
}
