"""A graph convolution by a dense, normalised adjacency; all nodes in one batch, few labels (transductive)."""
import torch
import torch.nn.functional as F
from torch import nn

from planned import planned

torch.set_num_threads(1)
torch.manual_seed(42)
g = torch.Generator().manual_seed(42)
N, C, D = 300, 5, 40
community = torch.arange(N) % C
same = community[:, None] == community[None]
edges = torch.rand(N, N, generator=g) < torch.where(same, torch.tensor(0.06), torch.tensor(0.012))
A = (edges | edges.t()).float().fill_diagonal_(1)
d = A.sum(1).rsqrt()
A_hat = d[:, None] * A * d[None]
features = 0.5 * torch.randn(C, D, generator=g)[community] + torch.randn(N, D, generator=g)
split = torch.randperm(N, generator=g)
train_nodes, val_nodes = split[:120], split[120:]


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1, self.w2 = nn.Linear(D, 16), nn.Linear(16, C)

    def forward(self, x):
        h = F.dropout(F.relu(A_hat @ self.w1(x)), 0.3, self.training)
        return F.log_softmax(A_hat @ self.w2(h), dim=1)


model = GCN()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
scheduler = planned(optimizer)
for epoch in range(500):
    model.train()
    optimizer.zero_grad()
    loss = F.nll_loss(model(features)[train_nodes], community[train_nodes])
    loss.backward()
    optimizer.step()
    if scheduler:
        scheduler.step()
    if epoch % 50 == 0:
        print("Epoch: {:04d} loss_train: {:.4f}".format(epoch + 1, loss.item()))
model.eval()
with torch.no_grad():
    print("final val accuracy %.4f" % (model(features).argmax(1)[val_nodes] == community[val_nodes]).float().mean().item())
