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

This is known to be so for Linux 6.1 (XZ) and 6.12 to 7.3 (zstd). A kernel that
looks different is copied as it is, there is no vmlinux.bin, payload_addr is
empty, and the boot takes longer.
"""

import lzma
import struct
import subprocess
import sys

XZ_MAGIC = b"\xfd7zXZ\0"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

PAGE = 4096
SEGMENT = 0x100000
# arch/s390/boot/decompressor.c: what comes behind the image is the
# decompressor's heap, which is larger for zstd.
HEAP_XZ = 0x10000
HEAP_ZSTD = 0x30000
# The kernel's entry point, in struct vmlinux_info, which lies in the image
# before the payload.
KERNEL_LMA = 0x100000
# More than any kernel; its start moves an initrd that is in its way.
FREE_IF_UNKNOWN = 0x8000000


def align(address, size):
    return (address + size - 1) // size * size


def decompress_xz(data):
    """What is compressed at the start of data; None: it is no such thing."""
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)
    except lzma.LZMAError:
        return None


def zstd(option, data):
    return subprocess.run(["zstd", "-q", "-c", option], input=data, check=False,
                          capture_output=True).stdout


def decompress_zstd(data):
    """As above. The program complains of what follows, which is no zstd."""
    return zstd("-d", data)


def payloads(image):
    """All that may be one: where, its bytes, the same for an empty file, the heap."""
    forms = [(XZ_MAGIC, decompress_xz, HEAP_XZ,
              lambda: lzma.compress(b"", check=lzma.CHECK_CRC32)),
             (ZSTD_MAGIC, decompress_zstd, HEAP_ZSTD, lambda: zstd("-1", b""))]
    for magic, decompress, heap, empty in forms:
        start = image.find(magic)
        while start >= 0:
            data = decompress(image[start:])
            if data:
                yield start, data, empty(), heap
            start = image.find(magic, start + 1)


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
        print(f"{source}: its payload is not of xz or zstd, or lies elsewhere than we know: it "
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


main()
