# SPDX-License-Identifier: MIT
# usage: loader_workers.py fork|spawn. A DataLoader with two worker processes.
import sys

import observe
import torch


class Points(torch.utils.data.Dataset):
    def __len__(self):
        return 400

    def __getitem__(self, i):
        return torch.randn(6) + i % 3, i % 3


def main():
    torch.manual_seed(8)
    loader = torch.utils.data.DataLoader(Points(), batch_size=16, shuffle=True, num_workers=2,
                                         multiprocessing_context=sys.argv[1], persistent_workers=True)
    model = observe.model()
    optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
    for _ in range(3):
        for x, y in loader:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            observe.loss(loss)
            optimizer.step()


if __name__ == "__main__":
    main()
