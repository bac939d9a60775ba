"""Right answers to the exercise `regularization`, written in other ways. Each must keep all its points."""

import torch
import torch.nn.functional as F

from coursekit.exercise import variant


@variant("penalised", "a-loop")
def penalised(parameters, gradients, strength):
    result = []
    for i in range(len(parameters)):
        if len(parameters[i].shape) >= 2:
            result.append(gradients[i] + strength * (parameters[i] + parameters[i]))
        else:
            result.append(gradients[i])
    return result


@variant("penalised", "a-strength-for-each")
def penalised(parameters, gradients, strength):
    strengths = [strength if p.dim() > 1 else 0.0 for p in parameters]
    return [g.add(p, alpha=2 * s) for p, g, s in zip(parameters, gradients, strengths, strict=True)]


@variant("dropout", "where")
def dropout(x, p, noise, training):
    if not training or p == 0:
        return x.clone()
    scaled = x / (1 - p) if p < 1 else x
    return torch.where(noise < p, torch.zeros_like(x), scaled)


@variant("dropout", "masked-fill")
def dropout(x, p, noise, training):
    if training:
        keep = 1 - p
        return (x / max(keep, 1e-12)).masked_fill(noise < p, 0.0)
    return x


@variant("dropout", "mask-times-scale")
def dropout(x, p, noise, training):
    mask = torch.ones_like(x)
    if training:
        mask[noise < p] = 0.0
        if p < 1:
            mask = mask / (1 - p)
    return x * mask


@variant("batch_norm", "sums-by-hand")
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    def across(values):
        return values.reshape(1, -1, 1, 1)

    if training:
        n = x.shape[0] * x.shape[2] * x.shape[3]
        mean = x.sum(dim=(0, 2, 3)) / n
        squares = ((x - across(mean)) ** 2).sum(dim=(0, 2, 3))
        var = squares / n
        new_mean = running_mean + momentum * (mean - running_mean)
        new_var = running_var + momentum * (squares / (n - 1) - running_var)
    else:
        mean, var, new_mean, new_var = running_mean, running_var, running_mean, running_var
    normal = (x - across(mean)) / torch.sqrt(across(var) + eps)
    return across(gamma) * normal + across(beta), new_mean, new_var


@variant("batch_norm", "channels-last")
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    rows = x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])
    if training:
        mean, var = rows.mean(0), rows.var(0, unbiased=False)
        new_mean = torch.lerp(running_mean, mean, momentum)
        new_var = torch.lerp(running_var, rows.var(0), momentum)
    else:
        mean, var, new_mean, new_var = running_mean, running_var, running_mean.clone(), running_var.clone()
    rows = (rows - mean) * torch.rsqrt(var + eps) * gamma + beta
    b, _, h, w = x.shape
    return rows.reshape(b, h, w, -1).permute(0, 3, 1, 2), new_mean, new_var


@variant("batch_norm", "channel-by-channel")
def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    y, new_mean, new_var = torch.empty_like(x), running_mean.clone(), running_var.clone()
    for c in range(x.shape[1]):
        values = x[:, c]
        mean, var = running_mean[c], running_var[c]
        if training:
            mean, var = values.mean(), values.var(correction=0)
            new_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean
            new_var[c] = (1 - momentum) * running_var[c] + momentum * values.var()
        y[:, c] = gamma[c] * (values - mean) / (var + eps) ** 0.5 + beta[c]
    return y, new_mean, new_var


@variant("fold", "by-a-diagonal-matrix")
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    scale = torch.diag(gamma * (var + eps) ** -0.5)
    return scale @ weight, scale @ (bias - mean) + beta


@variant("fold", "by-probing")
def fold(weight, bias, gamma, beta, mean, var, eps=1e-5):
    def run(x):
        return gamma * (F.linear(x, weight, bias) - mean) / torch.sqrt(var + eps) + beta

    n = weight.shape[1]
    new_bias = run(torch.zeros(1, n, dtype=weight.dtype))[0]
    return (run(torch.eye(n, dtype=weight.dtype)) - new_bias).T, new_bias


@variant("diagnosis", "by-keyword")
def diagnosis():
    return {"D": "underfitting", "C": "fine", "B": "overfitting", "A": "rate"}


@variant("diagnosis", "by-pairs")
def diagnosis():
    return dict(zip("ABCD", ("rate", "overfitting", "fine", "underfitting"), strict=True))
