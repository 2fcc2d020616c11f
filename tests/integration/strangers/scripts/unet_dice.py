"""Segmentation of blobs with a small U-Net and a Dice loss; the score is Dice."""
import torch
from torch import nn

from planned import planned


def double_conv(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class UNet(nn.Module):
    def __init__(self, c=6):
        super().__init__()
        self.down1, self.down2 = double_conv(1, c), double_conv(c, 2 * c)
        self.middle = double_conv(2 * c, 2 * c)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.merge2, self.merge1 = double_conv(4 * c, c), double_conv(2 * c, c)
        self.out = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(nn.functional.max_pool2d(a, 2))
        m = self.up(self.middle(nn.functional.max_pool2d(b, 2)))
        m = self.up(self.merge2(torch.cat([m, b], 1)))
        return self.out(self.merge1(torch.cat([m, a], 1)))


def dice(logits, mask, eps=1.0):
    p = torch.sigmoid(logits)
    inter = (p * mask).sum((1, 2, 3))
    return ((2 * inter + eps) / (p.sum((1, 2, 3)) + mask.sum((1, 2, 3)) + eps)).mean()


def blobs(n, seed):
    g = torch.Generator().manual_seed(seed)
    yy, xx = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    cy, cx = 3 + 10 * torch.rand(2, n, 1, 1, generator=g)
    r = 2 + 3 * torch.rand(n, 1, 1, generator=g)
    mask = (((yy - cy) ** 2 + (xx - cx) ** 2) < r ** 2).float()[:, None]
    gradient = (xx * (torch.rand(n, 1, 1, generator=g) - 0.5) / 6)[:, None]
    return mask + gradient + 0.8 * torch.randn(n, 1, 16, 16, generator=g), mask


torch.manual_seed(0)
torch.set_num_threads(1)
x, mask = blobs(320, 0)
vx, vmask = blobs(100, 1)
net = UNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
scheduler = planned(optimizer)
step = 0
while step < 300:
    for b in torch.randperm(320).split(16):
        net.train()
        loss = 1 - dice(net(x[b]), mask[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        if scheduler:
            scheduler.step()
    net.eval()
    with torch.no_grad():
        score = dice(net(vx), vmask).item()
    print("step %d dice loss %.4f val dice %.4f" % (step, loss.item(), score))
print("final val dice %.5f" % score)
