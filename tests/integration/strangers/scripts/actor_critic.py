"""Actor and critic with an optimizer each and a loss each: a bandit with contexts, whose rewards are noisy."""
import torch
from torch import nn
from torch.distributions import Categorical

from planned import planned

torch.manual_seed(11)
torch.set_num_threads(1)
best_arm = torch.randn(6, 5)
actor = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 5))
critic = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))
actor_optimizer = torch.optim.Adam(actor.parameters(), lr=3e-3)
critic_optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)
schedulers = [s for s in (planned(actor_optimizer), planned(critic_optimizer)) if s]
regrets = []
for update in range(500):
    state = torch.randn(64, 6)
    value_of_arm = torch.tanh(state @ best_arm)
    distribution = Categorical(logits=actor(state))
    action = distribution.sample()
    expected = value_of_arm.gather(1, action[:, None]).squeeze(1)
    reward = expected + 0.3 * torch.randn(64)
    value = critic(state).squeeze(1)
    advantage = reward - value
    critic_loss = advantage.pow(2).mean()
    critic_optimizer.zero_grad()
    critic_loss.backward()
    critic_optimizer.step()
    actor_loss = -(distribution.log_prob(action) * advantage.detach()).mean() - 0.005 * distribution.entropy().mean()
    actor_optimizer.zero_grad()
    actor_loss.backward()
    actor_optimizer.step()
    for s in schedulers:
        s.step()
    regrets.append(expected.mean().item())
    if update % 50 == 0:
        print(f"{update}: actor {actor_loss.item():.4f} critic {critic_loss.item():.4f} reward {reward.mean():.3f}")
print("final train return %.4f" % (sum(regrets[-50:]) / 50))
