package sessions

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"cnnbench/assets"
	"cnnbench/dataset/augment"
	"cnnbench/nn"
)

// The totals and costs are worked out by hand from the layers, those of the lecture are the lecture's own.
var presetFacts = map[string]struct {
	in     nn.Shape
	total  int
	frozen int
	macs   int64
}{
	"lecture-cnn":       {nn.Shape{24, 24, 3}, 839_107, 0, 8_610_560},
	"lecture-shapes":    {nn.Shape{24, 24, 3}, 839_107, 0, 8_610_560},
	"lecture-plain":     {nn.Shape{24, 24, 1}, 838_531, 0, 22*22*32*9 + 20*20*64*288 + 6400*128 + 128*3},
	"lecture-augmented": {nn.Shape{24, 24, 1}, 838_531, 0, 22*22*32*9 + 20*20*64*288 + 6400*128 + 128*3},
	"lecture-mlp":       {nn.Shape{12}, 5_642, 0, 12*64 + 64*64 + 64*10},
	"lecture-lstm":      {nn.Shape{24, 1}, 4_385, 0, 24*4*32*(1+32) + 32},
	"lecture-linear":    {nn.Shape{1}, 2, 0, 1},
	"lenet5":            {nn.Shape{28, 28, 1}, 61_706, 0, 28*28*6*25 + 10*10*16*150 + 400*120 + 120*84 + 84*10},
	"keras-mnist":       {nn.Shape{28, 28, 1}, 1_199_882, 0, 26*26*32*9 + 24*24*64*288 + 9216*128 + 128*10},
	"vgg-small":         {nn.Shape{32, 32, 3}, 550_570, 0, 1024*32*27 + 1024*32*288 + 256*64*288 + 256*64*576 + 64*128*576 + 64*128*1152 + 2048*128 + 128*10},
	"fashion":           {nn.Shape{28, 28, 1}, 9*32 + 288*32 + 288*64 + 576*64 + 4*(32+32+64+64) + 3136*128 + 128 + 1290, 2 * (32 + 32 + 64 + 64), 784*32*9 + 784*32*288 + 196*64*288 + 196*64*576 + 3136*128 + 128*10},
	"pictures":          {nn.Shape{32, 32, 3}, 27*32 + 288*32 + 288*64 + 576*64 + 576*128 + 1152*128 + 4*2*(32+64+128) + 1290, 2 * 2 * (32 + 64 + 128), 1024*32*27 + 1024*32*288 + 256*64*288 + 256*64*576 + 64*128*576 + 64*128*1152 + 128*10},
	"bn-net":            {nn.Shape{32, 32, 3}, 24_570, 2 * (16 + 32 + 64), 1024*16*27 + 256*32*144 + 64*64*288 + 64*10},
	"mlp":               {nn.Shape{28, 28, 1}, 669_706, 0, 784*512 + 512*512 + 512*10},
	"lstm-rows":         {nn.Shape{28, 28, 1}, 24_458, 0, 28*4*64*(28+64) + 64*10},
}

func TestPresets(t *testing.T) {
	infos := Presets()
	if len(infos) != len(presetFacts) {
		t.Errorf("%d presets, %d in the test", len(infos), len(presetFacts))
	}
	for _, i := range infos {
		t.Run(i.Name, func(t *testing.T) {
			want, ok := presetFacts[i.Name]
			if !ok {
				t.Fatal("not in the test")
			}
			if len(i.Doc) < 20 || len(i.Doc) > 120 || strings.HasPrefix(i.Doc, "#") || !strings.HasSuffix(i.Doc, ".") {
				t.Errorf("described as %q", i.Doc)
			}
			e, err := Preset(i.Name)
			if err != nil {
				t.Fatal(err)
			}
			if e.Name != i.Name {
				t.Errorf("names itself %q", e.Name)
			}
			p, err := Prepare(e, ".")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.In, want.in) || p.Summary.Total != want.total || p.Summary.Total-p.Summary.Trainable != want.frozen || p.Summary.MACs != want.macs {
				t.Errorf("in %v, %d parameters, %d frozen, %d MACs; want %v", p.In, p.Summary.Total, p.Summary.Total-p.Summary.Trainable, p.Summary.MACs, want)
			}
			if p.Validation == nil || p.Test == nil {
				t.Error("not all three parts are there")
			}
		})
	}
}

// The two halves of the lecture's experiment differ in nothing but the augmentation, which is the lecture's.
func TestAugmentationPresets(t *testing.T) {
	plain, err := Preset("lecture-plain")
	if err != nil {
		t.Fatal(err)
	}
	augmented, err := Preset("lecture-augmented", "name=lecture-plain")
	if err != nil {
		t.Fatal(err)
	}
	a := augmented.Data.Augment
	if a.RotationRange != 40 || a.WidthShiftRange.Most != .2 || a.HeightShiftRange.Most != .2 || a.ShearRange != .2 || a.ZoomRange.By != .2 || a.FillMode != "nearest" {
		t.Errorf("augmented by %+v", a)
	}
	augmented.Data.Augment = augment.New()
	if got, want := string(augmented.Encode()), string(plain.Encode()); got != want {
		t.Errorf("without augmentation it is\n%s\nwant\n%s", got, want)
	}
	p, err := Prepare(plain, ".")
	if err != nil || !slices.Equal(p.Data.Train.Counts(), []int{50, 50, 50}) || !slices.Equal(p.Data.Validation.Counts(), []int{200, 200, 200}) {
		t.Errorf("trains on %v, %v", p.Data.Train.Counts(), err)
	}
}

func TestEveryPresetFileIsListed(t *testing.T) {
	files, err := fs.Glob(assets.Presets, "presets/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(path.Base(f), ".yaml"); !IsPreset(name) {
			t.Errorf("%s is in no menu", name)
		}
	}
	if len(files) != len(presets) {
		t.Errorf("%d files, %d presets", len(files), len(presets))
	}
	if _, err := Preset("lecture"); err == nil || !strings.Contains(err.Error(), "lecture-cnn") {
		t.Errorf("an unknown preset gives %v", err)
	}
}

func TestFromSource(t *testing.T) {
	for source, want := range map[string]string{
		"fashion-mini": "units: 10, activation: softmax", "shapes": "units: 3, activation: softmax", "blobs": "units: 10, activation: softmax",
		"line": "dense: {units: 1}", "wave": "lstm: {units: 32}",
	} {
		e, err := new(Store).FromSource(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if text := string(e.Encode()); !strings.Contains(text, want) {
			t.Errorf("%s gives\n%s", source, text)
		}
		if _, err := Prepare(e, "."); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
	if _, err := new(Store).FromSource("nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("no source gives %v", err)
	}
}
