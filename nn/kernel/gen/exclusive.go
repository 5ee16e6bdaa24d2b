package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// fetchToWrite asks for a line that will be written: with it goes every other core's copy, so that the write need not wait
// for that. Cores that share no cache take five times as long over it as others.
//
// Go's assembler and avo have no PREFETCHW. Until exclusive has seen the file, PREFETCHT2, which nothing else uses, stands
// for it.
func fetchToWrite(m Mem) { PREFETCHT2(m) }

// fetchLines asks for lines in a row.
func fetchLines() {
	TEXT("fetchToWrite", NOSPLIT, "func(x *float32, lines int)")
	Doc("fetchToWrite asks for so many lines from x's on.")
	Pragma("noescape")
	x, lines := Load(Param("x"), GP64()), Load(Param("lines"), GP64())
	Label("loop_fetch")
	fetchToWrite(Mem{Base: x})
	ADDQ(Imm(64), x)
	DECQ(lines)
	JNZ(LabelRef("loop_fetch"))
	RET()
}

// writtenAhead is how many bytes ahead of a stream's writes their lines are asked for.
const writtenAhead = 1024

var (
	placeholder = regexp.MustCompile(`PREFETCHT2\s+(-?[0-9a-fx]*)\((\w+)\)(?:\((\w+)\*4\))?`)
	registers   = []string{"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"}
)

// exclusive puts the bytes of PREFETCHW in the placeholders' place.
func exclusive(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text = placeholder.ReplaceAllFunc(text, func(found []byte) []byte {
		part := placeholder.FindSubmatch(found)
		at := int64(0)
		if len(part[1]) > 0 {
			if at, err = strconv.ParseInt(string(part[1]), 0, 32); err != nil {
				panic(err)
			}
		}
		number := func(part []byte) int { return slices.Index(registers, string(part)) }
		rex, base := 0x40, number(part[2])
		if base >= 8 {
			rex |= 1
		}
		code := fmt.Sprintf("BYTE $0x0f; BYTE $0x0d; BYTE $%#x; ", 0x88+base%8)
		if index := number(part[3]); index >= 0 {
			if index >= 8 {
				rex |= 2
			}
			code = fmt.Sprintf("BYTE $0x0f; BYTE $0x0d; BYTE $0x8c; BYTE $%#02x; ", 2<<6|index%8<<3|base%8)
		} else if base%8 == 4 {
			code += "BYTE $0x24; "
		}
		if rex != 0x40 {
			code = fmt.Sprintf("BYTE $%#x; ", rex) + code
		}
		return fmt.Appendf(nil, "%sLONG $%#08x // PREFETCHW%s", code, uint32(at), found[len("PREFETCHT2"):])
	})
	return os.WriteFile(file, text, 0o644)
}
