# SPDX-License-Identifier: MIT
# A generator and a smaller discriminator in turns, at different rates; the discriminator's loss comes in two parts.
import observe
import torch

torch.manual_seed(2)
generator, discriminator = observe.model(4, 32, 2), observe.model(2, 8, 1)
optimizer_g = observe.rates(torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.5, 0.999)), "generator")
optimizer_d = observe.rates(torch.optim.Adam(discriminator.parameters(), lr=4e-4, betas=(0.5, 0.999)), "discriminator")
criterion = torch.nn.BCEWithLogitsLoss()
one, zero = torch.ones(16, 1), torch.zeros(16, 1)
for step in range(300):
    optimizer_g.zero_grad()
    optimizer_d.zero_grad()
    real, noise = torch.randn(16, 2) + 3, torch.randn(16, 4)
    fake = generator(noise)
    criterion(discriminator(real), one).backward()
    criterion(discriminator(fake.detach()), zero).backward()
    optimizer_d.step()
    if step % 2 == 1:
        loss = criterion(discriminator(fake), one)
        loss.backward()
        observe.loss(loss)
        optimizer_g.step()
