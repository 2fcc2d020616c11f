"""REINFORCE on a corridor: walk right to the goal, with a return that falls with each step; episodes are played by the
policy of the moment."""
import torch
from torch import nn
from torch.distributions import Categorical

from planned import planned

torch.set_num_threads(1)
torch.manual_seed(543)
LENGTH, EPISODES, GAMMA = 9, 16, 0.97
policy = nn.Sequential(nn.Linear(LENGTH, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
scheduler = planned(optimizer)
returns_seen = []
for update in range(300):
    place = torch.randint(0, LENGTH - 2, (EPISODES,))
    alive = torch.ones(EPISODES, dtype=torch.bool)
    log_probs, rewards, masks = [], [], []
    for t in range(24):
        action_distribution = Categorical(logits=policy(nn.functional.one_hot(place, LENGTH).float()))
        action = action_distribution.sample()
        slip = torch.rand(EPISODES) < 0.1
        move = torch.where(slip, torch.zeros_like(action), action - 1)
        place = (place + move).clamp(0, LENGTH - 1)
        reached = place == LENGTH - 1
        log_probs.append(action_distribution.log_prob(action))
        rewards.append((reached.float() * 1.0 - 0.04) * alive)
        masks.append(alive.float())
        alive = alive & ~reached
    R, returns = torch.zeros(EPISODES), []
    for r in reversed(rewards):
        R = r + GAMMA * R
        returns.insert(0, R)
    returns, masks = torch.stack(returns), torch.stack(masks)
    advantage = (returns - returns[masks > 0].mean()) / (returns[masks > 0].std() + 1e-6)
    policy_loss = -(torch.stack(log_probs) * advantage * masks).sum() / masks.sum()
    optimizer.zero_grad()
    policy_loss.backward()
    optimizer.step()
    if scheduler:
        scheduler.step()
    returns_seen.append(torch.stack(rewards).sum(0).mean().item())
    if update % 20 == 0:
        print("Update {}\tLast return: {:.3f}".format(update, returns_seen[-1]))
print("final train return %.4f" % (sum(returns_seen[-20:]) / 20))
