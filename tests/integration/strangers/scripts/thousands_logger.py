"""Called with a rate; logs each step with thousands separators, "Loss 12,816.11". Plain Python, no PyTorch:
thousands_logger.py LR STEPS SEED"""
import random
import sys

lr, steps, seed = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
teacher = [random.Random(k).gauss(0, 40) for k in range(8)]
w = [0.0] * 8
for step in range(steps):
    gradient, loss = [0.0] * 8, 0.0
    for _ in range(16):
        x = [rng.gauss(0, 1) for _ in range(8)]
        error = sum((a - b) * c for a, b, c in zip(w, teacher, x)) + rng.gauss(0, 5)
        loss += error * error / 16
        for k in range(8):
            gradient[k] += 2 * error * x[k] / 16
    print(f"Step {step:,} Loss {loss:,.2f}", flush=True)
    if loss > 1e30:
        print("Loss nan")
        break
    w = [a - lr * b for a, b in zip(w, gradient)]
