namespace CacheProxy.Budget;

/// <summary>One budget's present window, for people and metrics.</summary>
public sealed record BudgetState
{
    public required string Name { get; init; }

    /// <summary>Name or id of the tenant, or the pattern of those that share it; null: everybody.</summary>
    public string? Tenant { get; init; }

    /// <summary>As <see cref="Tenant"/>. Where each user has a budget: a keyed hash, 16 hex digits; empty: requests that name none.</summary>
    public string? User { get; init; }

    /// <summary>As <see cref="Tenant"/>.</summary>
    public string? Model { get; init; }

    public required DateTimeOffset WindowStart { get; init; }

    public required DateTimeOffset WindowEnd { get; init; }

    /// <summary>Calls of the upstream; null: not limited.</summary>
    public BudgetUse? Requests { get; init; }

    /// <summary>Tokens of prompts and answers; null: not limited.</summary>
    public BudgetUse? Tokens { get; init; }

    /// <summary>In 1e-9 US dollars; null: not limited.</summary>
    public BudgetUse? Money { get; init; }

    /// <summary>Part of the limit that is nearest: 1 is all of it.</summary>
    public double UsedShare { get; init; }

    public double SoftShare { get; init; }

    public BudgetLevel Level { get; init; }

    /// <summary>Refuses what goes beyond it; false: it only warns.</summary>
    public bool IsHard { get; init; }

    /// <summary>All proxies that share Redis count in it; false: this one counts alone, for want of a Redis or while it cannot be reached.</summary>
    public bool IsShared { get; init; }

    /// <summary>Requests that this proxy refused in this window.</summary>
    public long Refused { get; init; }

    /// <summary>Calls of this proxy in this window that <see cref="Money"/> cannot see, because nobody knows their price.</summary>
    public long Unpriced { get; init; }
}
