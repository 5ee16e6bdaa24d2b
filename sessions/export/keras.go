package export

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"cnnbench/sessions/hdf5"
	"cnnbench/sessions/keras"
)

func init() {
	register(Format{Name: "keras", Extension: ".keras", Weights: true,
		Doc: "network, weights and compile settings, for keras.models.load_model", write: writeKeras})
	register(Format{Name: "weights.h5", Extension: ".weights.h5", Weights: true,
		Doc: "weights as HDF5, for load_weights of a Keras model with the same layers", write: writeWeightsH5})
}

// kerasVersion is the release whose dialect is written.
const kerasVersion = "3.15.1"

// writeKeras writes a .keras file: a zip of three uncompressed files.
func writeKeras(_ context.Context, w io.Writer, in *Input) error {
	if in.Model == nil {
		return errNoModel
	}
	config, err := keras.Encode(in.Model.Settled(), in.shape())
	if err != nil {
		return err
	}
	weights, err := in.weightsH5()
	if err != nil {
		return err
	}
	metadata, err := json.Marshal(struct {
		Version string `json:"keras_version"`
		Date    string `json:"date_saved"`
	}{kerasVersion, in.created().UTC().Format("2006-01-02@15:04:05")})
	if err != nil {
		return fmt.Errorf("write the metadata: %w", err)
	}
	z := zip.NewWriter(w)
	for _, f := range []file{{"metadata.json", metadata}, {"config.json", config}, {"model.weights.h5", weights}} {
		e, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store, Modified: zipTime})
		if err != nil {
			return err
		}
		if _, err := e.Write(f.data); err != nil {
			return err
		}
	}
	return z.Close()
}

// zipTime is what Keras itself gives entries: the earliest time that a zip file can say.
var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func writeWeightsH5(_ context.Context, w io.Writer, in *Input) error {
	if in.Model == nil {
		return errNoModel
	}
	text, err := in.weightsH5()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// weightsH5 is a .weights.h5 file.
func (in *Input) weightsH5() ([]byte, error) {
	tree, err := keras.Weights(in.Model.Summary, in.weight)
	if err != nil {
		return nil, err
	}
	return hdf5.Encode(tree)
}

// created is when the session began, by its journal.
func (in *Input) created() time.Time {
	if in.Stored == nil {
		return zipTime
	}
	return in.Stored.Created
}
