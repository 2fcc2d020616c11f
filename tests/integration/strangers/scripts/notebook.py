#!/usr/bin/env python
# coding: utf-8

# # Predicting wine quality from made-up measurements

# In[1]:


import torch
import torch.nn as nn
import torch.optim as optim

from planned import planned

torch.manual_seed(42)


# In[2]:


n = 1500
X = torch.randn(n, 11)
X[:, 3] = X[:, 3].exp()
X[:, 7] = 100 + 20 * X[:, 7]
X = (X - X.mean(0)) / X.std(0)
quality = 0.5 * X[:, 0] - 0.8 * X[:, 1] * X[:, 2] + 0.6 * torch.tanh(2 * X[:, 3]) + 0.3 * X[:, 10].abs()
y = (quality[:, None] - quality.mean()) / quality.std() + 0.2 * torch.randn(n, 1)
X_train, X_test, y_train, y_test = X[:1200], X[1200:], y[:1200], y[1200:]
X_train.shape, X_test.shape


# In[3]:


class WineNet(nn.Module):
    def __init__(self):
        super(WineNet, self).__init__()
        self.fc1 = nn.Linear(11, 48)
        self.fc2 = nn.Linear(48, 24)
        self.fc3 = nn.Linear(24, 1)
        self.act = nn.LeakyReLU(0.1)

    def forward(self, x):
        return self.fc3(self.act(self.fc2(self.act(self.fc1(x)))))


net = WineNet()
net


# In[4]:


criterion = nn.L1Loss()
optimizer = optim.NAdam(net.parameters(), lr=0.002)
scheduler = planned(optimizer)
losses = []


# In[5]:


for epoch in range(25):
    perm = torch.randperm(1200)
    for k in range(0, 1200, 50):
        optimizer.zero_grad()
        loss = criterion(net(X_train[perm[k:k + 50]]), y_train[perm[k:k + 50]])
        loss.backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        losses.append(loss.item())
    if epoch % 5 == 0:
        print("Epoch", epoch, "loss", losses[-1])


# In[6]:


with torch.no_grad():
    print("final train loss %.5f" % criterion(net(X_train), y_train).item())
