# SPDX-License-Identifier: MIT
# No functions, a scheduler that is stepped by the epoch.
import observe
import torch

torch.manual_seed(0)
model = observe.model()
criterion = torch.nn.CrossEntropyLoss()
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.1)
for epoch in range(20):
    for x, y in observe.batches(5):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        observe.loss(loss)
        optimizer.step()
    scheduler.step()
