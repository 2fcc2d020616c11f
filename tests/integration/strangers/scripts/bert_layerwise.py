"""Fine-tuning a small pretrained encoder with layer-wise decay of the rate and groups without weight decay."""
import os

import torch
from torch import nn

from planned import planned


class Layer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.attention = nn.MultiheadAttention(d, 2, batch_first=True)
        self.LayerNorm1 = nn.LayerNorm(d)
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        self.LayerNorm2 = nn.LayerNorm(d)

    def forward(self, h):
        h = self.LayerNorm1(h + self.attention(h, h, h, need_weights=False)[0])
        return self.LayerNorm2(h + self.down(nn.functional.gelu(self.up(h))))


class Encoder(nn.Module):
    def __init__(self, words=40, length=12, d=32, layers=3):
        super().__init__()
        self.embeddings = nn.Embedding(words, d)
        self.positions = nn.Parameter(0.02 * torch.randn(length, d))
        self.layer = nn.ModuleList(Layer(d) for _ in range(layers))

    def forward(self, ids):
        h = self.embeddings(ids) + self.positions
        for layer in self.layer:
            h = layer(h)
        return h


class ForClassification(nn.Module):
    def __init__(self, encoder, classes):
        super().__init__()
        self.encoder, self.classifier = encoder, nn.Linear(32, classes)

    def forward(self, ids):
        return self.classifier(self.encoder(ids).mean(1))


def groups(model, lr, decay=0.7, weight_decay=0.01):
    """The head has the full rate, each layer below a smaller one."""
    n = len(model.encoder.layer)
    result = []
    for name, p in model.named_parameters():
        if name.startswith("classifier"):
            depth = 0
        elif name.startswith("encoder.layer."):
            depth = n - int(name.split(".")[2])
        else:
            depth = n + 1
        plain = name.endswith("bias") or "LayerNorm" in name
        result.append({"params": [p], "lr": lr * decay ** depth, "weight_decay": 0.0 if plain else weight_decay})
    return result


def pretrained(path="pretrained.pt"):
    """Masked-word training of a moment; kept in a file."""
    encoder = Encoder()
    if os.path.exists(path):
        encoder.load_state_dict(torch.load(path))
        return encoder
    head = nn.Linear(32, 40)
    optimizer = torch.optim.Adam(list(encoder.parameters()) + list(head.parameters()), lr=2e-3)
    for _ in range(300):
        ids = chains(32)
        masked = torch.where(torch.rand(ids.shape) < 0.2, torch.zeros_like(ids), ids)
        loss = nn.functional.cross_entropy(head(encoder(masked)).flatten(0, 1), ids.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.save(encoder.state_dict(), path)
    return encoder


def chains(n):
    """Sequences in which a word is followed by the next one of its family."""
    start = torch.randint(1, 40, (n, 1))
    stride = 1 + start % 3
    return (start + stride * torch.arange(12)) % 39 + 1


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    encoder = pretrained()
    torch.manual_seed(1)
    ids = chains(1200)
    noisy = torch.where(torch.rand(ids.shape) < 0.35, torch.randint(1, 40, ids.shape), ids)
    labels = ids[:, 0] % 3
    model = ForClassification(encoder, 3)
    optimizer = torch.optim.AdamW(groups(model, lr=1e-3), lr=1e-3)
    scheduler = planned(optimizer) or torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: max(0.0, 1 - k / 360))
    model.train()
    for epoch in range(12):
        for batch in torch.randperm(960).split(32):
            loss = nn.functional.cross_entropy(model(noisy[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
        print("epoch %d, loss %.4f" % (epoch, loss.item()))
    model.eval()
    with torch.no_grad():
        print("final train loss %.5f"
              % nn.functional.cross_entropy(model(noisy[:960]), labels[:960]).item())


if __name__ == "__main__":
    main()
