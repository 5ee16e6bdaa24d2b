"""Writes testdata/pictures and what Pillow reads from them: the pixels as Keras's load_img gives them.

python3 pictures.py, with Pillow installed, in this folder.
"""
import json, os
from PIL import Image

H, W = 6, 8
os.makedirs("pictures", exist_ok=True)


def rgb():
    im = Image.new("RGB", (W, H))
    im.putdata([(x * 30, y * 40, (x + y) * 15) for y in range(H) for x in range(W)])
    return im


def grey(): return rgb().convert("L")


def rgba():
    im = rgb().convert("RGBA")
    im.putalpha(grey().point(lambda v: 255 - v))
    return im


def late_gif(name, **options):
    """A frame that covers a part of its canvas."""
    im = Image.new("P", (W, H), 3)
    im.putpalette([9, 8, 7, 250, 0, 0, 0, 250, 0, 0, 0, 250] + [0] * 756)
    im.putdata([(x + y) % 4 for y in range(H) for x in range(W)])
    im.save(name, optimize=False, **options)
    text = bytearray(open(name, "rb").read())
    text[6:10] = bytes([W + 3, 0, H + 2, 0])                     # a larger canvas
    at = text.index(b"," + bytes([0, 0, 0, 0, W, 0, H, 0]))
    text[at + 1], text[at + 3] = 2, 1                            # the frame lies inside of it
    open(name, "wb").write(text)


files = {
    "grey.png": (grey(), {}), "rgb.png": (rgb(), {}), "rgba.png": (rgba(), {}),
    "palette.png": (rgb().quantize(16), {}), "bits.png": (grey().convert("1"), {}),
    "grey.jpg": (grey(), {"quality": 95}), "rgb.jpg": (rgb(), {"quality": 95, "subsampling": 0}), "cmyk.jpg": (rgb().convert("CMYK"), {"quality": 95, "subsampling": 0}),
    "progressive.jpg": (rgb(), {"quality": 95, "subsampling": 0, "progressive": True}),
    "palette.gif": (rgb().quantize(16), {}),
    "grey.bmp": (grey(), {}), "rgb.bmp": (rgb(), {}),
    "grey.tif": (grey(), {}), "rgb.tif": (rgb(), {"compression": "tiff_lzw"}), "deflate.tiff": (rgb(), {"compression": "tiff_adobe_deflate"}),
    "lossless.webp": (rgb(), {"lossless": True}), "alpha.webp": (rgba(), {"lossless": True, "exact": True}),
    "lossy.webp": (Image.new("RGB", (W, H), (200, 90, 40)), {"quality": 90}),
}
for name, (im, options) in files.items():
    im.save("pictures/" + name, **options)
late_gif("pictures/late.gif")
late_gif("pictures/transparent.gif", transparency=2)

want = {}
for name in sorted(os.listdir("pictures")):
    im = Image.open("pictures/" + name)
    grey_mode = im.mode in ("L", "1")
    im = im.convert("L" if grey_mode else "RGB")
    data = list(im.get_flattened_data())
    want[name] = {"shape": [im.height, im.width, 1 if grey_mode else 3], "pixels": data if grey_mode else [v for p in data for v in p]}
json.dump(want, open("pictures.json", "w"), separators=(",", ":"))
