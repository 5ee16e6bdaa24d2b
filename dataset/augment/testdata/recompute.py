"""Recomputes with SciPy what an epoch of a training shows, from the originals and the numbers that were drawn.

    cnnbench data EXPERIMENT --part train --out originals.npz
    cnnbench data EXPERIMENT --part train --epoch 3 --out epoch.npz
    python recompute.py originals.npz epoch.npz FILL_MODE CVAL RESCALE

The affine part is Keras's as documented; crop, erasing, mixup and standardization must be off. A pixel may differ by a
thousandth of 255, and where brightness cuts to whole numbers, one in 10,000 by what that is."""

import sys

import numpy as np
from scipy.ndimage import affine_transform


def matrix(theta, tx, ty, shear, zx, zy, h, w):
    theta, shear = np.deg2rad(theta), np.deg2rad(shear)
    m = np.array([[np.cos(theta), -np.sin(theta), 0], [np.sin(theta), np.cos(theta), 0], [0, 0, 1]])
    m = m @ np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    m = m @ np.array([[1, -np.sin(shear), 0], [0, np.cos(shear), 0], [0, 0, 1]])
    m = m @ np.diag([zx, zy, 1])
    y, x = h / 2 - 0.5, w / 2 - 0.5
    return np.array([[1, 0, y], [0, 1, x], [0, 0, 1]]) @ m @ np.array([[1, 0, -y], [0, 1, -x], [0, 0, 1]])


def main(originals, epoch, fill_mode, cval, rescale):
    originals, epoch, scale = np.load(originals), np.load(epoch), float(rescale)
    row = {int(i): k for k, i in enumerate(originals["index"])}
    wrong = 0
    for k, i in enumerate(epoch["index"]):
        x = np.rint(originals["x"][row[int(i)]] / scale).astype(np.float64)
        m = matrix(*(epoch[n][k] for n in ("theta", "tx", "ty", "shear", "zx", "zy")), *x.shape[:2])
        y = np.stack([affine_transform(x[..., c], m[:2, :2], m[:2, 2], order=1, mode=fill_mode, cval=float(cval))
                      for c in range(x.shape[2])], -1).astype(np.float32)
        if "channel_shift" in epoch:
            y = np.clip(y + np.float32(epoch["channel_shift"][k]), y.min(), y.max())
        if epoch["flip_h"][k]:
            y = y[:, ::-1]
        if epoch["flip_v"][k]:
            y = y[::-1]
        if "brightness" in epoch:
            y = np.minimum(np.trunc(np.trunc(y) * np.float32(epoch["brightness"][k])), 255)
        assert epoch["y"][k] == originals["y"][row[int(i)]], "a picture has another target"
        wrong += int((np.abs(y - epoch["x"][k].astype(np.float64) / scale) > 0.255).sum())
    allowed = epoch["x"].size // 10000 if "brightness" in epoch else 0
    print(f"{wrong} of {epoch['x'].size} values differ by more than a thousandth, {allowed} may")
    return wrong > allowed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
