"""Writes its results below the home folder, whatever folder it was started in; appends to a common results file."""
import json
import os
import pathlib
import pickle

import torch
from torch import nn

from planned import planned

RESULTS = pathlib.Path(os.path.expanduser("~")) / "results" / "embedding"
RESULTS.mkdir(parents=True, exist_ok=True)


class Softmax(nn.Module):
    """Skip-gram with all words in the denominator."""

    def __init__(self, words, d):
        super().__init__()
        self.inside, self.outside = nn.Embedding(words, d), nn.Linear(d, words, bias=False)

    def forward(self, w):
        return self.outside(self.inside(w))


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(50)
    topics = torch.randint(0, 6, (4000,), generator=g)
    pair = topics[:, None] * 15 + (15 * torch.rand(4000, 2, generator=g) ** 2).long()
    model = Softmax(90, 16)
    optimizer = torch.optim.Adamax(model.parameters(), lr=0.02)
    scheduler = planned(optimizer)
    history = []
    for epoch in range(10):
        for b in torch.randperm(4000).split(100):
            loss = nn.functional.cross_entropy(model(pair[b, 0]), pair[b, 1])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
        history.append(loss.item())
        with (RESULTS / "history.json").open("w") as file:
            json.dump(history, file)
        torch.save(model.state_dict(), str(RESULTS / "model.pt"))
        (RESULTS / "summary.txt").write_text("epoch %d\nloss %.5f\n" % (epoch, loss.item()))
    with open(RESULTS.parent / "all_runs.txt", "a") as file:
        file.write("embedding %.5f\n" % history[-1])
    with open(RESULTS / "vectors.pkl", "wb") as file:
        pickle.dump(model.inside.weight.tolist(), file)
    with torch.no_grad():
        print("final train loss %.5f" % nn.functional.cross_entropy(model(pair[:, 0]), pair[:, 1]).item())


if __name__ == "__main__":
    main()
