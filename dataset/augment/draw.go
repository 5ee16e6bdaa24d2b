package augment

// Source is where numbers are drawn from: *rng.Stream.
type Source interface {
	Float64() float64 // from [0, 1)
	IntN(n int) int   // from 0..n-1
}

func uniform(s Source, lo, hi float64) float64 { return lo + float64((hi-lo)*s.Float64()) }

// Drawn is what was drawn for one picture. The zero value is not the identity: Zx, Zy and Brightness are factors.
type Drawn struct {
	Theta        float64 // degrees
	Tx, Ty       float64 // pixels along the rows (up and down) and the columns
	Shear        float64 // degrees
	Zx, Zy       float64 // factors of the rows' and the columns' coordinates
	FlipH, FlipV bool
	ChannelShift float64 // added to all values
	Brightness   float64 // factor
	CropX, CropY int     // rows and columns that the window is moved by
	Erase        Rectangle
	MixWith      int     // another sample's position in its part
	Mix          float64 // its share; 0: not mixed
}

// Undrawn leaves a picture as it is.
var Undrawn = Drawn{Zx: 1, Zy: 1, Brightness: 1}

// Draw draws for a picture of h rows and w columns, in the order of Keras's get_random_transform; what is off draws
// nothing, but both flips always draw. Crop and erasing come behind, and what DrawMix draws after all.
func (s *Settings) Draw(src Source, h, w int) Drawn {
	d := Undrawn
	if s.RotationRange != 0 {
		d.Theta = uniform(src, -s.RotationRange, s.RotationRange)
	}
	if !s.HeightShiftRange.none() {
		d.Tx = s.HeightShiftRange.draw(src, h)
	}
	if !s.WidthShiftRange.none() {
		d.Ty = s.WidthShiftRange.draw(src, w)
	}
	if s.ShearRange != 0 {
		d.Shear = uniform(src, -s.ShearRange, s.ShearRange)
	}
	if !s.ZoomRange.none() {
		f := s.ZoomRange.factors()
		d.Zx = f.draw(src)
		d.Zy = f.draw(src)
	}
	d.FlipH = src.Float64() < .5 && s.HorizontalFlip
	d.FlipV = src.Float64() < .5 && s.VerticalFlip
	if s.ChannelShiftRange != 0 {
		d.ChannelShift = uniform(src, -s.ChannelShiftRange, s.ChannelShiftRange)
	}
	if s.BrightnessRange != nil {
		d.Brightness = s.BrightnessRange.draw(src)
	}
	if c := s.RandomCrop; c != 0 {
		d.CropX = src.IntN(2*c+1) - c
		d.CropY = src.IntN(2*c+1) - c
	}
	if s.RandomErasing != 0 && src.Float64() < s.RandomErasing {
		d.Erase = drawRectangle(src, s.ErasingArea, h, w)
	}
	return d
}
