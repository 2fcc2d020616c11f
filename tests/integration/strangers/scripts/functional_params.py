"""No nn.Module at all: a dict of tensors, a forward function, losses written out."""
import torch

from planned import planned


def init(sizes, generator):
    params = {}
    for k, (i, o) in enumerate(zip(sizes, sizes[1:])):
        params["w%d" % k] = (torch.randn(i, o, generator=generator) * (2 / i) ** 0.5).requires_grad_()
        params["b%d" % k] = torch.zeros(o, requires_grad=True)
    return params


def forward(params, x, layers):
    for k in range(layers):
        x = x @ params["w%d" % k] + params["b%d" % k]
        if k < layers - 1:
            x = torch.relu(x)
    return x


def xent(logits, y):
    return (torch.logsumexp(logits, 1) - logits.gather(1, y[:, None]).squeeze(1)).mean()


def train(seed=0, updates=500, batch_size=50):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(15)
    x = torch.rand(2000, 4, generator=g) * 2 - 1
    y = ((torch.sin(4 * x[:, 0]) + x[:, 1] ** 2 > x[:, 2]).long() + 2 * (x[:, 3] * x[:, 0] > 0).long())
    params = init([4, 64, 64, 4], None)
    opt = torch.optim.SGD(list(params.values()), lr=0.1)
    sched = planned(opt)
    for t in range(updates):
        i = torch.randint(0, 2000, (batch_size,))
        loss = xent(forward(params, x[i], 3), y[i])
        for p in params.values():
            p.grad = None
        loss.backward()
        opt.step()
        if sched:
            sched.step()
        if t % 100 == 0:
            print(t, loss.item())
    with torch.no_grad():
        return xent(forward(params, x, 3), y).item()


print("final train loss %.5f" % train())
