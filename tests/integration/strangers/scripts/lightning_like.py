"""A module with training_step and configure_optimizers, a trainer that calls them, and a CSV logger with versions."""
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from planned import planned


def shapes(n, seed):
    """Bars and boxes of six kinds in 12 x 12 images, with noise."""
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 6, (n,), generator=g)
    x = 0.7 * torch.randn(n, 1, 12, 12, generator=g)
    for k in range(n):
        a, b = torch.randint(1, 7, (2,), generator=g).tolist()
        image, kind = x[k, 0], int(y[k])
        if kind == 0:
            image[a, 2:10] += 1.5
        elif kind == 1:
            image[2:10, b] += 1.5
        elif kind == 2:
            image[a:a + 4, b:b + 4] += 1.2
        elif kind == 3:
            image[a, b:b + 5] += 1.5
            image[a:a + 5, b] += 1.5
        elif kind == 4:
            image[a:a + 5, b:b + 5] += 1.8 * torch.eye(5)
        else:
            image[a:a + 5, b:b + 5] += 1.8 * torch.eye(5).flip(0)
    return TensorDataset(x, y)


class LitModule(nn.Module):
    def log(self, name, value):
        self.trainer.logged[name] = float(value)


class LitClassifier(LitModule):
    def __init__(self, lr=1e-3):
        super().__init__()
        self.lr = lr
        self.net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
                                 nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16 * 9, 6))

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        return (self(x).argmax(1) == y).float().mean()

    def configure_optimizers(self):
        optimizer = torch.optim.Adam(self.parameters(), lr=self.lr)
        scheduler = planned(optimizer) or torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


class CSVLogger:
    def __init__(self, root="lightning_logs"):
        os.makedirs(root, exist_ok=True)
        self.folder = os.path.join(root, "version_%d" % len(os.listdir(root)))
        os.makedirs(os.path.join(self.folder, "checkpoints"))
        self.file = open(os.path.join(self.folder, "metrics.csv"), "w")
        self.file.write("epoch,step,train_loss,val_acc\n")

    def write(self, epoch, step, train_loss, val_acc):
        self.file.write("%d,%d,%s,%s\n" % (epoch, step, train_loss, val_acc))
        self.file.flush()


class Trainer:
    def __init__(self, max_epochs):
        self.max_epochs, self.logged, self.global_step = max_epochs, {}, 0

    def fit(self, module, train_loader, val_loader):
        module.trainer = self
        logger = CSVLogger()
        configured = module.configure_optimizers()
        optimizer, scheduler = configured["optimizer"], configured["lr_scheduler"]["scheduler"]
        for epoch in range(self.max_epochs):
            module.train()
            for batch_idx, batch in enumerate(train_loader):
                def closure():
                    loss = module.training_step(batch, batch_idx)
                    optimizer.zero_grad()
                    loss.backward()
                    return loss
                optimizer.step(closure)
                scheduler.step()
                self.global_step += 1
                if self.global_step % 10 == 0:
                    logger.write(epoch, self.global_step, self.logged["train_loss"], "")
            module.eval()
            with torch.no_grad():
                scores = [module.validation_step(batch, k) for k, batch in enumerate(val_loader)]
            self.score = float(torch.stack(scores).mean())
            logger.write(epoch, self.global_step, "", self.score)
            torch.save({"state_dict": module.state_dict(), "epoch": epoch},
                       os.path.join(logger.folder, "checkpoints", "last.ckpt"))


def main():
    torch.manual_seed(7)
    module = LitClassifier()
    trainer = Trainer(max_epochs=10)
    trainer.fit(module, DataLoader(shapes(1280, 0), batch_size=32, shuffle=True),
                DataLoader(shapes(600, 1), batch_size=600))
    print("final val accuracy %.4f" % trainer.score)


if __name__ == "__main__":
    main()
