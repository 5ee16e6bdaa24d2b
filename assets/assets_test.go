package assets

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"
)

// The digests of the pixels and labels (behind the IDX headers) were worked out from Debian's files by another program.
func TestFashionMiniBytes(t *testing.T) {
	for _, c := range []struct {
		file   string
		header string
		size   int
		sum    string
	}{
		{"train-images-idx3-ubyte.gz", "00000803000027100000001c0000001c", 7840000, "e1427044c614fabc29feeff0f27e6b68f88a9ee2f2cfe7d783b9157159864883"},
		{"train-labels-idx1-ubyte.gz", "0000080100002710", 10000, "2c02745d4ad8b4511333d0eca662ac5664a371860abaa4588b1670e7be59fbdf"},
		{"t10k-images-idx3-ubyte.gz", "00000803000007d00000001c0000001c", 1568000, "96315b1732ab731e68b8def3c284f34b605f7deb7a61e683c7d786265c827c83"},
		{"t10k-labels-idx1-ubyte.gz", "00000801000007d0", 2000, "b2095bc797d1201e84da76c94012c02d0e6f07af0938df4e00120a3b42d1aa4c"},
	} {
		f, err := FashionMini.Open("fashion-mini/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		if !z.ModTime.IsZero() {
			t.Errorf("%s: the gzip header holds a time", c.file)
		}
		all, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		n := len(c.header) / 2
		if got := hex.EncodeToString(all[:n]); got != c.header {
			t.Errorf("%s: header %s, want %s", c.file, got, c.header)
		}
		sum := sha256.Sum256(all[n:])
		if got := hex.EncodeToString(sum[:]); len(all)-n != c.size || got != c.sum {
			t.Errorf("%s: %d bytes with digest %s, want %d with %s", c.file, len(all)-n, got, c.size, c.sum)
		}
	}
}

func TestFashionMiniComesWithItsPapers(t *testing.T) {
	for file, want := range map[string]string{
		"LICENSE":     "Zalando SE",
		"README.md":   "https://github.com/zalandoresearch/fashion-mnist",
		"classes.txt": "T-shirt\nTrouser\nPullover\nDress\nCoat\nSandal\nShirt\nSneaker\nBag\nAnkle boot\n",
	} {
		text, err := FashionMini.ReadFile("fashion-mini/" + file)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, or without %q", file, err, want)
		}
	}
}
