// Package augment deforms pictures at random, so that a network never sees the same one twice. It is Keras's
// ImageDataGenerator: its settings, its draws in their order and its mathematics, in the variant that its documentation
// describes (height_shift_range moves along the rows, angles turn clockwise). Random crop, random erasing and mixup
// come after.
//
// What is drawn for a picture depends on a key alone, never on who draws when.
package augment

import (
	"errors"
	"fmt"

	"cnnbench/spec"
)

// Settings say how far pictures may be deformed. The zero value and New deform nothing.
type Settings struct {
	RotationRange     float64 `yaml:"rotation_range" min:"0" max:"360" doc:"turn by up to so much, either way" unit:"degrees"`
	WidthShiftRange   Shift   `yaml:"width_shift_range" doc:"shift left or right by up to so much" unit:"share or pixels"`
	HeightShiftRange  Shift   `yaml:"height_shift_range" doc:"shift up or down by up to so much" unit:"share or pixels"`
	ShearRange        float64 `yaml:"shear_range" min:"0" below:"90" doc:"slant by up to so much, either way; degrees, not radians" unit:"degrees"`
	ZoomRange         Zoom    `yaml:"zoom_range" doc:"z draws factors from 1 - z to 1 + z, rows and columns apart; below 1 enlarges; or both ends" unit:"factor"`
	ChannelShiftRange float64 `yaml:"channel_shift_range" min:"0" doc:"add up to so much to all values, or take it away, before rescale; kept between the picture's own darkest and brightest" unit:"values as stored"`
	BrightnessRange   *Range  `yaml:"brightness_range" doc:"factors of the brightness, darkest and brightest; null: as it is" unit:"factor"`
	HorizontalFlip    bool    `yaml:"horizontal_flip" doc:"mirror left and right half of the time"`
	VerticalFlip      bool    `yaml:"vertical_flip" doc:"mirror top and bottom half of the time"`
	FillMode          string  `yaml:"fill_mode" oneof:"constant nearest reflect wrap" doc:"what lies outside the picture: cval, its border, its mirror image, or the picture again"`
	Cval              float64 `yaml:"cval" doc:"the value outside with fill_mode: constant, and of erased rectangles, before rescale" unit:"values as stored"`
	RandomCrop        int     `yaml:"random_crop" min:"0" max:"4096" doc:"frame the picture with so much on every side, by fill_mode, and cut one of its own size out of that" unit:"pixels"`
	RandomErasing     float64 `yaml:"random_erasing" min:"0" max:"1" doc:"erase a rectangle in this share of the pictures" unit:"share"`
	ErasingArea       Range   `yaml:"erasing_area" doc:"smallest and largest share of the picture that is erased" unit:"share"`
	Mixup             float64 `yaml:"mixup" min:"0" max:"1" doc:"mix each picture and its target with another one's, by shares from Beta(a, a); 0 mixes nothing, 1 in all shares alike" unit:"a of Beta(a, a)"`
}

// New is no augmentation, with Keras's fill_mode.
func New() Settings {
	return Settings{FillMode: "nearest", ErasingArea: Range{.02, .33}}
}

// Active reports whether the settings change anything.
func (s *Settings) Active() bool {
	return s.affine() || s.ChannelShiftRange != 0 || s.BrightnessRange != nil || s.HorizontalFlip || s.VerticalFlip ||
		s.RandomCrop != 0 || s.RandomErasing != 0 || s.Mixup != 0
}

// affine reports whether pictures are warped.
func (s *Settings) affine() bool {
	return s.RotationRange != 0 || !s.WidthShiftRange.none() || !s.HeightShiftRange.none() || s.ShearRange != 0 || !s.ZoomRange.none()
}

// Validate checks what the settings' own bounds do not.
func (s Settings) Validate() error {
	if b := s.BrightnessRange; b != nil && b[0] < 0 {
		return &spec.FieldError{Key: "brightness_range", Err: fmt.Errorf("found %v, needs factors of 0 or more", b[0])}
	}
	if a := s.ErasingArea; s.RandomErasing > 0 && (a[0] <= 0 || a[1] >= 1) {
		return &spec.FieldError{Key: "erasing_area", Err: errors.New("needs shares above 0 and below 1, such as [0.02, 0.33]")}
	}
	return nil
}

// Fits says whether samples of a shape can be augmented: pictures [rows, columns, channels].
func (s *Settings) Fits(shape []int) error {
	if len(shape) != 3 {
		return fmt.Errorf("samples of shape %v are no pictures [rows, columns, channels]; leave augment out", shape)
	}
	if c := s.RandomCrop; c >= shape[0] || c >= shape[1] {
		if c > 0 {
			return &spec.FieldError{Key: "random_crop", Err: fmt.Errorf("found %d for pictures of %d by %d, needs less than a side", c, shape[0], shape[1])}
		}
	}
	return nil
}
