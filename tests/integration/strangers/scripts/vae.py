"""A variational autoencoder; the loss is the sum over pixels and the divergence, some hundreds."""
import argparse

import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F

from planned import planned

parser = argparse.ArgumentParser(description="VAE")
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--epochs", type=int, default=14)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--schedule")
args = parser.parse_args()
torch.manual_seed(args.seed)
torch.set_num_threads(1)


def stripes(n):
    g = torch.Generator().manual_seed(3)
    yy, xx = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    angle, phase = 3.14159 * torch.rand(n, 1, 1, generator=g), 6.28 * torch.rand(n, 1, 1, generator=g)
    return torch.sigmoid(4 * torch.sin(1.1 * (xx * torch.cos(angle) + yy * torch.sin(angle)) + phase))


class VAE(nn.Module):
    def __init__(self):
        super(VAE, self).__init__()
        self.fc1 = nn.Linear(144, 100)
        self.fc21 = nn.Linear(100, 8)
        self.fc22 = nn.Linear(100, 8)
        self.fc3 = nn.Linear(8, 100)
        self.fc4 = nn.Linear(100, 144)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        return mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 144))
        z = self.reparameterize(mu, logvar)
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 144), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


images = stripes(2560)
loader = torch.utils.data.DataLoader(images, batch_size=args.batch_size, shuffle=True)
model = VAE()
optimizer = optim.Adam(model.parameters(), lr=1e-3)
scheduler = planned(optimizer)
for epoch in range(1, args.epochs + 1):
    train_loss = 0
    for data in loader:
        optimizer.zero_grad()
        recon, mu, logvar = model(data)
        loss = loss_function(recon, data, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
        if scheduler:
            scheduler.step()
    print("====> Epoch: {} Average loss: {:.4f}".format(epoch, train_loss / len(images)))
print("final train loss %.4f" % (train_loss / len(images)))
