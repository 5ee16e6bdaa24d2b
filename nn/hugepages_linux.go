package nn

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of one on amd64 and mostly on arm64, in bytes.
const hugePage = 2 << 20

// wantHugePages asks the system to back the memory with huge pages where whole ones fit: a step walks through all of it,
// and each page of 4 KiB would need its own translation. If the system declines, nothing changes.
func wantHugePages(block []float32) {
	size := 4 * len(block)
	if size < 2*hugePage {
		return
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(block))), size)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(bytes)))) & (hugePage - 1)
	if whole := (size - skip) &^ (hugePage - 1); whole > 0 {
		_ = unix.Madvise(bytes[skip:skip+whole], unix.MADV_HUGEPAGE)
	}
}
