/* SPDX-License-Identifier: BSD-2-Clause */
/* ebcdic.h: ASCII and EBCDIC, code page 500 (international). Pure. */
#ifndef DEVICES_EBCDIC_H
#define DEVICES_EBCDIC_H

#include <stddef.h>
#include <stdint.h>

/* In place. A byte that the other code has no character for becomes its question mark. */
void ebcdic_from_ascii(uint8_t *text, size_t len);
void ebcdic_to_ascii(uint8_t *text, size_t len);

#endif
