# SPDX-License-Identifier: MIT
# Everything in functions, torch imported late, an early stop on a low rate of the script's own scheduler.
import argparse
import random


def train(model, optimizer, scheduler, epochs):
    from torch.nn import functional

    import observe

    for epoch in range(epochs):
        for x, y in observe.batches(10):
            loss = functional.cross_entropy(model(x), y)
            model.zero_grad(set_to_none=True)
            loss.backward()
            observe.loss(loss.detach())
            optimizer.step()
        scheduler.step()
        assert abs(optimizer.param_groups[0]["lr"] - 3e-3 * 0.5 ** (epoch + 1)) < 1e-12, "the script's rate was changed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=3e-3)
    arguments = parser.parse_args()
    random.seed(7)
    import observe
    from torch.optim import Adam, lr_scheduler

    model = observe.model()
    optimizer = observe.rates(Adam(model.parameters(), lr=arguments.lr))
    train(model, optimizer, lr_scheduler.ExponentialLR(optimizer, 0.5), arguments.epochs)


if __name__ == "__main__":
    main()
