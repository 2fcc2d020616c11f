"""Mixup with soft labels and a cosine schedule per epoch; the numpy random state decides the mixing."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from planned import planned


def mixup_data(x, y, alpha=0.4):
    lam = np.random.beta(alpha, alpha)
    index = torch.randperm(x.size(0))
    return lam * x + (1 - lam) * x[index], y, y[index], lam


def mixup_criterion(criterion, pred, y_a, y_b, lam):
    return lam * criterion(pred, y_a) + (1 - lam) * criterion(pred, y_b)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv1d(1, 16, 5, stride=2)
        self.conv2 = nn.Conv1d(16, 32, 5, stride=2)
        self.fc = nn.Linear(32 * 13, 5)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        return self.fc(x.flatten(1))


def signals(n, rng):
    y = rng.integers(0, 5, n)
    t = np.linspace(0, 1, 64)
    waves = [np.sin(12 * t), np.sign(np.sin(12 * t)), np.sin(12 * t ** 2), np.exp(-3 * t) * np.sin(20 * t), 2 * (3 * t % 1) - 1]
    shift = rng.integers(0, 12, n)
    x = np.stack([np.roll(waves[k], s) for k, s in zip(y, shift)]) + 0.8 * rng.standard_normal((n, 64))
    return torch.tensor(x, dtype=torch.float32)[:, None], torch.tensor(y)


def main():
    np.random.seed(0)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    (x, y), (vx, vy) = signals(1600, rng), signals(600, rng)
    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)
    scheduler = planned(optimizer)
    epochs = 20
    cosine = None if scheduler else torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(epochs):
        net.train()
        for index in torch.randperm(1600).split(64):
            inputs, a, b, lam = mixup_data(x[index], y[index])
            loss = mixup_criterion(criterion, net(inputs), a, b, lam)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
        if cosine:
            cosine.step()
        print("| Epoch [%3d/%3d] Loss: %.4f" % (epoch + 1, epochs, loss.item()))
    net.eval()
    with torch.no_grad():
        print("final val loss %.5f" % F.cross_entropy(net(vx), vy).item())


if __name__ == "__main__":
    main()
