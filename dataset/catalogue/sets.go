package catalogue

// sets are the public data sets. Addresses, sizes and digests are those that the Python package tensorflow-datasets
// 4.9.10 publishes in its files url_checksums/*.txt; the names of the classes, where no file has them, and the paths in
// the archives are those of its image_classification/mnist.py and cifar.py. Fashion-MNIST's classes are called as those
// of fashion-mini.
var sets = []Set{
	{
		Name:    "mnist",
		Doc:     "handwritten digits, 28x28 grey pixels, ten classes; 60,000 + 10,000",
		Classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		Files: []File{
			{URL: "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-images-idx3-ubyte.gz", Size: 1648877, SHA256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
			{URL: "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz", Size: 4542, SHA256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
			{URL: "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz", Size: 9912422, SHA256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
			{URL: "https://storage.googleapis.com/cvdf-datasets/mnist/train-labels-idx1-ubyte.gz", Size: 28881, SHA256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
		},
	},
	{
		Name:    "fashion-mnist",
		Doc:     "photos of clothing, 28x28 grey pixels, ten classes; 60,000 + 10,000",
		Classes: []string{"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
		Files: []File{
			{URL: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-images-idx3-ubyte.gz", Size: 4422102, SHA256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
			{URL: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-labels-idx1-ubyte.gz", Size: 5148, SHA256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
			{URL: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz", Size: 26421880, SHA256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
			{URL: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz", Size: 29515, SHA256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
		},
	},
	{
		Name:    "kmnist",
		Doc:     "handwritten Hiragana, 28x28 grey pixels, ten classes; 60,000 + 10,000",
		Classes: []string{"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"},
		Files: []File{
			{URL: "http://codh.rois.ac.jp/kmnist/dataset/kmnist/t10k-images-idx3-ubyte.gz", Size: 3041136, SHA256: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"},
			{URL: "http://codh.rois.ac.jp/kmnist/dataset/kmnist/t10k-labels-idx1-ubyte.gz", Size: 5120, SHA256: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"},
			{URL: "http://codh.rois.ac.jp/kmnist/dataset/kmnist/train-images-idx3-ubyte.gz", Size: 18165135, SHA256: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"},
			{URL: "http://codh.rois.ac.jp/kmnist/dataset/kmnist/train-labels-idx1-ubyte.gz", Size: 29497, SHA256: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"},
		},
	},
	{
		Name: "cifar10",
		Doc:  "photos of animals and vehicles, 32x32 pixels in colour, ten classes; 50,000 + 10,000",
		Files: []File{
			{URL: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", Size: 170052171, SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", Members: []Member{
				{Path: "cifar-10-batches-bin/data_batch_1.bin", Size: 10000 * (1 + 3072)},
				{Path: "cifar-10-batches-bin/data_batch_2.bin", Size: 10000 * (1 + 3072)},
				{Path: "cifar-10-batches-bin/data_batch_3.bin", Size: 10000 * (1 + 3072)},
				{Path: "cifar-10-batches-bin/data_batch_4.bin", Size: 10000 * (1 + 3072)},
				{Path: "cifar-10-batches-bin/data_batch_5.bin", Size: 10000 * (1 + 3072)},
				{Path: "cifar-10-batches-bin/test_batch.bin", Size: 10000 * (1 + 3072)},
				{Path: "cifar-10-batches-bin/batches.meta.txt"},
			}},
		},
	},
	{
		Name: "cifar100",
		Doc:  "photos of animals, plants and things, 32x32 pixels in colour, a hundred classes; 50,000 + 10,000",
		Files: []File{
			{URL: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz", Size: 168513733, SHA256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", Members: []Member{
				{Path: "cifar-100-binary/train.bin", Size: 50000 * (2 + 3072)},
				{Path: "cifar-100-binary/test.bin", Size: 10000 * (2 + 3072)},
				{Path: "cifar-100-binary/fine_label_names.txt"},
			}},
		},
	},
}
