package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Sizes of the groups' nodes. A tree node has room for 2*treeHalf leaves, a leaf for 2*leafHalf members; leaves are
// larger only where a group has more members than that.
const (
	leafHalf = 4
	treeHalf = 16
)

const superblockSize = 96

// encoder writes a file from its start to its end.
type encoder struct {
	b    []byte
	half int // of a leaf
}

// Encode writes the tree. The members of each group must have distinct names, and are written in the order of these.
// An attribute must be a single string, or numbers.
func Encode(root *Object) ([]byte, error) {
	e := &encoder{b: make([]byte, superblockSize), half: leafHalf}
	e.half = max(e.half, (widest(root)+4*treeHalf-1)/(4*treeHalf))
	if 2*e.half > 1<<15 {
		return nil, errors.New("a group has too many members")
	}
	header, tree, heap, err := e.object(root)
	if err != nil {
		return nil, err
	}
	s := append(e.b[:0:0], signature...)
	s = append(s, 0, 0, 0, 0, 0, 8, 8, 0)
	s = put(s, 2, e.half)
	s = put(s, 2, treeHalf)
	s = put(s, 4, 0)
	s = put(s, 8, 0)
	s = binary.LittleEndian.AppendUint64(s, undefined)
	s = put(s, 8, len(e.b))
	s = binary.LittleEndian.AppendUint64(s, undefined)
	s = put(s, 8, 0)
	s = put(s, 8, header)
	s = put(s, 4, 1) // what follows is the group's tree and heap
	s = put(s, 4, 0)
	s = put(s, 8, tree)
	s = put(s, 8, heap)
	copy(e.b, s)
	return e.b, nil
}

// widest is the largest number of members of a group.
func widest(o *Object) int {
	n := len(o.Members)
	for _, m := range o.Members {
		n = max(n, widest(m))
	}
	return n
}

// put appends the n lowest bytes of v.
func put(b []byte, n, v int) []byte {
	for i := range n {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

// pad appends zeros up to the next multiple of 8.
func pad(b []byte) []byte { return append(b, make([]byte, -len(b)&7)...) }

// add writes a block at the next multiple of 8 and returns its address.
func (e *encoder) add(block []byte) int {
	e.b = pad(e.b)
	at := len(e.b)
	e.b = append(e.b, block...)
	return at
}

// object writes an object and all below it. Of a group it also returns the addresses of its tree and its heap.
func (e *encoder) object(o *Object) (header, tree, heap int, err error) {
	var messages [][]byte // each with its type before it
	if o.Data == nil {
		if tree, heap, err = e.members(o.Members); err != nil {
			return 0, 0, 0, err
		}
		messages = append(messages, kind(msgSymbolTable, put(put(nil, 8, tree), 8, heap)))
	} else {
		layout := append([]byte{3, 1}, binary.LittleEndian.AppendUint64(nil, undefined)...)
		if len(o.Data.raw) > 0 {
			layout = put(layout[:2], 8, e.add(o.Data.raw))
		}
		layout = put(layout, 8, len(o.Data.raw))
		messages = append(messages, kind(msgDataspace, space(o.Data.Shape)), kind(msgDatatype, o.Data.Type.encode()),
			kind(msgFill, []byte{2, 2, 0, 1, 0, 0, 0, 0}), kind(msgLayout, layout))
	}
	for _, a := range o.Attributes {
		m, err := a.encode()
		if err != nil {
			return 0, 0, 0, fmt.Errorf("%s: %w", o.Name, err)
		}
		messages = append(messages, kind(msgAttribute, m))
	}
	var body []byte
	for _, m := range messages {
		text := pad(slices.Clone(m[2:]))
		body = append(body, m[:2]...)
		body = put(body, 2, len(text))
		body = append(body, 0, 0, 0, 0)
		body = append(body, text...)
	}
	h := put([]byte{1, 0}, 2, len(messages))
	h = put(h, 4, 1)
	h = put(h, 4, len(body))
	h = put(h, 4, 0)
	return e.add(append(h, body...)), tree, heap, nil
}

// msgFill is the type of the message that says what unwritten values are.
const msgFill = 0x05

// kind puts a message's type before it.
func kind(k int, m []byte) []byte { return append(put(nil, 2, k), m...) }

// members writes a group's members, their names and the tree that lists them.
func (e *encoder) members(members []*Object) (tree, heap int, err error) {
	names := make([]byte, 8) // the empty name, which is less than all
	var leaves, keys []int
	var leaf []byte
	at := 0 // of the last name
	flush := func() {
		if len(leaf) == 0 {
			return
		}
		block := append([]byte("SNOD"), 1, 0)
		block = put(block, 2, len(leaf)/symbolSize)
		block = append(block, leaf...)
		block = append(block, make([]byte, 8+2*e.half*symbolSize-len(block))...)
		leaves = append(leaves, e.add(block))
		keys = append(keys, at)
		leaf = nil
	}
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, func(a, b *Object) int { return strings.Compare(a.Name, b.Name) })
	for i, m := range sorted {
		if m.Name == "" || m.Name == "." || strings.ContainsAny(m.Name, "/\x00") || len(m.Name) > maxName || i > 0 && m.Name == sorted[i-1].Name {
			return 0, 0, fmt.Errorf("a member of a group has the name %q, which cannot be or stands there twice", m.Name)
		}
		header, tree, heap, err := e.object(m)
		if err != nil {
			return 0, 0, err
		}
		at = len(names)
		names = pad(append(append(names, m.Name...), 0))
		leaf = put(put(leaf, 8, at), 8, header)
		if m.Data == nil {
			leaf = put(put(put(leaf, 8, 1), 8, tree), 8, heap)
		} else {
			leaf = put(put(put(leaf, 8, 0), 8, 0), 8, 0)
		}
		if len(leaf) == 2*e.half*symbolSize {
			flush()
		}
	}
	flush()
	node := append([]byte("TREE"), 0, 0)
	node = put(node, 2, len(leaves))
	node = binary.LittleEndian.AppendUint64(node, undefined)
	node = binary.LittleEndian.AppendUint64(node, undefined)
	node = put(node, 8, 0)
	for i := range leaves {
		node = put(put(node, 8, leaves[i]), 8, keys[i])
	}
	node = append(node, make([]byte, 24+16*2*treeHalf+8-len(node))...)
	tree = e.add(node)
	const noneFree = 1
	h := append([]byte("HEAP"), 0, 0, 0, 0)
	h = put(put(h, 8, len(names)), 8, noneFree)
	h = put(h, 8, e.add(names))
	return tree, e.add(h), nil
}

// symbolSize is that of a member's entry in a leaf.
const symbolSize = 40

// space is the message of a shape.
func space(shape []int) []byte {
	b := []byte{1, byte(len(shape)), 0, 0, 0, 0, 0, 0}
	for _, d := range shape {
		b = put(b, 8, d)
	}
	return b
}

// encode is the message of a type.
func (t Type) encode() []byte {
	switch t.Class {
	case Float:
		b := put([]byte{0x11, 0x20, 8*byte(t.Size) - 1, 0}, 4, t.Size)
		if t.Size == 4 {
			return append(b, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0)
		}
		return append(b, 0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0)
	case Signed, Unsigned:
		sign := byte(0)
		if t.Class == Signed {
			sign = 8
		}
		return append(put([]byte{0x10, sign, 0, 0}, 4, t.Size), 0, 0, 8*byte(t.Size), 0)
	}
	return put([]byte{0x13, 0x11, 0, 0}, 4, t.Size) // filled up with zeros, UTF-8
}

// encode is the message of an attribute.
func (a *Attribute) encode() ([]byte, error) {
	v := a.Value
	if v.Type.Class == Other || v.Type.Class == Variable || len(v.raw) > 1<<15 || len(a.Name) > maxName {
		return nil, fmt.Errorf("the attribute %.40q cannot be written: it is neither a short string nor a few numbers", a.Name)
	}
	name := append([]byte(a.Name), 0)
	kind, shape := v.Type.encode(), space(v.Shape)
	b := []byte{1, 0}
	b = put(put(put(b, 2, len(name)), 2, len(kind)), 2, len(shape))
	b = append(append(append(b, pad(name)...), pad(kind)...), shape...)
	return append(b, v.raw...), nil
}
