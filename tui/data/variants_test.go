package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/dataset"
	"cnnbench/sessions"
)

// bent is a small experiment with the lecture's augmentation.
const bent = `seed: 42
data:
  source: shapes
  limit: 60
  split: {validation: 9}
  augment: {rotation_range: 40, width_shift_range: 0.2, height_shift_range: 0.2, shear_range: 0.2, zoom_range: 0.2, horizontal_flip: true}
model: {layers: [flatten, dense: {units: 3, activation: softmax}]}
fit: {batch_size: 8%s}
`

// The variants are the pictures that the training takes, in the epoch and the batch that stand there.
func TestVariants(t *testing.T) {
	for name, fit := range map[string]string{"whole epochs": "", "epochs of 3 steps": ", steps_per_epoch: 3", "in order": ", shuffle: false"} {
		b := open(t, plain, fmt.Sprintf(bent, fit))
		s := b.s
		b.press("A", ".", ".", ">", ">")
		if s.pass != 2 || !s.panes.Is(paneSample) {
			t.Fatalf("%s: pass %d", name, s.pass)
		}
		i, train := s.list[s.at], s.data.Train
		tiles := s.variants.tiles
		if len(tiles) != 1+variantsShown || s.variants.of.i != i {
			t.Fatalf("%s: %d tiles of sample %d", name, len(tiles), s.variants.of.i)
		}
		want := make([]float32, 24*24*3)
		if err := train.Read(want, i); err != nil || !slices.Equal(tiles[0].item.V, want) {
			t.Errorf("%s: the first tile is not the original, %v", name, err)
		}
		seen := training(b.app.Draft.Experiment(), train, i)
		for k, v := range tiles[1:] {
			pass := s.pass + k
			drawn, err := train.Augmented(want, i, pass)
			if err != nil || !slices.Equal(v.item.V, want) {
				t.Errorf("%s: variant %d is not that of pass %d, %v", name, k, pass, err)
			}
			words := strings.Join(v.words, " ")
			if at := fmt.Sprintf("epoch %d batch %d ", seen[pass][0], seen[pass][1]); !strings.HasPrefix(words, at) || !strings.Contains(words, fmt.Sprintf(" theta %.1f° tx %.1f ty ", drawn.Theta, drawn.Tx)) {
				t.Errorf("%s: variant %d says %q, the training has %s", name, k, words, at)
			}
			if drawn.FlipH != strings.Contains(words, "flip_h") || strings.Contains(words, "flip_v") {
				t.Errorf("%s: variant %d says %q of %+v", name, k, words, drawn)
			}
		}
	}
}

// training finds the epoch and the batch, both from 1, at which each pass takes a sample.
func training(e *sessions.Experiment, part *dataset.Part, sample int) map[int][2]int {
	steps := e.Fit.Steps(part.Len())
	stream, found := e.Fit.Stream(part.Len(), e.Seed), map[int][2]int{}
	for step := 0; len(found) < 12; step++ {
		if pass, index := stream.Next(); slices.Contains(index, sample) {
			found[pass] = [2]int{step/steps + 1, step%steps + 1}
		}
	}
	return found
}

// A small window shows them all as well, with the numbers of the one with the cursor.
func TestVariantsView(t *testing.T) {
	b := open(t, plain, fmt.Sprintf(bent, ""))
	b.press("A", "right", "right")
	for _, size := range [][2]int{{w80, h24}, {120, 25}, {w160, h50}, {40, 12}, {20, 5}, {3, 3}} {
		exact(t, b.s, size[0], size[1])
		v := ansi.Strip(b.s.View(size[0], size[1]))
		if size[0] < 80 {
			continue
		}
		words := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "┃", " ", "▌", " ").Replace(v)), " ")
		for k, tile := range b.s.variants.tiles {
			if !strings.Contains(words, tile.words[0]) {
				t.Errorf("%v: no %q", size, tile.words[0])
			}
			for _, word := range tile.words {
				if (k == 2 || size[0] == w160) && !strings.Contains(words, word) {
					t.Errorf("%v: no %q", size, word)
				}
			}
		}
	}
	b.s.View(w80, h24)
	b.do(b.s.Update(tea.MouseClickMsg{X: 5, Y: 3})) // the first tile
	if b.s.variants.at != 0 {
		t.Errorf("the click went to variant %d", b.s.variants.at)
	}
	b.press("A")
	if b.s.varies() || !b.s.panes.Is(paneSamples) {
		t.Error("A does not go back")
	}
	b.press("A", "p") // the validation is not augmented
	if b.s.varies() || b.why("A") != wordNoAugment {
		t.Error("the validation has variants")
	}
	if why := open(t, plain, small).why("A"); why != wordNoAugment {
		t.Errorf("variants without augmentation: %q", why)
	}
}
