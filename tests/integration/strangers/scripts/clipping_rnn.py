"""A recurrent network on the adding problem, with gradients clipped to a norm of 1."""
import torch
import torch.nn as nn

from planned import planned


class RNN(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(2, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1])


def batch(n=32, length=12):
    values = torch.rand(n, length)
    marks = torch.zeros(n, length)
    first = torch.randint(0, length // 2, (n, 1))
    second = torch.randint(length // 2, length, (n, 1))
    marks.scatter_(1, first, 1.0).scatter_(1, second, 1.0)
    return torch.stack([values, marks], 2), (values * marks).sum(1, keepdim=True)


torch.set_num_threads(1)
torch.manual_seed(0)
model = RNN()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
scheduler = planned(optimizer)
tail = []
for i in range(600):
    x, y = batch()
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if scheduler:
        scheduler.step()
    if i % 100 == 0:
        print("iter", i, "mse", loss.item())
    if i >= 540:
        tail.append(loss.item())
print("final train loss %.6f" % (sum(tail) / len(tail)))
