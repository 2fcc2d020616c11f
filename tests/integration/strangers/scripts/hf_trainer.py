"""A trainer class with arguments, callbacks, gradient accumulation and trainer_state.json, as libraries of transformers
have it. A bag-of-words classifier of made-up sentences."""
import json
import os
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from planned import planned


@dataclass
class TrainingArguments:
    output_dir: str = "output"
    learning_rate: float = 5e-5
    num_train_epochs: int = 12
    per_device_train_batch_size: int = 16
    gradient_accumulation_steps: int = 2
    warmup_ratio: float = 0.1
    weight_decay: float = 0.01
    logging_steps: int = 20
    save_steps: int = 100
    seed: int = 42


@dataclass
class TrainerState:
    global_step: int = 0
    max_steps: int = 0
    log_history: list = field(default_factory=list)


class TrainerCallback:
    def on_step_end(self, args, state, **kwargs):
        pass

    def on_epoch_end(self, args, state, **kwargs):
        pass


class StateWriter(TrainerCallback):
    def on_epoch_end(self, args, state, **kwargs):
        os.makedirs(args.output_dir, exist_ok=True)
        with open(os.path.join(args.output_dir, "trainer_state.json"), "w") as file:
            json.dump({"global_step": state.global_step, "max_steps": state.max_steps,
                       "log_history": state.log_history}, file, indent=2)


class CheckpointSaver(TrainerCallback):
    def on_step_end(self, args, state, model=None, **kwargs):
        if state.global_step % args.save_steps == 0:
            folder = os.path.join(args.output_dir, "checkpoint-%d" % state.global_step)
            os.makedirs(folder, exist_ok=True)
            torch.save(model.state_dict(), os.path.join(folder, "pytorch_model.bin"))


class Sentences(Dataset):
    """The label is the topic whose words are the most frequent."""

    def __init__(self, n, seed):
        generator = torch.Generator().manual_seed(seed)
        self.labels = torch.randint(0, 4, (n,), generator=generator)
        words = torch.randint(0, 200, (n, 24), generator=generator)
        own = self.labels[:, None] * 50 + torch.randint(0, 50, (n, 24), generator=generator)
        self.words = torch.where(torch.rand(n, 24, generator=generator) < 0.25, own, words)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {"input_ids": self.words[i], "labels": self.labels[i]}


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = nn.Embedding(200, 48)
        self.LayerNorm = nn.LayerNorm(48)
        self.dense = nn.Linear(48, 48)
        self.classifier = nn.Linear(48, 4)

    def forward(self, input_ids, labels=None):
        h = self.LayerNorm(self.embeddings(input_ids)).mean(1)
        logits = self.classifier(torch.tanh(self.dense(h)))
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels)
        return {"loss": loss, "logits": logits}


class Trainer:
    def __init__(self, model, args, train_dataset, eval_dataset, callbacks=()):
        self.model, self.args = model, args
        self.train_dataset, self.eval_dataset = train_dataset, eval_dataset
        self.callbacks = list(callbacks)
        self.state = TrainerState()

    def create_optimizer_and_scheduler(self, steps):
        decay = [p for n, p in self.model.named_parameters() if "bias" not in n and "LayerNorm" not in n]
        rest = [p for n, p in self.model.named_parameters() if "bias" in n or "LayerNorm" in n]
        self.optimizer = torch.optim.AdamW(
            [{"params": decay, "weight_decay": self.args.weight_decay}, {"params": rest, "weight_decay": 0.0}],
            lr=self.args.learning_rate)
        warmup = int(steps * self.args.warmup_ratio)

        def factor(step):
            return step / max(1, warmup) if step < warmup else max(0.0, (steps - step) / max(1, steps - warmup))

        self.lr_scheduler = planned(self.optimizer) or torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)

    def training_step(self, inputs):
        loss = self.model(**inputs)["loss"] / self.args.gradient_accumulation_steps
        loss.backward()
        return loss.detach()

    def train(self):
        torch.manual_seed(self.args.seed)
        loader = DataLoader(self.train_dataset, self.args.per_device_train_batch_size, shuffle=True, drop_last=True)
        self.state.max_steps = len(loader) // self.args.gradient_accumulation_steps * self.args.num_train_epochs
        self.create_optimizer_and_scheduler(self.state.max_steps)
        running = 0.0
        for epoch in range(self.args.num_train_epochs):
            self.model.train()
            for i, inputs in enumerate(loader):
                running += self.training_step(inputs).item()
                if (i + 1) % self.args.gradient_accumulation_steps:
                    continue
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.optimizer.step()
                self.lr_scheduler.step()
                self.optimizer.zero_grad()
                self.state.global_step += 1
                if self.state.global_step % self.args.logging_steps == 0:
                    self.state.log_history.append({
                        "epoch": epoch + i / len(loader), "learning_rate": self.lr_scheduler.get_last_lr()[0],
                        "loss": round(running / self.args.logging_steps, 4), "step": self.state.global_step})
                    running = 0.0
                for callback in self.callbacks:
                    callback.on_step_end(self.args, self.state, model=self.model)
            self.state.log_history.append(dict(self.evaluate(), epoch=epoch + 1, step=self.state.global_step))
            for callback in self.callbacks:
                callback.on_epoch_end(self.args, self.state)
        return self.state

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        right = total = 0
        loss = 0.0
        for inputs in DataLoader(self.eval_dataset, 128):
            out = self.model(**inputs)
            right += (out["logits"].argmax(1) == inputs["labels"]).sum().item()
            loss += out["loss"].item() * len(inputs["labels"])
            total += len(inputs["labels"])
        return {"eval_loss": loss / total, "eval_accuracy": right / total}


if __name__ == "__main__":
    torch.manual_seed(42)
    trainer = Trainer(Classifier(), TrainingArguments(), Sentences(1024, 1), Sentences(512, 2),
                      [StateWriter(), CheckpointSaver()])
    trainer.train()
    print("final val accuracy %.4f" % trainer.evaluate()["eval_accuracy"])
