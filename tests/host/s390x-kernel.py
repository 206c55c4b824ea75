#!/usr/bin/env python3
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

This is known to be so for Linux 6.1. A kernel that looks different (6.12 has a
zstd payload and decompresses it to elsewhere) is copied as it is, there is no
vmlinux.bin, payload_addr is empty, and the boot takes longer.
"""

import lzma
import struct
import sys

XZ_MAGIC = b"\xfd7zXZ\0"

PAGE = 4096
# arch/s390/boot/vmlinux.lds.S and startup.c: the output goes to the first
# page after the image and the decompressor's heap of 64 KiB.
HEAP = 0x10000
# Where the kernel runs, and its entry point: the first two words of
# struct vmlinux_info, which lies in the image before the payload.
KERNEL_LMA = 0x100000
# More than any kernel; its start moves an initrd that is in its way.
FREE_IF_UNKNOWN = 0x8000000


def find_xz(image):
    """The payload: (start, end, its bytes, the same for an empty file)."""
    start = image.find(XZ_MAGIC)
    while start >= 0:
        xz = lzma.LZMADecompressor(lzma.FORMAT_XZ)
        try:
            data = xz.decompress(image[start:])
            if xz.eof:
                empty = lzma.compress(b"", check=lzma.CHECK_CRC32)
                return start, len(image) - len(xz.unused_data), data, empty
        except lzma.LZMAError:
            pass
        start = image.find(XZ_MAGIC, start + 1)
    return None


def find_sizes(image, before, payload):
    """image_size and bss_size from struct vmlinux_info."""
    want = struct.pack(">QQ", KERNEL_LMA, KERNEL_LMA)
    at = image.rfind(want, 0, before)
    while at >= 0:
        image_size, bss_size = struct.unpack_from(">QQ", image, at + 16)
        if len(payload) <= image_size < len(payload) + 0x100000:
            return image_size, bss_size
        at = image.rfind(want, 0, at)
    return None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, outdir = sys.argv[1:]
    with open(source, "rb") as f:
        image = f.read()

    found = find_xz(image)
    sizes = found and find_sizes(image, found[0], found[2])
    if not sizes or len(image) % PAGE:
        print(f"{source}: not a kernel that can be decompressed in advance; "
              "it boots, but takes longer", file=sys.stderr)
        with open(f"{outdir}/kernel.img", "wb") as f:
            f.write(image)
        print(f"payload_addr=\nfree_addr={FREE_IF_UNKNOWN:#x}")
        return

    start, end, payload, empty = found
    image_size, bss_size = sizes
    stub = image[:start] + empty.ljust(end - start, b"\0") + image[end:]
    with open(f"{outdir}/kernel.img", "wb") as f:
        f.write(stub)
    with open(f"{outdir}/vmlinux.bin", "wb") as f:
        f.write(payload)

    payload_addr = (len(image) + HEAP + PAGE - 1) // PAGE * PAGE
    free_addr = max(payload_addr + image_size,
                    KERNEL_LMA + image_size + bss_size)
    print(f"payload_addr={payload_addr:#x}\nfree_addr={free_addr:#x}")


main()
