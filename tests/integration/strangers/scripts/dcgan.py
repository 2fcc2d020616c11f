"""A small DCGAN: two networks, two Adams with beta1 0.5, alternating updates; samples are saved."""
import os

import torch
import torch.nn as nn

torch.set_num_threads(1)
torch.manual_seed(999)
nz, ngf, ndf, batch = 16, 8, 8, 32


def real_images(n):
    """Rings of various sizes."""
    g = torch.Generator().manual_seed(2)
    r = 2 + 4 * torch.rand(n, 1, 1, generator=g)
    yy, xx = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    d = ((yy - 7.5) ** 2 + (xx - 7.5) ** 2).sqrt()[None]
    return (2 * torch.exp(-((d - r) ** 2) / 1.5) - 1)[:, None]


def weights_init(m):
    name = m.__class__.__name__
    if name.find("Conv") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif name.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


netG = nn.Sequential(nn.ConvTranspose2d(nz, ngf * 2, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 2), nn.ReLU(True),
                     nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf), nn.ReLU(True),
                     nn.ConvTranspose2d(ngf, 1, 4, 2, 1, bias=False), nn.Tanh())
netD = nn.Sequential(nn.Conv2d(1, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
                     nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2, True),
                     nn.Conv2d(ndf * 2, 1, 4, 1, 0, bias=False), nn.Sigmoid())
netG.apply(weights_init)
netD.apply(weights_init)
criterion = nn.BCELoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
images = real_images(512)
fixed_noise = torch.randn(16, nz, 1, 1)
os.makedirs("samples", exist_ok=True)
for epoch in range(30):
    for i, index in enumerate(torch.randperm(512).split(batch)):
        netD.zero_grad()
        real = images[index]
        output = netD(real).view(-1)
        errD_real = criterion(output, torch.full((len(real),), 1.0))
        errD_real.backward()
        fake = netG(torch.randn(len(real), nz, 1, 1))
        errD_fake = criterion(netD(fake.detach()).view(-1), torch.full((len(real),), 0.0))
        errD_fake.backward()
        optimizerD.step()
        netG.zero_grad()
        errG = criterion(netD(fake).view(-1), torch.full((len(real),), 1.0))
        errG.backward()
        optimizerG.step()
        if i == 0:
            print("[%d/30] Loss_D: %.4f Loss_G: %.4f D(x): %.4f"
                  % (epoch, (errD_real + errD_fake).item(), errG.item(), output.mean().item()))
    with torch.no_grad():
        torch.save(netG(fixed_noise), "samples/epoch_%03d.pt" % epoch)
