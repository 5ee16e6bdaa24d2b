package augment

import "sync"

// Augmenter deforms pictures of one shape. It may be used by several goroutines.
type Augmenter struct {
	settings Settings
	h, w, c  int
	fill     fillMode
	cval     float32
	bytes    bool
	scratch  sync.Pool // of *[]float32
}

// NewAugmenter is for pictures [h, w, c], which must be Fit; bytes says that their values are 0 to 255, whole numbers.
func NewAugmenter(s Settings, h, w, c int, bytes bool) *Augmenter {
	if s.FillMode == "" {
		s.FillMode = "nearest"
	}
	a := &Augmenter{settings: s, h: h, w: w, c: c, fill: fillModes[s.FillMode], cval: float32(s.Cval), bytes: bytes}
	a.scratch.New = func() any {
		room := make([]float32, h*w*c+behind(w, c)) // the rest stays 0
		return &room
	}
	return a
}

// Draw draws what a picture goes through.
func (a *Augmenter) Draw(src Source) Drawn { return a.settings.Draw(src, a.h, a.w) }

// Apply deforms the picture x [h, w, c], in Keras's order: rotation, shift, shear and zoom in one, the channels' shift,
// the flips, the brightness; then crop and erasing.
func (a *Augmenter) Apply(x []float32, d *Drawn) {
	x = x[:a.h*a.w*a.c]
	if m := d.matrix(a.h, a.w); m != identity {
		src := a.copy(x)
		a.warp(x, *src, &m, d.FlipH, d.FlipV)
		a.scratch.Put(src)
	} else {
		if d.FlipV {
			flipRows(x, a.h)
		}
		if d.FlipH {
			flipColumns(x, a.h, a.c)
		}
	}
	if d.ChannelShift != 0 { // after the flips, which change neither values nor extent
		channelShift(x, float32(d.ChannelShift))
	}
	switch {
	case a.settings.BrightnessRange == nil:
	case a.bytes:
		brightenBytes(x, float32(d.Brightness))
	default:
		brighten(x, float32(d.Brightness))
	}
	if d.CropX != 0 || d.CropY != 0 {
		src := a.copy(x)
		a.crop(x, *src, d.CropX, d.CropY)
		a.scratch.Put(src)
	}
	erase(x, a.w, a.c, d.Erase, a.cval)
}

// copy is the picture in a buffer with room behind it.
func (a *Augmenter) copy(x []float32) *[]float32 {
	room := a.scratch.Get().(*[]float32)
	copy(*room, x)
	return room
}
