package augment

import (
	"reflect"
	"strings"
	"testing"

	"cnnbench/spec"
)

func read(text string) (Settings, error) {
	d := spec.Decoder{}
	n, err := d.Parse([]byte(text))
	if err != nil {
		return Settings{}, err
	}
	s := New()
	return s, d.Decode(n, "augment", &s)
}

func TestSettings(t *testing.T) {
	s, err := read("{rotation_range: 40, width_shift_range: 3.0, height_shift_range: [1, 4], shear_range: 0.2, zoom_range: [0.9, 1.5], brightness_range: [0.8, 1], fill_mode: wrap, random_crop: 4}")
	if err != nil {
		t.Fatal(err)
	}
	want := New()
	want.RotationRange, want.ShearRange, want.RandomCrop, want.FillMode = 40, .2, 4, "wrap"
	want.WidthShiftRange, want.HeightShiftRange = Shift{Most: 3}, Shift{Of: []float64{1, 4}}
	want.ZoomRange, want.BrightnessRange = Zoom{Factor: &Range{.9, 1.5}}, &Range{.8, 1}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v, want %+v", s, want)
	}
	if !s.Active() {
		t.Error("not active")
	}
}

// TestSettingsSurvive: what is written is read back.
func TestSettingsSurvive(t *testing.T) {
	for _, text := range []string{"{}", "{width_shift_range: 3.0}", "{width_shift_range: 3}", "{width_shift_range: 0.2}", "{width_shift_range: 0.00001}",
		"{height_shift_range: [0.1, 0.3]}", "{zoom_range: 0.2}", "{zoom_range: [0.5, 1]}", "{brightness_range: [0.8, 1.25]}", "{erasing_area: [0.1, 0.2]}"} {
		s, err := read(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for _, written := range []string{spec.Text(s)} {
			again, err := read(written)
			if err != nil || !reflect.DeepEqual(s, again) {
				t.Errorf("%s became %s: %+v, %v", text, written, again, err)
			}
		}
		defaults := New()
		if n := spec.Node(s, &defaults); (len(n.Content) == 0) != (text == "{}") {
			t.Errorf("%s: %d nodes beside the defaults", text, len(n.Content))
		}
		if c := spec.Clone(s); !reflect.DeepEqual(s, c) {
			t.Errorf("%s: cloned as %+v", text, c)
		}
	}
}

func TestSettingsMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"{rotation_range: -1}":                          "rotation_range: found \"-1\", needs a number from 0 to 360",
		"{shear_range: 90}":                             "shear_range: found \"90\"",
		"{zoom_range: 1}":                               "zoom_range: found \"1\", needs a number from 0 to below 1",
		"{zoom_range: [2, 1]}":                          "zoom_range: found [2, 1], needs",
		"{zoom_range: [0, 1]}":                          "zoom_range: found [0, 1], needs",
		"{width_shift_range: 1}":                        "needs 1.0 for up to a pixel, or 2 for a whole one",
		"{width_shift_range: -3}":                       "width_shift_range: found \"-3\"",
		"{width_shift_range: [a]}":                      "width_shift_range: found [a]",
		"{width_shift_range: []}":                       "width_shift_range: found []",
		"{width_shift_range: .inf}":                     "width_shift_range: found \".inf\"",
		"{width_shift_range: {}}":                       "width_shift_range: found a map",
		"{brightness_range: 0.5}":                       "brightness_range: found \"0.5\", needs the lowest and the highest",
		"{brightness_range: [-1, 1]}":                   "brightness_range: found -1",
		"{fill_mode: mirror}":                           "needs one of constant, nearest, reflect, wrap",
		"{random_erasing: 2}":                           "needs a number from 0 to 1",
		"{random_erasing: 0.5, erasing_area: [0, 0.5]}": "erasing_area: needs shares above 0",
		"{rotation: 3}":                                 "rotation_range",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
}

func TestFits(t *testing.T) {
	s := New()
	s.RandomCrop = 8
	if err := s.Fits([]int{28, 28, 1}); err != nil {
		t.Error(err)
	}
	if err := s.Fits([]int{8, 28, 1}); err == nil || !strings.Contains(err.Error(), "random_crop") {
		t.Error(err)
	}
	if err := s.Fits([]int{28}); err == nil || !strings.Contains(err.Error(), "no pictures") {
		t.Error(err)
	}
}
