package inspect

import (
	"fmt"
	"strings"

	"cnnbench/sessions"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/theme"
)

// captionW is the cells that the words below a tile need, and fewest as many tiles as a page should have.
const (
	captionW = 12
	fewest   = 6
)

// drawSamples draws a page of samples with what the network says of them.
func (s *Screen) drawSamples(w, h int, focused bool) string {
	t := s.app.Theme
	p := s.pane(wordSamples, focused)
	if s.result == nil {
		return s.nothing(p, w, h)
	}
	p.Title = s.listTitle()
	s.cap, s.cols, s.tile = 0, 1, nil
	if len(s.list) == 0 {
		words := wordNone
		if s.only == wrongOnly && s.filter[1] == every {
			words = wordAllRight
		}
		p.Body = " " + t.Dim.Render(layout.Cut(words, w-4))
		return t.Draw(p, w, h)
	}
	if err := s.window.Err(); err != nil {
		p.Body = " " + t.Bad.Render(layout.Cut(theme.Bad+" "+err.Error(), w-4))
		return t.Draw(p, w, h)
	}
	shape := s.result.data.Data.Shape
	sheet := s.sheet(shape, w-2, h-2)
	s.cap, s.cols, s.tile = sheet.Cap(), sheet.Cols, sheet.At
	if s.cap == 0 {
		return t.Draw(p, w, h)
	}
	first := s.at / s.cap * s.cap
	last := min(first+s.cap, len(s.list))
	p.Foot = fmt.Sprintf("%s–%s of %s", figure.Thousands(first+1), figure.Thousands(last), figure.Thousands(len(s.list)))
	style, look := s.style(), s.look()
	tiles := make([]picture.Tile, last-first)
	for i := range tiles {
		tiles[i].Words = s.captions(&s.result.eval.Predictions[s.list[first+i]], sheet.TileW)
		if it, ok := s.window.Tile(first + i); ok {
			tiles[i].Lines = s.tileLines(style, look, it, sheet.TileW, sheet.TileH)
		}
	}
	p.Body = sheet.Draw(t, tiles, s.at-first, focused)
	return t.Draw(p, w, h)
}

// sheet lays tiles for samples of a shape out in w x h cells: smaller ones where only one or two would fit.
func (s *Screen) sheet(shape []int, w, h int) picture.Sheet {
	const words = 2
	tw, th := picture.TileSize(shape, s.zoom)
	if single(shape) {
		tw, th = captionW, 1
	}
	kind := picture.KindOf(shape)
	for {
		sheet := picture.NewSheet(w, h, max(tw, captionW), th, words)
		switch {
		case s.zoom != 0 || sheet.Cap() >= fewest:
			return sheet
		case kind == picture.Picture && th > 5:
			th--
			tw = tw * th / (th + 1)
		case kind != picture.Picture && tw > captionW:
			tw = max(tw*3/4, captionW)
		case kind != picture.Picture && th > 3:
			th--
		default:
			return sheet
		}
	}
}

// single says that samples are one number each, which is written and not drawn.
func single(shape []int) bool { return len(shape) == 1 && shape[0] == 1 }

// tileLines draws a sample as a tile.
func (s *Screen) tileLines(style picture.Style, look picture.Look, it picture.Item, w, h int) []string {
	if single(it.Shape) && h == 1 {
		return []string{layout.Fit("x "+short(it.V[0]), w)}
	}
	return style.Sample(it.Shape, it.V, look, w, h)
}

// look is how the samples' values are coloured: one range for all that are in memory.
func (s *Screen) look() picture.Look {
	lo, hi := s.window.Range()
	return picture.Look{Lo: lo, Hi: hi}
}

// captions are the two lines of w cells below a tile: what the network says, and what is true.
func (s *Screen) captions(q *sessions.Prediction, w int) []string {
	t, e := s.app.Theme, s.result.eval
	if e.Classes == nil {
		return []string{"says " + short(q.Values[0]), t.Dim.Render("true " + short(q.Target[0]))}
	}
	sure := " " + twoDigits(q.Probability())
	sign := verdict(t, q.Class == q.Label)
	said := layout.Cut(e.Classes[q.Class], w-2-len(sure)) + sure
	if q.Class == q.Label {
		return []string{sign + " " + said, ""}
	}
	return []string{sign + " " + said, t.Dim.Render("is " + e.Classes[q.Label])}
}

// verdict is the sign of a right or wrong answer.
func verdict(t *theme.Theme, right bool) string {
	if right {
		return t.Good.Render(theme.Good)
	}
	return t.Bad.Render(theme.Bad)
}

// drawSample draws the sample with the cursor, or in the maps the one that they are of, and what the network says of it.
func (s *Screen) drawSample(w, h int, focused bool) string {
	t := s.app.Theme
	p := s.pane(wordSample, focused)
	if s.result == nil {
		return s.nothing(p, w, h)
	}
	if s.view == viewMaps && s.maps.own && s.own.answer != nil {
		p.Title = s.own.name()
		p.Body = s.answer(s.own.answer, picture.Item{Shape: s.result.data.In, V: s.own.x}, w-2, h-2)
		return t.Draw(p, w, h)
	}
	q := s.now()
	if q == nil {
		p.Body = " " + t.Dim.Render(layout.Cut(wordNone, w-4))
		return t.Draw(p, w, h)
	}
	p.Title = fmt.Sprintf("%s %d", wordSample, q.Index)
	p.Foot = fmt.Sprintf("%s of %s", figure.Thousands(s.at+1), figure.Thousands(len(s.list)))
	it, _ := s.window.One(s.at)
	p.Body = s.answer(q, it, w-2, h-2)
	return t.Draw(p, w, h)
}

// answer draws a sample and what the network says of it in w x h cells: side by side where there is room, else one above
// the other.
func (s *Screen) answer(q *sessions.Prediction, it picture.Item, w, h int) string {
	wide := w >= 76
	textW := w - 2
	if wide {
		textW = min(w/2-2, 52)
	}
	words := s.verdictLines(q, textW)
	least := min(len(words)+4, h) // the answer and the likeliest classes
	if !wide {
		least = min(len(words)+min(max(len(q.Values), 1), 3)+1, h)
	}
	pictureW, pictureH := w-2, h-least
	if wide {
		pictureW, pictureH = w-textW-4, h
	}
	drawn := s.drawn(it, pictureW, pictureH)
	if wide {
		text := append(words, "")
		text = append(text, s.chances(q, textW, h-len(text))...)
		var out []string
		for y := range h {
			left, right := layout.Spaces(pictureW), ""
			if y < len(drawn) {
				left = drawn[y]
			}
			if y < len(text) {
				right = text[y]
			}
			out = append(out, " "+left+"  "+right)
		}
		return strings.Join(out, "\n")
	}
	lines := append(drawn, words...)
	lines = append(lines, s.chances(q, textW, h-len(lines))...)
	return " " + strings.Join(lines, "\n ")
}

// drawn is the sample in lines of w cells, at most h.
func (s *Screen) drawn(it picture.Item, w, h int) []string {
	if it.V == nil || w < 2 || h < 2 {
		return nil
	}
	style := s.style()
	look := s.look()
	if s.view == viewOwn || s.maps.own {
		look.Lo, look.Hi = picture.Range(it.V)
	}
	if picture.KindOf(it.Shape) == picture.Picture {
		_, high := picture.Fit(it.Shape[0], it.Shape[1], w, h)
		return style.Sample(it.Shape, it.V, look, w, high)
	}
	if len(it.V) == 1 {
		return []string{layout.Fit(s.app.Theme.Dim.Render("input ")+short(it.V[0]), w)}
	}
	return style.Sample(it.Shape, it.V, look, w, min(h, max(w/4, 4)))
}

// verdictLines say in lines of w cells what the network answers and what is true.
func (s *Screen) verdictLines(q *sessions.Prediction, w int) []string {
	t, e := s.app.Theme, s.result.eval
	pair := func(key, value string) string { return layout.Fit(t.Dim.Render(key)+" "+value, w) }
	if e.Classes == nil {
		lines := []string{pair("says", t.Bold.Render(numbers(q.Values)))}
		if q.Target != nil {
			lines = append(lines, pair("true", t.Bold.Render(numbers(q.Target))), pair("off by", figure.Short(off(q))))
		}
		return lines
	}
	says := t.Bold.Render(e.Classes[q.Class]) + " " + figure.Percent(q.Probability())
	if q.Label < 0 {
		return []string{pair("says", says)}
	}
	return []string{pair("says", says+" "+verdict(t, q.Class == q.Label)), pair("true", t.Bold.Render(e.Classes[q.Label]))}
}

// short writes a value in few characters.
func short(v float32) string {
	if v == 0 {
		return "0"
	}
	return figure.Short(float64(v))
}

// numbers writes the first few of some values.
func numbers(v []float32) string {
	const most = 6
	var parts []string
	for _, x := range v[:min(len(v), most)] {
		parts = append(parts, short(x))
	}
	if len(v) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " ")
}
