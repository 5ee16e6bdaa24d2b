package export

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cnnbench/dataset/augment"
	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/nn/train"
)

// torchTraining is the part of the script that trains. Lines are Python's, without their indentation.
type torchTraining struct {
	Notes         []string // what PyTorch does not do alike
	Epochs        int
	BatchSize     string
	StepsPerEpoch int // 0: all of the data
	Shuffle       bool
	Seed          uint64
	Frozen        string
	Rate          []string
	Optimizer     string
	OwnRMSprop    bool // the optimizer is a class of the script's
	BeforeStep    []string
	Augment       *torchAugment // nil: none
	Loss          []string
	Accuracy      string // what tells which of the predictions p are right; empty: values
	Penalties     []torchPenalty
	ClassWeight   string // torchClassWeight's
}

func newTorchTraining(in *Input, t *torchNet) (*torchTraining, error) {
	e := in.Experiment
	s := &torchTraining{Epochs: e.Fit.Epochs, BatchSize: strconv.Itoa(int(e.Fit.BatchSize)), Shuffle: e.Fit.Shuffle, Seed: e.Seed, Penalties: t.penalties()}
	if e.Fit.BatchSize == train.All {
		s.BatchSize = "None  # all samples at once"
	}
	if e.Fit.StepsPerEpoch != nil {
		s.StepsPerEpoch = *e.Fit.StepsPerEpoch
	}
	var frozen []string
	normalizes := false
	for i, m := range t.modules {
		if m.Frozen && len(m.tensors) > 0 {
			frozen = append(frozen, strconv.Itoa(i))
		}
		normalizes = normalizes || strings.HasPrefix(m.Code, "nn.BatchNorm")
	}
	s.Frozen = "[" + strings.Join(frozen, ", ") + "]"
	if normalizes {
		s.note("Moving variances follow the unbiased variance here, which differs for small batches.")
	}
	if err := s.optimizer(e.Compile.Optimizer); err != nil {
		return nil, err
	}
	if err := s.loss(in, t); err != nil {
		return nil, err
	}
	s.ClassWeight = torchClassWeight(e.Fit.ClassWeight)
	if len(in.Model.In) == 3 && e.Data.Augment.Active() {
		s.augment(&e.Data.Augment, normalizationOf(in).Scale)
	}
	var callbacks []string
	for _, c := range e.Fit.Callbacks {
		callbacks = append(callbacks, train.Callbacks.Must(c).Name)
	}
	if callbacks != nil {
		s.note("Not here: the callbacks " + strings.Join(callbacks, ", ") + ".")
	}
	return s, nil
}

// torchClassWeight is a Python map of factors by class; empty: none. Balanced ones follow from the labels y.
func torchClassWeight(c train.ClassWeight) string {
	if c.Balanced {
		return "{int(c): len(y) / (len(y.unique()) * int((y == c).sum())) for c in y.unique()}"
	}
	var words []string
	for _, class := range slices.Sorted(maps.Keys(c.Of)) {
		words = append(words, fmt.Sprintf("%d: %s", class, pythonFloat(c.Of[class])))
	}
	if words == nil {
		return ""
	}
	return "{" + strings.Join(words, ", ") + "}"
}

func (s *torchTraining) note(text string) { s.Notes = append(s.Notes, text) }

// optimizer writes the optimizer, its rate, its clipping and its decay. The rate is set before every step.
func (s *torchTraining) optimizer(o optim.Optimizer) error {
	common := o.Settings()
	rate := pythonFloat(common.LearningRate.At(0))
	betas := func(b1, b2, eps float64) string {
		return fmt.Sprintf("parameters, lr=%s, betas=(%s, %s), eps=%s", rate, pythonFloat(b1), pythonFloat(b2), pythonFloat(eps))
	}
	decay := common.WeightDecay
	// Adam adds epsilon before the means are corrected in Keras, and after it in PyTorch.
	hat := func(beta2, eps float64) {
		s.BeforeStep = append(s.BeforeStep, "for group in optim.param_groups:  # Keras adds epsilon before it corrects the means",
			fmt.Sprintf("    group[\"eps\"] = %s / math.sqrt(1 - %s ** (step + 1))", pythonFloat(eps), pythonFloat(beta2)))
	}
	switch o := o.(type) {
	case *optim.SGD:
		s.Optimizer = fmt.Sprintf("torch.optim.SGD(parameters, lr=%s, momentum=%s, nesterov=%s)", rate, pythonFloat(o.Momentum), pythonBool(o.Nesterov && o.Momentum > 0))
	case *optim.Adam:
		s.Optimizer = fmt.Sprintf("torch.optim.Adam(%s, amsgrad=%s)", betas(o.Beta1, o.Beta2, o.Epsilon), pythonBool(o.Amsgrad))
		hat(o.Beta2, o.Epsilon)
	case *optim.AdamW:
		s.Optimizer = fmt.Sprintf("torch.optim.AdamW(%s, weight_decay=%s, amsgrad=%s)", betas(o.Beta1, o.Beta2, o.Epsilon), pythonFloat(*decay), pythonBool(o.Amsgrad))
		hat(o.Beta2, o.Epsilon)
		decay = nil
	case *optim.RMSprop:
		s.OwnRMSprop = true
		s.Optimizer = fmt.Sprintf("RMSprop(parameters, lr=%s, rho=%s, momentum=%s, eps=%s, centered=%s)", rate, pythonFloat(o.Rho), pythonFloat(o.Momentum), pythonFloat(o.Epsilon), pythonBool(o.Centered))
	case *optim.Nadam:
		s.note("NAdam's foreach: PyTorch 1.13 counts the momentum twice on its other way.")
		s.Optimizer = fmt.Sprintf("torch.optim.NAdam(%s, momentum_decay=1.0, foreach=True)", betas(o.Beta1, o.Beta2, o.Epsilon))
	case *optim.Adagrad:
		s.Optimizer = fmt.Sprintf("torch.optim.Adagrad(parameters, lr=%s, initial_accumulator_value=%s, eps=%s)", rate, pythonFloat(o.Initial), pythonFloat(o.Epsilon))
	case *optim.Adamax:
		s.Optimizer = fmt.Sprintf("torch.optim.Adamax(%s)", betas(o.Beta1, o.Beta2, o.Epsilon))
	case *optim.Adadelta:
		s.Optimizer = fmt.Sprintf("torch.optim.Adadelta(parameters, lr=%s, rho=%s, eps=%s)", rate, pythonFloat(o.Rho), pythonFloat(o.Epsilon))
	default:
		return fmt.Errorf("PyTorch cannot say the optimizer %s", optim.Family.Must(o).Name)
	}
	for _, c := range []struct {
		value *float64
		line  string
	}{
		{common.Clipnorm, "for p in parameters:\n    nn.utils.clip_grad_norm_([p], %s)"},
		{common.Clipvalue, "nn.utils.clip_grad_value_(parameters, %s)"},
		{common.GlobalClipnorm, "nn.utils.clip_grad_norm_(parameters, %s)"},
		{decay, "with torch.no_grad():\n    for p in parameters:\n        p.mul_(1 - learning_rate(step) * %s)"},
	} {
		if c.value != nil && *c.value != 0 {
			s.BeforeStep = append(s.BeforeStep, strings.Split(fmt.Sprintf(c.line, pythonFloat(*c.value)), "\n")...)
		}
	}
	return s.rate(common.LearningRate)
}

// rate writes the body of the learning rate's function.
func (s *torchTraining) rate(r optim.Rate) error {
	f := pythonFloat
	cosine := func(done, top string, alpha float64) string {
		return fmt.Sprintf("((1 - %s) * 0.5 * %s * (1 + math.cos(math.pi * %s)) + %s)", f(alpha), top, done, f(alpha))
	}
	periods := func(steps int64, staircase bool) string {
		if staircase {
			return fmt.Sprintf("(step // %d)", steps)
		}
		return fmt.Sprintf("(step / %d)", steps)
	}
	switch c := r.Schedule.(type) {
	case nil:
		s.Rate = []string{"return " + f(r.Value)}
	case *optim.CosineDecay:
		top := c.Initial
		if c.WarmupTarget != nil {
			top = *c.WarmupTarget
			s.Rate = []string{fmt.Sprintf("if step < %d:", c.WarmupSteps),
				fmt.Sprintf("    return (%s - %s) * step / %d + %s", f(top), f(c.Initial), max(c.WarmupSteps, 1), f(c.Initial)),
				fmt.Sprintf("step -= %d", c.WarmupSteps)}
		}
		s.Rate = append(s.Rate, fmt.Sprintf("return %s * %s", f(top), cosine(fmt.Sprintf("min(step, %d) / %d", c.Steps, c.Steps), "1.0", c.Alpha)))
	case *optim.CosineDecayRestarts:
		s.Rate = []string{fmt.Sprintf("done, length, top = step, %d, 1.0", c.Steps),
			"while done >= length:",
			fmt.Sprintf("    done, length, top = done - length, length * %s, top * %s", f(c.TMul), f(c.MMul)),
			fmt.Sprintf("return %s * %s", f(c.Initial), cosine("done / length", "top", c.Alpha))}
	case *optim.ExponentialDecay:
		s.Rate = []string{fmt.Sprintf("return %s * %s ** %s", f(c.Initial), f(c.Rate), periods(c.Steps, c.Staircase))}
	case *optim.InverseTimeDecay:
		s.Rate = []string{fmt.Sprintf("return %s / (1 + %s * %s)", f(c.Initial), f(c.Rate), periods(c.Steps, c.Staircase))}
	case *optim.PiecewiseConstantDecay:
		for i, b := range c.Boundaries {
			s.Rate = append(s.Rate, fmt.Sprintf("if step <= %d:", b), "    return "+f(c.Values[i]))
		}
		s.Rate = append(s.Rate, "return "+f(c.Values[len(c.Values)-1]))
	case *optim.PolynomialDecay:
		if c.Cycle {
			s.Rate = []string{fmt.Sprintf("steps = %d * max(math.ceil(step / %d), 1)", c.Steps, c.Steps)}
		} else {
			s.Rate = []string{fmt.Sprintf("steps, step = %d, min(step, %d)", c.Steps, c.Steps)}
		}
		s.Rate = append(s.Rate, fmt.Sprintf("return (%s - %s) * (1 - step / steps) ** %s + %s", f(c.Initial), f(c.End), f(c.Power), f(c.End)))
	default:
		return fmt.Errorf("PyTorch cannot say the schedule %s", optim.Schedules.Must(r.Schedule).Name)
	}
	return nil
}

// lossOf is the loss that the experiment says, or else the usual one for the network and its targets.
func lossOf(in *Input) loss.Loss {
	layers := in.Experiment.Model.Layers
	out := in.Model.Summary.Out()
	switch {
	case in.Experiment.Compile.Loss != nil:
		return in.Experiment.Compile.Loss
	case in.Classes == nil:
		return &loss.MeanSquaredError{}
	case out[len(out)-1] == 1 || nn.HeadActivation(layers[len(layers)-1]) == "sigmoid":
		return &loss.BinaryCrossentropy{}
	}
	return &loss.CategoricalCrossentropy{}
}

// loss writes the body of the loss's function. Where the network ends with the function that belongs to the loss, it
// works on what goes into that, which is exact also where probabilities are near 0.
func (s *torchTraining) loss(in *Input, t *torchNet) error {
	out := in.Model.Summary.Out()
	units := out[len(out)-1]
	last := ""
	if len(t.modules) > 0 {
		last, _, _ = strings.Cut(t.modules[len(t.modules)-1].Code, "(")
	}
	p, logits := "p = model(x)", "z = model[:-1](x)"
	if len(out) == 3 {
		p, last = "p = model(x).movedim(1, -1)", ""
	}
	smooth := func(share float64, uniform string) string {
		if share == 0 {
			return ""
		}
		return fmt.Sprintf("y = y * (1 - %s) + %s", pythonFloat(share), uniform)
	}
	// targets are y in the form of the predictions.
	targets := func(name string, oneHot bool) string {
		if oneHot && in.Classes != nil {
			return fmt.Sprintf("y = nn.functional.one_hot(y.long(), %d).to(%s.dtype)", units, name)
		}
		return fmt.Sprintf("y = y.to(%s.dtype).reshape(%s.shape)", name, name)
	}
	if in.Classes != nil {
		s.Accuracy = "p.argmax(-1) == y[i : i + 256]"
		if units == 1 {
			s.Accuracy = "(p[:, 0] > 0.5) == (y[i : i + 256] > 0.5)"
		}
	}
	categorical := func(smoothing float64) {
		uniform := smooth(smoothing, pythonFloat(smoothing/float64(units)))
		if last == "nn.Softmax" {
			s.lines(logits, targets("z", true), uniform, "return -(y * nn.functional.log_softmax(z, -1)).sum(-1), nn.functional.softmax(z, -1)")
		} else {
			s.lines(p, targets("p", true), uniform, "q = (p / p.sum(-1, keepdim=True)).clamp(1e-7, 1 - 1e-7)", "return -(y * q.log()).sum(-1), p")
		}
	}
	switch l := lossOf(in).(type) {
	case *loss.CategoricalCrossentropy:
		categorical(l.LabelSmoothing)
	case *loss.SparseCategoricalCrossentropy:
		categorical(0)
	case *loss.BinaryCrossentropy:
		half := smooth(l.LabelSmoothing, pythonFloat(l.LabelSmoothing/2))
		if last == "nn.Sigmoid" {
			s.lines(logits, targets("z", units > 1), half, `return nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none").mean(-1), torch.sigmoid(z)`)
		} else {
			s.lines(p, targets("p", units > 1), half, `return nn.functional.binary_cross_entropy(p.clamp(1e-7, 1 - 1e-7), y, reduction="none").mean(-1), p`)
		}
	case *loss.MeanSquaredError:
		s.lines(p, targets("p", true), "", "return (p - y).square().mean(-1), p")
	case *loss.MeanAbsoluteError:
		s.lines(p, targets("p", true), "", "return (p - y).abs().mean(-1), p")
	default:
		return fmt.Errorf("PyTorch cannot say the loss %s", loss.Family.Must(l).Name)
	}
	return nil
}

// lines are the lines of the loss; empty ones are left out.
func (s *torchTraining) lines(lines ...string) {
	s.Loss = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
}

// torchAugment is what the script does to training pictures. Texts are Python's.
type torchAugment struct {
	Warp            bool
	Rotation, Shear string // arguments of draw, in degrees
	Down, Right     string // shifts in pixels
	Zoom            string
	Padding         string // of grid_sample
	Outside         string // the value outside of the picture; empty: it follows from the padding
	FlipH, FlipV    bool
}

// augment writes what becomes of pictures that were rescaled already, by a factor.
func (s *torchTraining) augment(a *augment.Settings, scale float64) {
	both := func(v float64) string { return pythonFloat(-v) + ", " + pythonFloat(v) }
	zoom := augment.Range{1 - a.ZoomRange.By, 1 + a.ZoomRange.By}
	if a.ZoomRange.Factor != nil {
		zoom = *a.ZoomRange.Factor
	}
	t := &torchAugment{Rotation: both(a.RotationRange), Shear: both(a.ShearRange), Zoom: pythonFloat(zoom[0]) + ", " + pythonFloat(zoom[1]),
		Down: torchShift(&a.HeightShiftRange, "rows"), Right: torchShift(&a.WidthShiftRange, "columns"), FlipH: a.HorizontalFlip, FlipV: a.VerticalFlip,
		Padding: map[string]string{"nearest": "border", "wrap": "border", "reflect": "reflection", "constant": "border"}[a.FillMode]}
	t.Warp = a.RotationRange != 0 || a.ShearRange != 0 || zoom != augment.Range{1, 1} || t.Down != noShift || t.Right != noShift
	if a.FillMode == "constant" {
		t.Outside = pythonFloat(a.Cval * scale)
	}
	var rest []string
	for _, x := range []struct {
		on   bool
		name string
	}{{a.ChannelShiftRange != 0, "channel_shift_range"}, {a.BrightnessRange != nil, "brightness_range"}, {a.RandomCrop != 0, "random_crop"}, {a.RandomErasing != 0, "random_erasing"},
		{a.Mixup != 0, "mixup"}, {t.Warp && a.FillMode == "wrap", "fill_mode wrap (nearest stands for it)"}} {
		if x.on {
			rest = append(rest, x.name)
		}
	}
	if rest != nil {
		s.note("Not here, of augment: " + strings.Join(rest, ", ") + ". The very pictures of an epoch are those of `cnnbench data EXPERIMENT --part train --epoch E --out FILE.npz`.")
	}
	if t.Warp || t.FlipH || t.FlipV {
		s.Augment = t
	}
}

const noShift = "torch.zeros(n)"

// torchShift writes the draw of a shift along a side.
func torchShift(s *augment.Shift, side string) string {
	const sign = "(2.0 * torch.randint(2, (n,)) - 1)"
	switch {
	case s.Below != 0:
		return fmt.Sprintf("torch.randint(%d, (n,)) * %s", s.Below, sign)
	case s.Of != nil:
		text := fmt.Sprintf("torch.tensor(%s)[torch.randint(%d, (n,))] * %s", pythonList(s.Of), len(s.Of), sign)
		if slices.Max(s.Of) < 1 {
			text += " * " + side
		}
		return text
	case s.Most == 0:
		return noShift
	}
	text := fmt.Sprintf("draw(%s, %s)", pythonFloat(-s.Most), pythonFloat(s.Most))
	if s.Most < 1 {
		text += " * " + side
	}
	return text
}
