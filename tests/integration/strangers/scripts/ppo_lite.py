"""A short PPO: clipped objective, a value head, an entropy bonus, four epochs a rollout; a balancing task of its own."""
import torch
from torch import nn
from torch.distributions import Categorical

from planned import planned


class Balance:
    """Many poles at once: angle and speed; pushed left or right; an episode ends when one falls."""

    def __init__(self, n):
        self.n = n
        self.state = 0.1 * torch.randn(n, 2)
        self.steps = torch.zeros(n)

    def step(self, action):
        angle, speed = self.state.unbind(1)
        speed = speed + 0.12 * angle + 0.08 * (2.0 * action - 1) + 0.02 * torch.randn(self.n)
        angle = angle + 0.3 * speed
        self.state = torch.stack([angle, speed], 1)
        self.steps += 1
        done = (angle.abs() > 1) | (self.steps >= 60)
        lengths = self.steps[done].tolist()
        fresh = 0.1 * torch.randn(self.n, 2)
        self.state = torch.where(done[:, None], fresh, self.state)
        self.steps = torch.where(done, torch.zeros(self.n), self.steps)
        return self.state, torch.ones(self.n), done.float(), lengths


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
        self.pi, self.v = nn.Linear(32, 2), nn.Linear(32, 1)

    def forward(self, s):
        h = self.body(s)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)


torch.set_num_threads(1)
torch.manual_seed(0)
env, agent = Balance(16), ActorCritic()
optimizer = torch.optim.Adam(agent.parameters(), lr=3e-4, eps=1e-5)
scheduler = planned(optimizer)
history = []
for iteration in range(40):
    S, A, L, R, D, V = [], [], [], [], [], []
    for t in range(32):
        state = env.state
        with torch.no_grad():
            pi, value = agent(state)
            action = pi.sample()
        _, reward, done, lengths = env.step(action.float())
        history += lengths
        for kept, item in zip((S, A, L, R, D, V), (state, action, pi.log_prob(action), reward, done, value)):
            kept.append(item)
    with torch.no_grad():
        last = agent(env.state)[1]
    advantages, running = [], torch.zeros(16)
    for t in reversed(range(32)):
        following = last if t == 31 else V[t + 1]
        delta = R[t] / 10 + 0.97 * following * (1 - D[t]) - V[t]
        running = delta + 0.97 * 0.95 * (1 - D[t]) * running
        advantages.insert(0, running)
    s, a, logp = torch.cat(S), torch.cat(A), torch.cat(L)
    adv, v = torch.cat(advantages), torch.cat(V)
    target = adv + v
    adv = (adv - adv.mean()) / (adv.std() + 1e-8)
    for epoch in range(4):
        for b in torch.randperm(512).split(128):
            pi, value = agent(s[b])
            ratio = (pi.log_prob(a[b]) - logp[b]).exp()
            policy_loss = -torch.min(ratio * adv[b], ratio.clamp(0.8, 1.2) * adv[b]).mean()
            value_loss = (value - target[b]).pow(2).mean()
            loss = policy_loss + 0.5 * value_loss - 0.01 * pi.entropy().mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()
            if scheduler:
                scheduler.step()
    if iteration % 5 == 0:
        print("iteration %d: mean episode length %.1f" % (iteration, sum(history[-64:]) / max(1, len(history[-64:]))))
print("final train return %.3f" % (sum(history[-64:]) / len(history[-64:])))
