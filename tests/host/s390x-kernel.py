#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""s390x-kernel.py VMLINUZ OUTDIR: decompress an s390x kernel before it boots.

An s390x kernel image is a small decompressor (arch/s390/boot in Linux) with
the kernel proper inside, compressed. Under emulation decompression takes 20
seconds, here one. So this writes

    OUTDIR/kernel.img   the image, its payload replaced by a compressed
                        file of no bytes at all
    OUTDIR/vmlinux.bin  the payload, decompressed

and whoever loads kernel.img at 0 loads vmlinux.bin where the decompressor
would put its output: the decompressor then adds nothing to what is there,
and goes on as always (relocation, page tables). No code is changed.

Prints, for a shell to eval:

    payload_addr    where vmlinux.bin belongs
    free_addr       the first address that the kernel's own start leaves alone

This is known to be so for Linux 6.1 (XZ) and 6.12 to 7.3 (zstd); for the other
compressions from the source of 6.1's decompressors alone. A kernel that looks
different is copied as it is, there is no vmlinux.bin, payload_addr is empty, and the
boot takes longer.
"""

import bz2
import lzma
import re
import struct
import subprocess
import sys
import zlib

PAGE = 4096
SEGMENT = 0x100000
# The kernel's entry point, in struct vmlinux_info, which lies in the image
# before the payload.
KERNEL_LMA = 0x100000
# More than any kernel; its start moves an initrd that is in its way.
FREE_IF_UNKNOWN = 0x8000000


def align(address, size):
    return (address + size - 1) // size * size


def within(start):
    """Decompresses what is at the start of data, by a decompressor of Python's; b"": it is no such thing."""
    def decompress(data):
        try:
            return start().decompress(data)
        except (lzma.LZMAError, zlib.error, OSError, EOFError):
            return b""
    return decompress


def by(*command):
    """As above, by a program. It complains of what follows."""
    def decompress(data):
        try:
            return subprocess.run(command, input=data, check=False, capture_output=True).stdout
        except FileNotFoundError:
            print(f"the kernel may be decompressed by {command[0]}, which is not installed", file=sys.stderr)
            return b""
    return decompress


# How payloads are compressed: what they begin with, how they are decompressed, an empty file, and how much room the kernel's
# decompressor takes behind the image, in arch/s390/boot/decompressor.c.
FORMS = [
    (rb"\xfd7zXZ\0", within(lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ)), lzma.compress(b"", check=lzma.CHECK_CRC32), 0x10000),
    (rb"\x28\xb5\x2f\xfd", by("zstd", "-q", "-c", "-d"), bytes.fromhex("28b52ffd240001000099e9d851"), 0x30000),
    (rb"\x1f\x8b\x08", within(lambda: zlib.decompressobj(31)), bytes.fromhex("1f8b080000000000020303000000000000000000"), 0x10000),
    (rb"BZh[1-9]1AY", within(bz2.BZ2Decompressor), bz2.compress(b""), 0x400000),
    (rb"\x5d\0\0..\xff{8}", within(lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE)), lzma.compress(b"", lzma.FORMAT_ALONE), 0x10000),
    (rb"\x89LZO\0\r\n\x1a\n", by("lzop", "-q", "-c", "-d"),
     bytes.fromhex("894c5a4f000d0a1a0a104020a0094001050300000d000000006b0ad65000000000002b29030b00000000"), 0x10000),
    (rb"\x02\x21\x4c\x18", by("lz4", "-q", "-c", "-d"), bytes.fromhex("02214c1800000000"), 0x10000),
]


def payloads(image):
    """All that may be one: where, its bytes, the same for an empty file, the heap."""
    for magic, decompress, empty, heap in FORMS:
        for found in re.finditer(magic, image, re.DOTALL):
            data = decompress(image[found.start():])
            if data:
                yield found.start(), data, empty, heap


def find_sizes(image, before, payload):
    """From struct vmlinux_info: image_size, bss_size, and whether it is the older
    one, which begins with where the kernel runs (6.1); later ones begin with the
    entry point."""
    want = struct.pack(">Q", KERNEL_LMA)
    at = image.rfind(want, 0, before)
    while at >= 0:
        image_size, bss_size = struct.unpack_from(">QQ", image, at + 8)
        if len(payload) <= image_size < len(payload) + 0x100000:
            return image_size, bss_size, image[at - 8:at] == want
        at = image.rfind(want, 0, at + 7)
    return None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, outdir = sys.argv[1:]
    with open(source, "rb") as f:
        image = f.read()

    for start, payload, empty, heap in payloads(image):
        sizes = find_sizes(image, start, payload)
        if sizes and not len(image) % PAGE:
            break
    else:
        print(f"{source}: its payload is not compressed in a way that we know, or lies elsewhere: it "
              "boots as it is; if it is compressed, some 20 s longer", file=sys.stderr)
        with open(f"{outdir}/kernel.img", "wb") as f:
            f.write(image)
        print(f"payload_addr=\nfree_addr={FREE_IF_UNKNOWN:#x}")
        return

    image_size, bss_size, older = sizes
    with open(f"{outdir}/kernel.img", "wb") as f:
        f.write(image[:start] + empty + image[start + len(empty):])
    with open(f"{outdir}/vmlinux.bin", "wb") as f:
        f.write(payload)

    # 6.1 decompresses behind the heap and moves that to where the kernel runs;
    # later ones decompress to where it runs, which is a segment of its own.
    if older:
        payload_addr = align(len(image) + heap, PAGE)
        free_addr = max(payload_addr + image_size,
                        KERNEL_LMA + image_size + bss_size)
    else:
        payload_addr = align(len(image) + heap, SEGMENT)
        free_addr = align(payload_addr + image_size + bss_size, PAGE)
    print(f"payload_addr={payload_addr:#x}\nfree_addr={free_addr:#x}")


if __name__ == "__main__":
    main()
