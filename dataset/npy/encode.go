package npy

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"strings"
	"unicode/utf8"
)

// Encode writes a as a .npy file. The name is not part of it.
func Encode(w io.Writer, a Array) error {
	if err := a.check(); err != nil {
		return err
	}
	header, err := encodeHeader(a)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err = w.Write(a.Data)
	return err
}

// WriteZip writes the arrays as a .npz file, in their order and uncompressed. The same arrays give the same bytes.
// Names are distinct, not empty and, if they have slashes, such as a path inside a folder has.
func WriteZip(w io.Writer, arrays []Array) error {
	archive := zip.NewWriter(w)
	seen := make(map[string]bool)
	for _, a := range arrays {
		if a.Name == "" || !fs.ValidPath(a.Name+".npy") || !utf8.ValidString(a.Name) {
			return fmt.Errorf("array %q: the name is not one that an archive can have", a.Name)
		}
		if seen[a.Name] {
			return fmt.Errorf("array %q: there are two of this name", a.Name)
		}
		seen[a.Name] = true
		if err := writeEntry(archive, a); err != nil {
			return fmt.Errorf("array %q: %w", a.Name, err)
		}
	}
	return archive.Close()
}

func writeEntry(archive *zip.Writer, a Array) error {
	if err := a.check(); err != nil {
		return err
	}
	header, err := encodeHeader(a)
	if err != nil {
		return err
	}
	size := uint64(len(header) + len(a.Data))
	if size >= math.MaxUint32 {
		return fmt.Errorf("it has %d bytes, more than an entry of this archive can have", size)
	}
	// CreateRaw, because CreateHeader leaves the sizes out of the entry's own header, where some small readers look.
	w, err := archive.CreateRaw(&zip.FileHeader{
		Name:               a.Name + ".npy",
		Method:             zip.Store,
		CreatorVersion:     20,
		ReaderVersion:      20,
		Flags:              0x800,       // the name is UTF-8
		ModifiedDate:       1<<5 | 1<<0, //lint:ignore SA1019 Modified has no effect in CreateRaw; 1980-01-01, the earliest there is
		CRC32:              crc32.Update(crc32.ChecksumIEEE(header), crc32.IEEETable, a.Data),
		CompressedSize64:   size,
		UncompressedSize64: size,
	})
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err = w.Write(a.Data)
	return err
}

// encodeHeader returns everything before a's data, padded so that they begin at a multiple of 64 bytes.
func encodeHeader(a Array) ([]byte, error) {
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", a.DType, tuple(a.Shape))
	const before = len(magic) + 4
	padding := -(before + len(dict) + 1) & 63
	length := len(dict) + padding + 1
	if length > maxHeader {
		return nil, fmt.Errorf("it has %d dimensions, more than the format can have", len(a.Shape))
	}
	out := append(make([]byte, 0, before+length), magic+"\x01\x00"...)
	out = binary.LittleEndian.AppendUint16(out, uint16(length))
	out = append(out, dict...)
	out = append(out, strings.Repeat(" ", padding)...)
	return append(out, '\n'), nil
}
