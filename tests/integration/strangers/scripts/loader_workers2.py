"""A map-style data set with augmentation in two worker processes."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

from planned import planned


class Digits(Dataset):
    """Seven-segment digits, moved and noisy."""

    SEGMENTS = {0: "abcdef", 1: "bc", 2: "abged", 3: "abgcd", 4: "fgbc", 5: "afgcd", 6: "afgedc", 7: "abc",
                8: "abcdefg", 9: "abcdfg"}
    PLACES = {"a": (slice(0, 1), slice(1, 5)), "b": (slice(0, 5), slice(4, 5)), "c": (slice(4, 9), slice(4, 5)),
              "d": (slice(8, 9), slice(1, 5)), "e": (slice(4, 9), slice(1, 2)), "f": (slice(0, 5), slice(1, 2)),
              "g": (slice(4, 5), slice(1, 5))}

    def __init__(self, n, augment):
        self.n, self.augment = n, augment

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        rng = np.random.default_rng(torch.randint(2 ** 31, ()).item() if self.augment else i)  # a worker has its seed
        image = np.zeros((12, 10), dtype=np.float32)
        digit = i % 10
        dy, dx = rng.integers(0, 4), rng.integers(0, 5)
        small = np.zeros((9, 6), dtype=np.float32)
        for segment in self.SEGMENTS[digit]:
            small[self.PLACES[segment]] = 1
        image[dy:dy + 9, dx:dx + 6] += small[:, :10 - dx]
        return torch.from_numpy(image + 0.5 * rng.standard_normal((12, 10)).astype(np.float32))[None], digit


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    loader = DataLoader(Digits(1600, True), batch_size=32, shuffle=True, num_workers=2, persistent_workers=True)
    valid = DataLoader(Digits(500, False), batch_size=500)
    model = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3), nn.ReLU(), nn.Flatten(),
                          nn.Linear(24 * 3 * 2, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    scheduler = planned(optimizer)
    for epoch in range(10):
        for images, digits in loader:
            loss = nn.functional.cross_entropy(model(images), digits)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
        print("epoch %d: %.4f" % (epoch, loss.item()))
    with torch.no_grad():
        images, digits = next(iter(valid))
        print("final val accuracy %.4f" % (model(images).argmax(1) == digits).float().mean().item())


if __name__ == "__main__":
    main()
