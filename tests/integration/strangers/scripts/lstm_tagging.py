"""Tagging of sequences of various lengths: packed sequences, a bidirectional LSTM, padding ignored by the loss."""
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

from planned import planned


def make(n, seed):
    """The tag of a token is whether it is larger than the one two before it."""
    g = torch.Generator().manual_seed(seed)
    examples = []
    for _ in range(n):
        tokens = torch.randint(1, 20, (int(torch.randint(4, 16, (1,), generator=g)),), generator=g)
        tags = torch.zeros_like(tokens)
        tags[2:] = (tokens[2:] > tokens[:-2]).long() + 1
        examples.append((tokens, tags))
    return examples


def collate(batch):
    tokens, tags = zip(*batch)
    lengths = torch.tensor([len(t) for t in tokens])
    return pad_sequence(tokens, batch_first=True), pad_sequence(tags, batch_first=True, padding_value=-100), lengths


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 24, batch_first=True, bidirectional=True)
        self.hidden2tag = nn.Linear(48, 3)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.hidden2tag(out)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    train = DataLoader(make(1280, 1), batch_size=32, shuffle=True, collate_fn=collate)
    valid = DataLoader(make(300, 2), batch_size=100, collate_fn=collate)
    model = Tagger()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    scheduler = planned(optimizer)
    criterion = nn.CrossEntropyLoss(ignore_index=-100)
    for epoch in range(10):
        model.train()
        for tokens, tags, lengths in train:
            loss = criterion(model(tokens, lengths).transpose(1, 2), tags)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            if scheduler:
                scheduler.step()
        model.eval()
        right = total = 0
        with torch.no_grad():
            for tokens, tags, lengths in valid:
                mask = tags != -100
                right += (model(tokens, lengths).argmax(-1)[mask] == tags[mask]).sum().item()
                total += mask.sum().item()
        print("epoch %d loss %.4f accuracy %.4f" % (epoch, loss.item(), right / total))
    print("final val accuracy %.4f" % (right / total))


if __name__ == "__main__":
    main()
